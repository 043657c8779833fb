import type { PublicKey } from '../../signing/public-key.ts';
import { credentialUnavailable } from '../credential-unavailable.ts';

/** `typ` of all that is signed here (RFC 8725 §3.11), so that nobody takes it for an access token. */
export const tokenType = 'a2a-gateway-identity+jwt';

/** Signs in the gateway's own name; verifiable at `/.well-known/jwks.json`. */
export interface IdentitySigner {
  /** The `iss` of what is signed: the gateway's public URL. */
  readonly issuer: string;
  /**
   * A compact JWS of these claims, `iss`, `iat` and `exp` added, of type {@link tokenType}.
   * @throws GatewayError `credential_unavailable` where there is no key
   */
  sign(claims: Readonly<Record<string, unknown>>, options: { lifetimeSeconds: number }): Promise<string>;
  /**
   * The keys that verify it (RFC 7517 §5), public members only; none before the first signature.
   * @throws GatewayError `store_unavailable`
   */
  jwks(): Promise<{ keys: readonly PublicKey[] }>;
}

/** Of a gateway that has no key. */
export const noIdentity: IdentitySigner = {
  issuer: '',
  sign: () => Promise.reject(credentialUnavailable('key')),
  jwks: async () => ({ keys: [] }),
};
