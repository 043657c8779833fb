import { LRUCache } from 'lru-cache';

const maxChars = 8_000_000;

/**
 * Numbers for texts, to stand for them in keys. Equal texts have one number as long as they are remembered; a number never
 * stands for another text, also after the text is forgotten.
 */
export function createNumbers(): (text: string) => number {
  const numbers = new LRUCache<string, number>({
    maxSize: maxChars,
    sizeCalculation: (_, text) => text.length,
  });
  let last = 0;
  return (text) => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    last += 1;
    numbers.set(text, last);
    return last;
  };
}
