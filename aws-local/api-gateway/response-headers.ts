/**
 * Headers a Lambda proxy integration cannot set: API Gateway sends them under another name, as its "important notes"
 * list them. So a challenge of the function itself reaches no caller; that of a gateway response does.
 * Whether a streamed answer is treated the same is not documented; it is, here.
 */
const remapped: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'server',
  'www-authenticate',
]);

/** Of one connection, and never passed on. */
const dropped: ReadonlySet<string> = new Set([
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers of a function's answer as the caller sees them. */
export function toCallerHeaders(headers: readonly (readonly [string, string])[]): [string, string][] {
  return headers
    .filter(([name]) => !dropped.has(name.toLowerCase()))
    .map(([name, value]) => [remapped.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, value]);
}
