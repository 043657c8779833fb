import { type CardReader, type Found, memberPath } from './reader.ts';
import { wellFormed } from './text.ts';

/**
 * A copy that holds JSON and nothing else (`google.protobuf.Struct`); refuses one that nests deeper than `depth`. What is
 * none is dropped with a warning.
 */
export function copyJson(reader: CardReader, found: Found, depth: number): unknown {
  const { value } = found;
  if (typeof value === 'string') return wellFormed(value);
  // Adding zero turns -0, which JSON would not carry, into 0. 1e400 parses to an infinity.
  if (typeof value === 'number')
    return Number.isFinite(value) ? value + 0 : reader.warn(found, 'value_dropped');
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value !== 'object') return reader.warn(found, 'value_dropped');
  if (depth === 0) return reader.refuse(found, `must not nest deeper than ${reader.limits.maxParamsDepth}`);
  if (!Array.isArray(value)) return copyObject(reader, found, value, depth);
  return Array.from(value, (item: unknown, index) =>
    copyJson(reader, { value: item, path: `${found.path}/${index}` }, depth - 1),
  ).filter((item) => item !== undefined);
}

/** Assigning to `__proto__` would set the prototype; no honest extension has a member of that name. */
export function copyObject(
  reader: CardReader,
  found: Found,
  object: object,
  depth: number,
): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(object)) {
    const at = { value, path: memberPath(found.path, name) };
    const copy = name === '__proto__' ? reader.warn(at, 'value_dropped') : copyJson(reader, at, depth - 1);
    if (copy !== undefined) entries.push([wellFormed(name), copy]);
  }
  return Object.fromEntries(entries);
}
