/** How attackers spell a guarded member, so that the gateway reads one thing and the agent another. */

/** `{"a":{"b":inner}}` for `a.b`, the last name spelled by the test. */
export function nested(path: string, members: (name: string) => string): string {
  const [head = '', ...rest] = path.split('.');
  return rest.length === 0 ? `{${members(head)}}` : `{"${head}":${nested(rest.join('.'), members)}}`;
}

export const spellings: readonly [string, (name: string) => string][] = [
  [
    'snake case',
    (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^(?!.*_)/, '_'),
  ],
  [
    'kebab case',
    (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^(?!.*-)/, '-'),
  ],
  ['capitals', (name) => name.toUpperCase()],
  ['a capital', (name) => name.charAt(0).toUpperCase() + name.slice(1)],
  ['escapes', (name) => `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1).toUpperCase()}`],
  ['underscores around', (name) => `__${name}__`],
];

/** Members that give the last name of a path twice. */
export function twiceIn(path: string): string[] {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const escaped = `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
  return [
    `"${name}":"a","${name}":"b"`,
    `"${escaped}":"a","${name}":"b"`,
    `"${name}":"","x":0,"${escaped}":"b"`,
  ];
}
