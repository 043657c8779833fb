/** What a statement takes. Booleans are stored as 0 and 1; SQLite has none. */
export type SqlParameter = null | string | number | bigint | boolean | Uint8Array;

/** What libsql binds without a fault. */
export type BoundValue = Exclude<SqlParameter, boolean>;

const largestInteger = 2n ** 63n - 1n;
const smallestInteger = -(2n ** 63n);

/**
 * The parameters as libsql may be given them. Everything else is refused here because libsql ends the whole
 * process on some values (a boolean, a Date, a plain object) and quietly stores another value for the rest:
 * `undefined` and NaN become NULL, a lone surrogate becomes U+FFFD, a text is read back only up to its first NUL.
 *
 * @throws TypeError naming the position and kind, never the value
 */
export function toBound(parameters: readonly unknown[], expected: number): BoundValue[] {
  if (parameters.length !== expected) {
    throw new TypeError(`the statement takes ${expected} parameters, not ${parameters.length}`);
  }
  return parameters.map(toBoundValue);
}

function toBoundValue(value: unknown, index: number): BoundValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (isBindable(value)) return value;
  throw new TypeError(`parameter ${index + 1} cannot be stored: ${kindOf(value)}`);
}

function isBindable(value: unknown): value is BoundValue {
  switch (typeof value) {
    case 'string':
      return !value.includes('\0') && !/\p{Surrogate}/u.test(value);
    case 'number':
      return Number.isFinite(value);
    case 'bigint':
      return value >= smallestInteger && value <= largestInteger;
    default:
      return value === null || value instanceof Uint8Array;
  }
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'string with a NUL or a lone surrogate';
  if (typeof value === 'number') return 'number that is not finite';
  if (typeof value === 'bigint') return 'bigint beyond 64 bits';
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/**
 * How many parameters a statement takes. libsql does not tell, and a parameter left out keeps the value of the
 * call before it. Only plain `?` marks are used here; a numbered or named mark is refused.
 */
export function countMarks(sql: string): number {
  const bare = sql.replaceAll(/'[^']*'|"[^"]*"|--[^\n]*/g, '');
  if (/\?\d|[:@$][A-Za-z_]/.test(bare)) throw new TypeError('parameters are plain ? marks');
  return bare.split('?').length - 1;
}
