import fc from 'fast-check';

/** Texts of JSON as strangers write them: any white space, any escape, numbers no double holds. */

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n', '  ');

const numberText = fc.oneof(
  fc.constantFrom(
    '9007199254740993',
    '1.0',
    '1e400',
    '-0',
    '1E+2',
    '0.10',
    '-1e-400',
    '1.50',
    '123456789012345678901234567890',
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);

/** A text in JSON, some of its characters escaped. */
export const stringText = fc
  .array(fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.boolean()), { maxLength: 8 })
  .map((characters) => `"${characters.map(spelled).join('')}"`);

function spelled([character, isEscaped]: readonly [string, boolean]): string {
  if (!isEscaped) return JSON.stringify(character).slice(1, -1);
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** Names that no parser takes for one of A2A. */
const nameText = stringText.map((text) => `"x-${text.slice(1)}`);

/** A member's value. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(numberText, stringText, fc.constantFrom('true', 'false', 'null')),
    listText(tie('value')),
    objectText(fc.array(fc.tuple(nameText, tie('value')), { maxLength: 4 })),
  ),
})).value;

function listText(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(space, fc.array(value, { maxLength: 4 }), space)
    .map(([before, values, after]) => `[${before}${values.join(`${after},${before}`)}${after}]`);
}

/** An object of these members, given as name and value, both in JSON. */
export function objectText(
  members: fc.Arbitrary<readonly (readonly [name: string, value: string])[]>,
): fc.Arbitrary<string> {
  return fc.tuple(space, members, space, space).map(([before, pairs, between, after]) => {
    const texts = pairs.map(([name, value]) => `${name}${between}:${after}${value}`);
    return `{${before}${texts.join(`${after},${before}`)}${after}}`;
  });
}

/** An object that has these members, in any order and among others. */
export function objectWith(
  members: Readonly<Record<string, string | fc.Arbitrary<string>>>,
): fc.Arbitrary<string> {
  const given = Object.entries(members).map(([name, value]) =>
    fc.tuple(fc.constant(JSON.stringify(name)), typeof value === 'string' ? fc.constant(value) : value),
  );
  // Where the gateway looks at members, it takes none twice.
  const selector = ([name]: readonly [string, string]) => JSON.parse(name) as string;
  const others = fc.uniqueArray(fc.tuple(nameText, jsonText), { maxLength: 3, selector });
  const all = fc
    .tuple(fc.tuple(...given), others)
    .chain(([own, more]) => fc.shuffledSubarray([...own, ...more], { minLength: own.length + more.length }));
  return objectText(all);
}
