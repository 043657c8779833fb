import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether a notification was signed with the token, or else the credentials, of its configuration in the last 5 minutes. */
export function isGenuine(headers: Headers, body: string, secret: string): boolean {
  const [id, timestamp] = [headers.get('webhook-id'), headers.get('webhook-timestamp')];
  if (!(Math.abs(Date.now() / 1_000 - Number(timestamp)) < 300)) return false;
  const wanted = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  const given = headers.get('webhook-signature')?.split(' ') ?? [];
  const isEqual = (one: Buffer, other: Buffer) => one.length === other.length && timingSafeEqual(one, other);
  return given.some((signature) => isEqual(Buffer.from(signature), Buffer.from(`v1,${wanted}`)));
}
