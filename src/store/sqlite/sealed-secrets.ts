import type { Clock, Secrets } from '../../ports.ts';
import type { SqlDriver } from './driver.ts';

const keyBytes = 32;
/** NIST SP 800-38D §8.2.2: random nonces of 96 bits allow 2^32 secrets a key. */
const nonceBytes = 12;

/** A stored secret cannot be opened. The message names the secret and the key's id, never a key or what is stored. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

export interface SealedSecretsOptions {
  /** Of a store that is open: the table is the store's. */
  driver: SqlDriver;
  /** 32 bytes each. The first seals; all of them open, so a key is replaced by putting a new one before it. */
  keys: readonly Uint8Array[];
  clock: Clock;
}

/**
 * Secrets in the store's file, each sealed by AES-256-GCM under a fresh nonce. A secret's name is sealed with it: a
 * row copied under another name does not open. Putting a name again replaces its value and time.
 *
 * Names are kept in the clear. Does not hide a value's length, and cannot tell a row that was deleted, or replaced
 * by an earlier one of the same name, by someone who writes to the file.
 *
 * @throws TypeError at once for a key of another length or none; from `put` for a name with a NUL or lone surrogate
 * @throws UnsealError from `get`, when no loaded key fits or the row was changed
 */
export function createSealedSecrets({ driver, keys, clock }: SealedSecretsOptions): SealedSecrets {
  if (keys.length === 0) throw new TypeError('at least one sealing key is needed');
  if (keys.some((key) => key.length !== keyBytes)) throw new TypeError(`a sealing key has ${keyBytes} bytes`);
  return new SealedSecrets(driver, keys, clock);
}

interface SealedRow {
  key_id: string;
  nonce: Uint8Array<ArrayBuffer>;
  sealed: Uint8Array<ArrayBuffer>;
}

interface SealingKey {
  id: string;
  key: CryptoKey;
}

export class SealedSecrets implements Secrets {
  readonly #driver: SqlDriver;
  readonly #clock: Clock;
  readonly #keys: Promise<readonly SealingKey[]>;

  constructor(driver: SqlDriver, keys: readonly Uint8Array[], clock: Clock) {
    this.#driver = driver;
    this.#clock = clock;
    this.#keys = Promise.all(keys.map(importKey));
  }

  /**
   * Fails where a stored secret cannot be opened by any key at hand: a lost key file shows at the start, not at the
   * first call that needs the secret.
   * @throws UnsealError
   */
  async checkKeys(): Promise<void> {
    const loaded = new Set((await this.#keys).map(({ id }) => id));
    const used = this.#driver.all<{ key_id: string }>('SELECT DISTINCT key_id FROM secrets', []);
    const lost = used.filter(({ key_id }) => !loaded.has(key_id));
    if (lost.length === 0) return;
    throw new UnsealError(`stored secrets are sealed with key ${lost[0]?.key_id}, which is not loaded`);
  }

  async put(name: string, value: string): Promise<void> {
    await this.#write('INSERT OR REPLACE', name, value);
  }

  async create(name: string, value: string): Promise<boolean> {
    return (await this.#write('INSERT OR IGNORE', name, value)) === 1;
  }

  /** Answers how many rows it wrote. */
  async #write(
    insert: 'INSERT OR REPLACE' | 'INSERT OR IGNORE',
    name: string,
    value: string,
  ): Promise<number> {
    const [first] = await this.#keys;
    if (first === undefined) throw new TypeError('at least one sealing key is needed');
    const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
    const sealed = await crypto.subtle.encrypt(algorithm(nonce, name), first.key, encode(value));
    return this.#driver.run(
      `${insert} INTO secrets (name, key_id, nonce, sealed, created_at_ms) VALUES (?, ?, ?, ?, ?)`,
      [name, first.id, nonce, new Uint8Array(sealed), this.#clock.nowMs()],
    );
  }

  async get(name: string): Promise<string | undefined> {
    const sql = 'SELECT key_id, nonce, sealed FROM secrets WHERE name = ?';
    const row = this.#driver.get<SealedRow>(sql, [name]);
    if (row === undefined) return undefined;
    const sealingKey = (await this.#keys).find((key) => key.id === row.key_id);
    if (sealingKey === undefined) {
      throw new UnsealError(`secret ${name}: sealed with key ${row.key_id}, which is not loaded`);
    }
    return open(name, row, sealingKey.key);
  }

  async delete(name: string): Promise<void> {
    this.#driver.run('DELETE FROM secrets WHERE name = ?', [name]);
  }

  async list(prefix: string): Promise<readonly { name: string; createdAtMs: number }[]> {
    return this.#driver.all<{ name: string; createdAtMs: number }>(
      `SELECT name, created_at_ms AS createdAtMs FROM secrets
       WHERE name >= ? AND substr(name, 1, length(?)) = ? ORDER BY name`,
      [prefix, prefix, prefix],
    );
  }
}

async function open(name: string, row: SealedRow, key: CryptoKey): Promise<string> {
  try {
    const opened = await crypto.subtle.decrypt(algorithm(row.nonce, name), key, row.sealed);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(opened);
  } catch {
    // No cause: the crypto error says nothing more, and nothing of the row may reach a log.
    throw new UnsealError(`secret ${name}: what is stored was changed or belongs to another name`);
  }
}

function algorithm(nonce: Uint8Array<ArrayBuffer>, name: string): AesGcmParams {
  return { name: 'AES-GCM', iv: nonce, additionalData: encode(`a2a-gateway secret 1\n${name}`) };
}

/** The id is the head of a digest: the same key has the same id everywhere, and the id says nothing of the key. */
async function importKey(bytes: Uint8Array): Promise<SealingKey> {
  const raw = new Uint8Array(bytes);
  const label = encode('a2a-gateway sealing key id 1\n');
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array([...label, ...raw]));
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return { id: Buffer.from(digest).toString('hex', 0, 8), key };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
