import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { oncePerKey } from '../once-per-key.ts';
import type { Clock, Secrets } from '../ports.ts';
import { maturesAfterMs, scheduleOf } from './key-schedule.ts';
import { type PublicKey, publicKeyOf } from './public-key.ts';

/** Keys of the gateway's own for one purpose, shared by all processes over the same secrets. */
export interface KeptKeys {
  /** The key that signs now; the first is made when it is first asked for. @throws what `Secrets` throws */
  signing(): Promise<SigningKey>;
  /** Makes none. @throws what `Secrets` throws */
  published(): Promise<readonly PublicKey[]>;
}

export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
}

/** A key that is kept: its private half under a name that spells the public one, so that who publishes opens none. */
interface KeptKey {
  name: string;
  half: PublicHalf;
  createdAtMs: number;
}

type PublicHalf = Pick<PublicKey, 'x' | 'y'>;

const algorithm = 'ES256';
const listedForMs = 60_000;
/** Another process may make the first key at any moment, and what it signs is verified at once. */
const emptyForMs = 1_000;
/** Anybody may ask for the published keys: while they cannot be listed, not every question is one to the secrets. */
const failedForMs = 1_000;
/** One signs at a time; another every ninety days. */
const maxOpened = 10;

/** @param prefix what the names of these secrets begin with, and of no others: `identity/` */
export function createKeptKeys(
  prefix: string,
  { secrets, clock }: { secrets: Secrets; clock: Clock },
): KeptKeys {
  let known: readonly KeptKey[] = [];
  let listedAtMs = Number.NEGATIVE_INFINITY;
  let tendedAtMs = Number.NEGATIVE_INFINITY;
  let failed: { error: unknown; atMs: number } | undefined;
  const list = oneAtATime(async () => {
    const listed = (await secrets.list(prefix)).flatMap((kept) => keptKey(prefix, kept));
    // A list may be behind: what this process has just made is there all the same.
    const unlisted = known.filter(
      ({ name, createdAtMs }) =>
        clock.nowMs() - createdAtMs < maturesAfterMs && !listed.some((key) => key.name === name),
    );
    known = [...listed, ...unlisted];
    listedAtMs = clock.nowMs();
  });
  const opened = oncePerKey<SigningKey>(maxOpened);

  /** Keys that are known go on serving while the secrets cannot be listed. */
  async function refresh(): Promise<void> {
    if (clock.nowMs() - listedAtMs < (known.length === 0 ? emptyForMs : listedForMs)) return;
    await list().catch((error: unknown) => {
      if (known.length === 0) throw error;
      listedAtMs = clock.nowMs();
    });
  }

  async function make(): Promise<void> {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const jwk = await exportJWK(privateKey);
    const name = `${prefix}${jwk.x}.${jwk.y}`;
    await secrets.put(name, JSON.stringify(jwk));
    // A list that came in between has it already.
    if (known.some((key) => key.name === name)) return;
    known = [...known, ...keptKey(prefix, { name, createdAtMs: clock.nowMs() })];
  }

  /** Makes the key that is due, unless another process has just made it, and deletes those that have retired. */
  const tend = oneAtATime(async () => {
    tendedAtMs = clock.nowMs();
    await list();
    const { isDue, retired } = scheduleOf(known, clock.nowMs());
    if (isDue) await make();
    for (const { name } of retired) await secrets.delete(name);
    known = known.filter((key) => !retired.includes(key));
  });

  return {
    async signing() {
      await refresh();
      const { signing, isDue, retired } = scheduleOf(known, clock.nowMs());
      if (signing === undefined) await tend();
      else if ((isDue || retired.length > 0) && clock.nowMs() - tendedAtMs >= listedForMs)
        // While there is a key, failing to look after the others is no reason not to sign; it is tried again.
        await tend().catch(() => {});
      const key = scheduleOf(known, clock.nowMs()).signing;
      if (key === undefined) throw new Error('no key of the gateway was kept');
      return opened(key.name, () => openKey(secrets, key));
    },

    async published() {
      if (known.length === 0 && failed !== undefined && clock.nowMs() - failed.atMs < failedForMs)
        throw failed.error;
      await refresh().catch((error: unknown) => {
        failed = { error, atMs: clock.nowMs() };
        throw error;
      });
      const { published } = scheduleOf(known, clock.nowMs());
      return Promise.all(published.map(({ half: { x, y } }) => publicKeyOf(x, y)));
    },
  };
}

async function openKey(secrets: Secrets, { name, half }: KeptKey): Promise<SigningKey> {
  const text = await secrets.get(name);
  if (text === undefined) throw new Error('a key of the gateway is gone');
  const jwk = parseJwk(text);
  if (jwk.x !== half.x || jwk.y !== half.y)
    throw new Error('a key of the gateway is not the one its name says');
  const privateKey = await importJWK(jwk, algorithm, { extractable: false });
  // An EC key is never the bytes that a symmetric one would be.
  return { kid: (await publicKeyOf(half.x, half.y)).kid, privateKey: privateKey as CryptoKey };
}

/** A parser's message quotes what it read. */
function parseJwk(text: string): JWK {
  try {
    return JSON.parse(text) as JWK;
  } catch {
    throw new Error('a key of the gateway is not JSON');
  }
}

/** None for a name that is not of this shape: another version of the gateway may keep others beside. */
function keptKey(prefix: string, { name, createdAtMs }: { name: string; createdAtMs: number }): KeptKey[] {
  const [, x, y] = /^([\w-]{43})\.([\w-]{43})$/.exec(name.slice(prefix.length)) ?? [];
  return x === undefined || y === undefined ? [] : [{ name, half: { x, y }, createdAtMs }];
}

/** Those who ask while it runs wait for the same run. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}
