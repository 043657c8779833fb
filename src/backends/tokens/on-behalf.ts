import type { Principal } from '../../access/principal.ts';
import type { Clock } from '../../ports.ts';
import { sha256Hex } from '../../protocol/bytes.ts';
import { credentialUnavailable } from '../credential-unavailable.ts';
import type { CallFacts } from '../request.ts';

/** The caller a token is asked for. What is derived from its token serves nobody else, and ends with it. */
export interface OnBehalf {
  principal: Principal;
  token: string;
  /** Tells callers' tokens apart without holding them. */
  digest: string;
  endsAtMs: number;
}

/** @throws GatewayError `credential_unavailable`, problem `caller`, where there is none or its token has ended */
export async function onBehalfOf({ caller }: CallFacts, clock: Clock): Promise<OnBehalf> {
  if (caller === undefined) throw credentialUnavailable('caller', new Error('no caller'));
  const { principal, token } = caller;
  const endsAtMs = principal.expiresAtSeconds * 1_000;
  // Accepted within the clock skew of its issuer: good for this call, not for a token of another server.
  if (clock.nowMs() >= endsAtMs)
    throw credentialUnavailable('caller', new Error("the caller's token has ended"));
  return { principal, token, digest: await digestOf(principal, token), endsAtMs };
}

/** By principal, which is made of one token and lives as long as it is used: a warm call hashes nothing. */
const digests = new WeakMap<Principal, { token: string; digest: Promise<string> }>();

function digestOf(principal: Principal, token: string): Promise<string> {
  const known = digests.get(principal);
  if (known?.token === token) return known.digest;
  const digest = sha256Hex(token);
  digests.set(principal, { token, digest });
  return digest;
}
