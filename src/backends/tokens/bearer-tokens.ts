import type { CredentialDeps } from '../credential.ts';
import type { OutgoingRequest } from '../request.ts';
import { createSignAssertion, type SignAssertion } from './assertion.ts';
import { type Client, proofOf } from './client-authentication.ts';
import type { OnBehalf } from './on-behalf.ts';
import type { ExpectedToken } from './token-answer.ts';
import { createTokenCache } from './token-cache.ts';
import { fetchToken } from './token-endpoint.ts';

/** Presents tokens of token endpoints as bearer tokens (RFC 6750 §2.1). */
export interface BearerTokens {
  /**
   * @param refused see `Credential.apply`
   * @throws GatewayError `credential_unavailable`
   */
  present(
    request: OutgoingRequest,
    grant: Grant,
    refused?: OutgoingRequest,
  ): Promise<OutgoingRequest | undefined>;
  /** When the first of the tokens held for a version expires. */
  expiresAtMs(version: string): number | undefined;
}

/** What a token is asked for with. */
export interface Grant extends ExpectedToken {
  /** Its version is that of the credential: tokens are kept by it. */
  client: Client;
  /** Whose call it is for, where it is good for one caller only. */
  onBehalf?: OnBehalf;
  /** Parameters of the request beside the client's own; made anew for each, because an assertion is good for one. */
  form(sign: SignAssertion): Record<string, string | undefined> | Promise<Record<string, string | undefined>>;
}

export function createBearerTokens(deps: CredentialDeps): BearerTokens {
  const tokens = createTokenCache(deps.clock);
  const sign = createSignAssertion(deps);

  async function fetch({ client, form, issuedTokenType }: Grant, { connection }: OutgoingRequest) {
    const proof = await proofOf(client, connection, sign);
    const given = Object.entries(await form(sign)).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const request = { ...proof, form: { ...Object.fromEntries(given), ...proof.form } };
    return fetchToken({ ...request, tokenUrl: client.tokenUrl, issuedTokenType }, deps);
  }

  return {
    async present(request, grant, refused) {
      const { client, onBehalf } = grant;
      const key = onBehalf === undefined ? client.version : `${client.version} ${onBehalf.digest}`;
      const token = await tokens.tokenFor(key, {
        fetch: () => fetch(grant, request),
        refused: refused?.headers.authorization?.slice('Bearer '.length),
        endsAtMs: onBehalf?.endsAtMs,
      });
      if (token === undefined) return undefined;
      return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
    },
    expiresAtMs: (version) => tokens.expiresAtMs(version),
  };
}

/** `scope` (RFC 6749 §3.3); undefined where none are asked for. */
export function scopeOf(scopes: readonly string[] | undefined): string | undefined {
  return scopes === undefined || scopes.length === 0 ? undefined : scopes.join(' ');
}
