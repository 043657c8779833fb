import { oncePerKey } from '../once-per-key.ts';
import type { Secrets } from '../ports.ts';
import {
  type AuthConfig,
  type AuthPart,
  parseSecrets,
  partsOf,
  type SecretValues,
  secretsOf,
} from './auth-config.ts';
import type { Credential, CredentialDeps, CredentialUse } from './credential.ts';
import { credentialUnavailable } from './credential-unavailable.ts';
import { companionKinds, credentialKinds } from './kinds.ts';
import type { CallFacts, OutgoingRequest } from './request.ts';

/** Presents agents' credentials. */
export interface Credentials {
  /**
   * The request with all that authenticates the gateway to the backend, ready to be sent to a registered origin and
   * nowhere else.
   *
   * @returns undefined where there is nothing else to present
   * @throws GatewayError `credential_unavailable`
   */
  apply(
    auth: AuthConfig,
    request: OutgoingRequest,
    call: CallFacts,
    options?: ApplyOptions,
  ): OutgoingRequest | undefined | Promise<OutgoingRequest | undefined>;
  /** When the first of what is held for an agent expires, in milliseconds since the epoch; undefined where nothing does. */
  expiresAtMs(auth: AuthConfig, agentId: string): Promise<number | undefined>;
}

export interface ApplyOptions {
  /** The request the backend has just answered with 401: what it carried is not presented again. */
  refused?: OutgoingRequest | undefined;
  /** The secrets themselves, where they are not kept yet. */
  secrets?: SecretValues | undefined;
}

/**
 * An agent's credentials as they are stored now, past every cache; undefined where the agent is no more or does not
 * serve, or this URL is no more a place for them: what was given for one place must not reach the place of before.
 */
export type CurrentAuth = (agentId: string, url: URL) => Promise<AuthConfig | undefined>;

export interface CredentialsDeps extends CredentialDeps {
  secrets: Secrets;
  currentAuth: CurrentAuth;
}

/** A part of a configuration, with its secrets: parsed once, by the kind that opened it. */
type Use = CredentialUse<Readonly<Record<string, unknown>>, SecretValues>;
/** A configuration with its secrets. */
interface Held {
  auth: AuthConfig;
  secrets: SecretValues;
}
type Opened = Credential<Readonly<Record<string, unknown>>, SecretValues>;

const maxKeptSecrets = 10_000;

export function createCredentials(deps: CredentialsDeps): Credentials {
  const kinds = new Set([...credentialKinds, ...Object.values(companionKinds)]);
  // What is stored was parsed by its kind, so the kind's own types hold for it.
  const opened = new Map([...kinds].map((kind) => [kind.type, kind.open(deps) as unknown as Opened]));
  // A name is never used for another value, so what is kept cannot be stale.
  const read = oncePerKey<string | undefined>(maxKeptSecrets, (text) => text !== undefined);
  // Agents read from the store are shared and frozen: an object stands for its text.
  const versions = new WeakMap<AuthConfig, string>();

  function openedOf({ kind }: AuthPart): Opened {
    const credential = opened.get(kind.type);
    if (credential === undefined) throw new TypeError(`not opened: ${kind.type}`);
    return credential;
  }

  function versionOf(auth: AuthConfig, agentId: string): string {
    const known = versions.get(auth);
    if (known !== undefined) return known;
    const version = `${agentId} ${JSON.stringify(auth)}`;
    versions.set(auth, version);
    return version;
  }

  async function secretsFor(auth: AuthConfig): Promise<SecretValues | undefined> {
    const { secretName } = auth;
    if (secretName === undefined) return {};
    try {
      const text = await read(secretName, () => deps.secrets.get(secretName));
      return text === undefined ? undefined : parseSecrets(auth, text);
    } catch (cause) {
      throw credentialUnavailable('secret', cause);
    }
  }

  /** Just rotated by another process, whose write this one has not seen yet: the secret of before is gone. */
  async function current(auth: AuthConfig, agentId: string, url: URL): Promise<Held> {
    const secrets = await secretsFor(auth);
    if (secrets !== undefined) return { auth, secrets };
    const renewed = await rotated(auth, agentId, url);
    if (renewed === undefined) throw credentialUnavailable('secret', new Error('the secret is gone'));
    return renewed;
  }

  /** What has taken a configuration's place; undefined where nothing has. */
  async function rotated(auth: AuthConfig, agentId: string, url: URL): Promise<Held | undefined> {
    const fresh = await deps.currentAuth(agentId, url);
    if (fresh === undefined || fresh.secretName === auth.secretName) return undefined;
    const secrets = await secretsFor(fresh);
    return secrets && { auth: fresh, secrets };
  }

  async function present(
    given: AuthConfig,
    request: OutgoingRequest,
    call: CallFacts,
    { refused, secrets }: ApplyOptions,
  ): Promise<OutgoingRequest | undefined> {
    const { agentId } = call;
    if (secrets !== undefined) return presented({ auth: given, secrets }, request, call, refused);
    // A call that began before a rotation is refused for the secret of before: it is made again with the new one.
    const renewed = refused && (await rotated(given, agentId, request.url));
    if (renewed !== undefined) return presented(renewed, request, call, undefined);
    return presented(await current(given, agentId, request.url), request, call, refused);
  }

  async function presented(
    { auth, secrets }: Held,
    request: OutgoingRequest,
    call: CallFacts,
    refused: OutgoingRequest | undefined,
  ): Promise<OutgoingRequest | undefined> {
    let outgoing: OutgoingRequest | undefined = request;
    for (const part of partsOf(auth)) {
      const use: Use = {
        members: part.members,
        secrets: secretsOf(part, secrets),
        version: part.prefix + versionOf(auth, call.agentId),
        call,
      };
      // What was refused is the chosen kind's word: companions present theirs again.
      outgoing = await openedOf(part).apply(outgoing, use, part.prefix === '' ? refused : undefined);
      if (outgoing === undefined) return undefined;
    }
    return outgoing;
  }

  return {
    apply(auth, request, call, options = {}) {
      // The usual case without a promise.
      if (auth.type === 'none' && Object.keys(auth).length === 1)
        return options.refused === undefined ? request : undefined;
      return present(auth, request, call, options);
    },

    async expiresAtMs(auth, agentId) {
      const secrets = (await secretsFor(auth)) ?? {};
      const times = partsOf(auth).flatMap((part) => {
        const version = part.prefix + versionOf(auth, agentId);
        return (
          openedOf(part).expiresAtMs?.({
            version,
            secrets: secretsOf(part, secrets),
            members: part.members,
          }) ?? []
        );
      });
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}
