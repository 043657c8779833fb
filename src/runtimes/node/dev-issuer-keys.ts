import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** Private RSA keys as a JWKS; the first one signs. */
export interface SigningKeys {
  keys: JWK[];
}

/**
 * The signing keys of the development issuer, kept in a file so that tokens survive a restart. Made at the first
 * call, readable by the owner alone; of two processes that start at once, the one that writes first wins.
 *
 * @throws Error when the file holds something else, rather than replace what may matter to someone
 */
export async function loadOrCreateSigningKeys(path: string): Promise<SigningKeys> {
  const existing = await readIfPresent(path);
  if (existing !== undefined) return parseSigningKeys(existing, path);
  await writeOnce(path, `${JSON.stringify({ keys: [await newSigningKey()] }, null, 2)}\n`);
  return parseSigningKeys(await readFile(path, 'utf8'), path);
}

async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg: 'RS256', use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A reader sees the whole file or none: it is complete, and on disk, before it gets its name. */
async function writeOnce(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${crypto.randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

function parseSigningKeys(text: string, path: string): SigningKeys {
  const refusal = () => new Error(`${path} holds no signing keys; remove it to have new ones made`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message would quote the file, which is secret.
    throw refusal();
  }
  if (!isSigningKeys(parsed)) throw refusal();
  return parsed;
}

function isSigningKeys(value: unknown): value is SigningKeys {
  if (typeof value !== 'object' || value === null || !('keys' in value)) return false;
  return Array.isArray(value.keys) && value.keys.length > 0 && value.keys.every(isPrivateRsaKey);
}

function isPrivateRsaKey(key: unknown): key is JWK {
  return typeof key === 'object' && key !== null && 'kty' in key && key.kty === 'RSA' && 'd' in key;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
