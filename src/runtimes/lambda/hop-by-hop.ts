/** Headers of one connection (RFC 9110 §7.6.1), beside those that `Connection` names. */
const fixed: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Tells which headers are of one connection and go no further, `proxy-*` among them.
 * @param connection the value of `Connection`, if there is one
 */
export function hopByHop(connection: string | null): (name: string) => boolean {
  const named = new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return (name) => {
    const lower = name.toLowerCase();
    return fixed.has(lower) || lower.startsWith('proxy-') || named.has(lower);
  };
}
