/**
 * A DynamoDB item as plain values: texts, numbers, booleans, lists and records; a set is a list. What has no such form
 * (binary, or no attribute value at all) is undefined. Takes anything and never throws: the table is somebody else's.
 */
export function plainItem(item: unknown): Record<string, unknown> {
  if (!isRecord(item)) return {};
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (!isRecord(value)) return undefined;
  const { S, N, BOOL, NULL, L, M, SS } = value;
  if (typeof S === 'string') return S;
  if (typeof N === 'string') return Number(N);
  if (typeof BOOL === 'boolean') return BOOL;
  if (NULL === true) return null;
  if (Array.isArray(L)) return L.map(plainValue);
  if (isRecord(M)) return plainItem(M);
  if (Array.isArray(SS)) return [...SS];
  return undefined;
}

/** Whether a value has members to be looked at. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The texts of a list of nothing but texts. */
export function textsOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((entry): entry is string => typeof entry === 'string') ? [...value] : undefined;
}
