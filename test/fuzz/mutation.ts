import fc from 'fast-check';

/** Valid texts, made less valid. */

/** What often means something to a parser. */
const tokens = [
  ...['"', '{', '}', '[', ']', ':', ',', '\\', '/*', '//', '\ufeff', '\u2028', '\0', '\r\n\r\n', '\n', ' '],
  ...['\\u0000', '\\ud800', 'null', 'true', 'NaN', '-0', '1e999', '9007199254740993', '1'.repeat(400)],
  ...['"task_id":"x",', '"tenant":"t",', '"Tenant":"t",', '"id":"t-2",', '"id":[],', '"taskId":null,'],
  ...['"__proto__":{},', '"constructor":1,', '"jsonrpc":"1.0",', '"method":"GetTask",', '"params":[],'],
  ...[
    'data: ',
    'event: error\n',
    'id: \0\n',
    ':\n\n',
    '%00',
    '%2F',
    '%',
    '..',
    ':cancel',
    '?',
    '#',
    '&tenant=x',
  ],
];

interface Change {
  kind: 'insert' | 'delete' | 'replace' | 'repeat' | 'truncate' | 'nest' | 'value' | 'member' | 'bytes';
  /** Where, as a share of the length. */
  at: number;
  /** How much. */
  size: number;
  token: string;
  value: unknown;
  bytes: Uint8Array;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom<Change['kind']>(
    ...(['insert', 'delete', 'replace', 'repeat', 'truncate', 'nest', 'bytes'] as const),
    // What leaves the text JSON gets furthest.
    ...(['value', 'value', 'value', 'member', 'member'] as const),
  ),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  size: fc.integer({ min: 1, max: 40 }),
  token: fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: 'binary', maxLength: 6 })),
  value: fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>('', 't-1', null, [], {}, 0, -1, true),
  ),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
});

/** One of these texts, as it is or changed up to three times. */
export function mutated(seeds: readonly string[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 3 })).map(([seed, changes]) => {
    const bytes = changes.reduce<Buffer>(changed, Buffer.from(seed));
    return Uint8Array.from(bytes);
  });
}

function changed(before: Buffer, by: Change): Buffer {
  const at = Math.floor(by.at * before.length);
  const [head, cut, rest] = [
    before.subarray(0, at),
    before.subarray(at, at + by.size),
    before.subarray(at + by.size),
  ];
  switch (by.kind) {
    case 'insert':
      return Buffer.concat([head, Buffer.from(by.token), cut, rest]);
    case 'delete':
      return Buffer.concat([head, rest]);
    case 'replace':
      return Buffer.concat([head, Buffer.from(by.token), rest]);
    case 'repeat':
      return Buffer.concat([head, cut, cut, rest]);
    case 'truncate':
      return head;
    case 'bytes':
      return Buffer.concat([head, by.bytes, rest]);
    case 'nest':
      return Buffer.concat([head, Buffer.from('[{"a":'.repeat(by.size * 4)), cut, rest]);
    default:
      return Buffer.from(changedJson(before.toString(), by));
  }
}

/** Where the text is JSON, another value in place of one of its own, or a member more, be it a second of its name. */
function changedJson(text: string, { kind, at, size, token, value }: Change): string {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return text;
  }
  const holders = holdersIn(root);
  const holder = holders[Math.floor(at * holders.length)];
  if (holder === undefined) return JSON.stringify(value);
  const names = Object.keys(holder);
  const name = names[size % Math.max(names.length, 1)] ?? token;
  if (kind === 'value') {
    holder[name] = value;
    return JSON.stringify(root);
  }
  const mark = '"__mark__":0';
  Object.defineProperty(holder, '__mark__', { value: 0, enumerable: true });
  const member = `${JSON.stringify(size % 3 === 0 ? token : name)}:${JSON.stringify(value)}`;
  // The text of a function's replacement is taken as it is.
  return JSON.stringify(root).replace(mark, () => member);
}

/** Every object in a value, lists among them. */
function holdersIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>; // Of a list, the places are the names.
  return [holder, ...Object.values(holder).flatMap(holdersIn)];
}
