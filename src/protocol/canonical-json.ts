import { isRecord } from './json.ts';

/**
 * A value in the canonical form of RFC 8785: no spaces, members sorted by the UTF-16 code units of their names, and
 * strings and numbers as JavaScript spells them, which is where that form comes from (§3.2.2). Absent members are left out.
 *
 * A number that no double holds is the double nearest to it, as the RFC's own readers have it (§3.2.2.3). Half of a
 * surrogate pair, which the RFC forbids, is escaped; nobody who keeps to it has signed such a text.
 *
 * @param value as `JSON.parse` gives it
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const names = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`).join()}}`;
}
