import * as z from 'zod';

/** What of a request is HTTP's, the protocol's or the gateway's own, and so nobody's to set by a registration. */
const owned: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'via'],
  ...['accept', 'accept-encoding', 'accept-language', 'date', 'range', 'user-agent', 'origin', 'referer'],
  ...['cookie', 'cookie2', 'set-cookie', 'forwarded', 'last-event-id'],
  ...['x-request-id', 'traceparent', 'tracestate', 'baggage'],
  'x-amzn-bedrock-agentcore-runtime-session-id',
]);
/** `x-amz-` is the signer's; `x-amzn-` is not. */
const ownedFamilies = /^(?:a2a-|x-a2a-|content-|if-|proxy-|sec-|x-forwarded-|x-amz-)/;

/** Whether a credential may be sent under this name, which is a token (RFC 9110 §5.6.2). */
export function isFreeHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return !owned.has(lower) && !ownedFamilies.test(lower);
}

/** A name of a header or a query parameter, before it is known which. */
export const fieldName = z
  .string()
  .max(128)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be a token of RFC 9110');

/** A header of one's own choice, beside `Authorization`. */
export const customHeader = fieldName.refine(
  (name) => isFreeHeader(name) && name.toLowerCase() !== 'authorization',
  'must be a header that is not used otherwise',
);

/** A secret that goes into a header as it is: a line break in it would begin another header. */
export const headerSecret = z
  .string()
  .max(4_096)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'must be visible ASCII');
