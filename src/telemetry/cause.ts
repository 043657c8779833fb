/**
 * An error as text for operators, its own causes included; depth-limited, because causes can be circular. What is no
 * error becomes text; undefined stays.
 */
export function causeOf(cause: unknown, depth = 0): unknown {
  if (!(cause instanceof Error)) return cause === undefined ? undefined : String(cause);
  const code = 'code' in cause ? cause.code : undefined;
  const inner = cause.cause === undefined || depth > 3 ? undefined : causeOf(cause.cause, depth + 1);
  return {
    name: cause.name,
    message: cause.message,
    code,
    stack: depth === 0 ? cause.stack : undefined,
    cause: inner,
  };
}
