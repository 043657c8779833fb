import { endOfString, nameAt, skipSpace } from './json.ts';

/** Whether any object of a text, at any depth, has two members of one name. The text must have come from {@link parseJson}. */
export function hasDuplicates(text: string): boolean {
  const objects: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{') objects.push(new Set());
    else if (character === '[') objects.push(undefined);
    else if (character === '}' || character === ']') objects.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const names = objects.at(-1);
      if (names !== undefined && text[skipSpace(text, end)] === ':') {
        const name = nameAt(text, at, end);
        if (names.has(name)) return true;
        names.add(name);
      }
      at = end - 1;
    }
  }
  return false;
}
