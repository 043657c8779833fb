import fc from 'fast-check';

/** What the members of A2A hold in either version, to build requests and answers of. */

export type JsonObject = Record<string, unknown>;
export type Objects = fc.Arbitrary<JsonObject>;

/** Members by name; those of `optional` may be missing and, in odd spellings, null. */
export type ObjectOf = (required: Members, optional?: Members) => Objects;
type Members = Record<string, fc.Arbitrary<unknown>>;

/** Any JSON but the one name that the libraries compared with do not carry. */
export const json: fc.Arbitrary<unknown> = fc
  .jsonValue({ maxDepth: 2 })
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

export const metadata: Objects = fc
  .dictionary(fc.string({ maxLength: 5 }), json, { maxKeys: 2 })
  .filter((value) => !Object.hasOwn(value, '__proto__'));

export const name = fc.stringMatching(/^[a-z]{1,6}$/);
export const text = fc.string({ maxLength: 8 });
export const count = fc.nat(200);
export const flag = fc.boolean();
export const bytes = fc.uint8Array({ maxLength: 5 }).map((value) => Buffer.from(value).toString('base64'));

export function some<T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(item, { maxLength: 2 });
}

/** As the specification has them: no null, and no member that it does not name. */
export const plainObject: ObjectOf = (required, optional = {}) =>
  fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) });

/** As peers may send them: null for absent, and members of their own on every level. */
export const oddObject: ObjectOf = (required, optional = {}) => {
  const nullable = Object.entries(optional).map(([member, value]): [string, fc.Arbitrary<unknown>] => [
    member,
    fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) }),
  ]);
  const own = fc.dictionary(fc.constantFrom('x-a', 'x-b', 'x_c', 'xD'), json, { maxKeys: 2 });
  return fc
    .tuple(own, plainObject(required, Object.fromEntries(nullable)))
    .map(([others, known]) => ({ ...others, ...known }));
};
