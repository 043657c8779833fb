import { GatewayError } from '../../failure.ts';

/** Signs in the gateway's own name; verifiable at `/.well-known/jwks.json`. */
export interface IdentitySigner {
  /**
   * A compact JWS of these claims, `iss`, `iat` and `exp` added.
   * @throws GatewayError `credential_unavailable` where there is no key
   */
  sign(claims: Readonly<Record<string, unknown>>, options: { lifetimeSeconds: number }): Promise<string>;
}

/** Of a gateway that has no key. */
export const noIdentity: IdentitySigner = {
  sign: () => Promise.reject(new GatewayError({ code: 'credential_unavailable', problem: 'key' })),
};
