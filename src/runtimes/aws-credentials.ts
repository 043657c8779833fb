import { LRUCache } from 'lru-cache';
import type { AwsIdentity } from '../backends/aws/signer.ts';
import { credentialUnavailable } from '../backends/credential-unavailable.ts';
import type { GatewayError } from '../failure.ts';
import type { Clock } from '../ports.ts';

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
  expiration?: Date | undefined;
}

/** An identity whose credentials come from somewhere. */
export type FetchedIdentity = Exclude<AwsIdentity, { kind: 'keys' }>;

/** Asks AWS for credentials; nothing is kept. */
export type FetchCredentials = (identity: FetchedIdentity, region: string) => Promise<AwsCredentials>;

export interface CredentialCache {
  /**
   * Credentials that do not expire soon, fetched once for all who wait.
   *
   * @param refusedKey held credentials of this access key are no good
   * @throws GatewayError `credential_unavailable`
   */
  get(identity: FetchedIdentity, region: string, refusedKey?: string): Promise<AwsCredentials>;
  /** Undefined where none are held or they do not expire. */
  expiresAtMs(identity: FetchedIdentity): number | undefined;
}

interface Held {
  credentials: AwsCredentials;
  staleAtMs: number;
}

const maxIdentities = 1_000;
/** So long before they expire credentials are renewed, but for those that live less than ten times as long. */
const marginMs = 300_000;

export function createCredentialCache(fetch: FetchCredentials, clock: Clock): CredentialCache {
  const held = new LRUCache<string, Held>({ max: maxIdentities });
  const fetching = new Map<string, Promise<Held>>();

  function fetchOnce(key: string, identity: FetchedIdentity, region: string): Promise<Held> {
    const underWay = fetching.get(key);
    if (underWay !== undefined) return underWay;
    const begun = fetchHeld(identity, region).finally(() => fetching.delete(key));
    fetching.set(key, begun);
    return begun.then((fetched) => {
      held.set(key, fetched);
      return fetched;
    });
  }

  async function fetchHeld(identity: FetchedIdentity, region: string): Promise<Held> {
    const startedAtMs = clock.nowMs();
    try {
      const credentials = await fetch(identity, region);
      const expiresAtMs = credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
      const lifetimeMs = Math.max(0, expiresAtMs - startedAtMs);
      return { credentials, staleAtMs: expiresAtMs - Math.min(marginMs, lifetimeMs / 10) };
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  return {
    async get(identity, region, refusedKey) {
      const key = keyOf(identity);
      const known = held.get(key);
      const isGood =
        known !== undefined &&
        clock.nowMs() < known.staleAtMs &&
        known.credentials.accessKeyId !== refusedKey;
      return (isGood ? known : await fetchOnce(key, identity, region)).credentials;
    },
    expiresAtMs: (identity) => held.peek(keyOf(identity))?.credentials.expiration?.getTime(),
  };
}

function keyOf(identity: FetchedIdentity): string {
  return identity.kind === 'own' ? 'own' : JSON.stringify([identity.roleArn, identity.externalId]);
}

/** Only the name of what went wrong: a message may hold the output of a command, or an answer with keys in it. */
function unavailable(cause: unknown): GatewayError {
  const name = cause instanceof Error ? cause.name : 'unknown';
  return credentialUnavailable('aws', new Error(name));
}
