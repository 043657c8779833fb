import { fromBase64, toBase64 } from '../protocol/bytes.ts';
import type { PushBody } from './sealed.ts';
import type { CallerWebhook } from './webhook.ts';

/** One notification, as a receiver tells it from others. */
export interface Notification extends PushBody {
  deliveryId: string;
}

/**
 * The headers a receiver gets: whom the caller said it is for (`Authorization`, A2A §4.3.3; `X-A2A-Notification-Token`, as
 * SDKs of both versions send it), and those of Standard Webhooks 1.0.0: `webhook-id` is the same for each attempt,
 * `webhook-timestamp` is this attempt's, `webhook-signature` is there where the caller gave something to sign with.
 */
export async function notificationHeaders(
  { token, authentication: { scheme, credentials } = {} }: CallerWebhook,
  { deliveryId, contentType, body }: Notification,
  nowMs: number,
): Promise<Record<string, string>> {
  const timestamp = `${Math.floor(nowMs / 1_000)}`;
  const secret = token ?? credentials;
  return {
    'content-type': contentType,
    'webhook-id': deliveryId,
    'webhook-timestamp': timestamp,
    ...(secret !== undefined && {
      'webhook-signature': await signatureOf(`${deliveryId}.${timestamp}.${body}`, secret),
    }),
    ...(scheme !== undefined && credentials !== undefined && { authorization: `${scheme} ${credentials}` }),
    ...(token !== undefined && { 'x-a2a-notification-token': token }),
  };
}

const hmac = { name: 'HMAC', hash: 'SHA-256' };

async function signatureOf(text: string, secret: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', keyBytesOf(secret), hmac, false, ['sign']);
  const signature = await crypto.subtle.sign(hmac, key, new TextEncoder().encode(text));
  return `v1,${toBase64(new Uint8Array(signature))}`;
}

const standardSecret = 'whsec_';

/** The secret's own bytes; of one in the form of Standard Webhooks those it stands for, as receivers' libraries take it. */
function keyBytesOf(secret: string): Uint8Array<ArrayBuffer> {
  const decoded = secret.startsWith(standardSecret)
    ? fromBase64(secret.slice(standardSecret.length))
    : undefined;
  return decoded === undefined || decoded.length === 0
    ? new TextEncoder().encode(secret)
    : new Uint8Array(decoded);
}
