import { GatewayError } from '../failure.ts';
import type { Secrets } from '../ports.ts';
import { fromBase64Url, toBase64Url } from '../protocol/bytes.ts';

const keyBytes = 32;

/**
 * A key of 256 random bits among the secrets, made when it is first needed: of processes that need it at the same moment one
 * makes it.
 *
 * @throws what `Secrets` throws; GatewayError `store_unavailable` where another process's key does not show yet
 */
export async function keptKey(secrets: Secrets, name: string): Promise<Uint8Array<ArrayBuffer>> {
  return bytesOf((await secrets.get(name)) ?? (await made(secrets, name)));
}

/** The same where it has been made; undefined where it has not. */
export async function knownKey(secrets: Secrets, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const text = await secrets.get(name);
  return text === undefined ? undefined : bytesOf(text);
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64Url(text);
  if (bytes?.length !== keyBytes) throw new Error('a key among the secrets is not what was put');
  return bytes;
}

async function made(secrets: Secrets, name: string): Promise<string> {
  const text = toBase64Url(crypto.getRandomValues(new Uint8Array(keyBytes)));
  if (await secrets.create(name, text)) return text;
  const others = await secrets.get(name);
  // Secrets Manager may take a moment to show what another process has just made.
  if (others === undefined) throw new GatewayError({ code: 'store_unavailable' });
  return others;
}
