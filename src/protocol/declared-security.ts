import { copyJson } from './card/json-copy.ts';
import type { CardReader, Found } from './card/reader.ts';

/**
 * What a card says callers need, member by member as it has them: `securitySchemes` and `securityRequirements` of 1.0,
 * `securitySchemes`, `security` and `authentication` of 0.3. Empty where it says nothing. Does not check that any of it
 * is as the specification wants it, since the gateway publishes its own in its place.
 */
export type DeclaredSecurity = Readonly<Record<string, unknown>>;

/** UTF-16 code units of JSON. */
const maxLength = 16 * 1024;

/** Refuses what nests deeper than an extension's parameters may, and what is longer than 16 Ki characters of JSON. */
export function readDeclaredSecurity(
  reader: CardReader,
  members: Readonly<Record<string, Found>>,
): DeclaredSecurity {
  const declared: [string, unknown][] = [];
  for (const [name, found] of Object.entries(members)) {
    const copy =
      found.value === undefined ? undefined : copyJson(reader, found, reader.limits.maxParamsDepth);
    if (copy === undefined || isEmpty(copy)) continue;
    if (JSON.stringify(copy).length > maxLength)
      reader.refuse(found, `must have at most ${maxLength} characters`);
    declared.push([name, copy]);
  }
  return Object.fromEntries(declared);
}

/** ProtoJSON leaves out what is empty, and some writers do not. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
