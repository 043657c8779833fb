import type { Principal } from '../access/principal.ts';
import { GatewayError } from '../failure.ts';
import type { Clock } from '../ports.ts';
import type { Revocation, RevocationStore, RevokedTarget } from '../store/ports/revocations.ts';

/** Who is refused in spite of a good token, as this process knows it. */
export interface Revocations {
  /** @throws GatewayError `token_invalid` with problem `revoked`, `store_unavailable` */
  check(principal: RevocablePrincipal): Promise<void>;
  /** A revocation that holds for the principal. @throws GatewayError `store_unavailable` */
  find(principal: RevocablePrincipal): Promise<Revocation | undefined>;
  /** What this process has written counts from now on. */
  written(): void;
}

/** What of a principal revocations are about. */
export type RevocablePrincipal = Pick<
  Principal,
  'issuer' | 'subject' | 'clientId' | 'tokenId' | 'issuedAtSeconds'
>;

export interface RevocationsDeps {
  store: Pick<RevocationStore, 'version' | 'snapshot'>;
  clock: Clock;
}

/** How old what is known may be, from the start of its reading. */
const maxAgeMs = 2_000;
/** How old while the store does not answer. */
const maxAgeInTroubleMs = 5_000;

const passed = Promise.resolve();

/** All revocations, as they were read. */
interface Known {
  version: string;
  /** When the reading began that found them to be so. */
  readAtMs: number;
  byTarget: ReadonlyMap<string, readonly Revocation[]>;
}

/**
 * Keeps all revocations in memory, some thousands. Every two seconds whoever asks first has the store asked whether anything
 * has changed, and only then all are read again; others wait with it. While the store does not answer, or too late, what is
 * known counts until it is five seconds old; then nobody is let in.
 */
export function createRevocations({ store, clock }: RevocationsDeps): Revocations {
  let known: Known | undefined;
  let reading: Promise<Known> | undefined;
  /** Counts what this process wrote: a reading that began before a write is not remembered. */
  let writes = 0;

  function isYounger(candidate: Known | undefined, ageMs: number): candidate is Known {
    if (candidate === undefined) return false;
    const elapsedMs = clock.nowMs() - candidate.readAtMs;
    // A clock set back would make what is old look young.
    return elapsedMs >= 0 && elapsedMs < ageMs;
  }

  async function read(before: Known | undefined): Promise<Known> {
    const readAtMs = clock.nowMs();
    const readWrites = writes;
    const isUnchanged = before !== undefined && (await store.version()) === before.version;
    const found = isUnchanged ? { ...before, readAtMs } : await readAll(readAtMs);
    if (readWrites === writes) known = found;
    return found;
  }

  async function readAll(readAtMs: number): Promise<Known> {
    const { version, revocations } = await store.snapshot(readAtMs);
    return { version, readAtMs, byTarget: byTargetOf(revocations) };
  }

  function readOnce(): Promise<Known> {
    if (reading !== undefined) return reading;
    const begun = read(known).finally(() => {
      if (reading === begun) reading = undefined;
    });
    reading = begun;
    return begun;
  }

  async function current(): Promise<Known> {
    if (isYounger(known, maxAgeMs)) return known;
    const last = known;
    try {
      const found = await readOnce();
      // A store that answers late has answered of a time that is over.
      if (clock.nowMs() - found.readAtMs < maxAgeInTroubleMs) return found;
    } catch (error) {
      if (isYounger(last, maxAgeInTroubleMs)) return last;
      throw error;
    }
    throw new GatewayError(
      { code: 'store_unavailable' },
      { cause: new Error('revocations are read too slowly') },
    );
  }

  function findIn({ byTarget }: Known, principal: RevocablePrincipal): Revocation | undefined {
    if (byTarget.size === 0) return undefined;
    return targetsOf(principal)
      .flatMap((target) => byTarget.get(keyOf(target)) ?? [])
      .find((revocation) => holds(revocation, principal, clock.nowMs()));
  }

  async function find(principal: RevocablePrincipal): Promise<Revocation | undefined> {
    return findIn(await current(), principal);
  }

  async function refuseRevoked(principal: RevocablePrincipal): Promise<void> {
    const revocation = await find(principal);
    if (revocation === undefined) return;
    const cause = `revocation ${revocation.revocationId}`;
    throw new GatewayError({ code: 'token_invalid', problem: 'revoked' }, { cause });
  }

  return {
    find,
    check(principal) {
      // Nearly every call: what is known is young, and says nothing of the principal.
      if (isYounger(known, maxAgeMs) && findIn(known, principal) === undefined) return passed;
      return refuseRevoked(principal);
    },
    written() {
      writes++;
      reading = undefined;
      // Not forgotten: should the store not answer now, it still counts for a while.
      if (known !== undefined) known = { ...known, readAtMs: known.readAtMs - maxAgeMs };
    },
  };
}

function byTargetOf(revocations: readonly Revocation[]): Map<string, Revocation[]> {
  const byTarget = new Map<string, Revocation[]>();
  for (const revocation of revocations) {
    const key = keyOf(revocation);
    const others = byTarget.get(key);
    if (others === undefined) byTarget.set(key, [revocation]);
    else others.push(revocation);
  }
  return byTarget;
}

/** As JSON, so that no two targets are one text. */
function keyOf({ kind, issuer, id }: RevokedTarget): string {
  return JSON.stringify([kind, issuer, id]);
}

/** What a principal may be revoked by: always of its own issuer, for another's subjects, clients and tokens are other ones. */
function targetsOf({ issuer, subject, clientId, tokenId }: RevocablePrincipal): RevokedTarget[] {
  return [
    { kind: 'principal', issuer, id: subject },
    ...(clientId === undefined ? [] : [{ kind: 'client', issuer, id: clientId } as const]),
    ...(tokenId === undefined ? [] : [{ kind: 'token', issuer, id: tokenId } as const]),
  ];
}

/** A token that does not say when it was issued counts as issued before whenever. */
function holds(
  { expiresAtMs = Number.POSITIVE_INFINITY, issuedBeforeSeconds }: Revocation,
  { issuedAtSeconds = Number.NEGATIVE_INFINITY }: RevocablePrincipal,
  nowMs: number,
): boolean {
  return expiresAtMs > nowMs && (issuedBeforeSeconds === undefined || issuedAtSeconds < issuedBeforeSeconds);
}
