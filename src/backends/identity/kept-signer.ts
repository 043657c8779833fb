import { SignJWT } from 'jose';
import { createKeptKeys } from '../../signing/kept-keys.ts';
import { credentialUnavailable } from '../credential-unavailable.ts';
import type { SignerDeps } from './create-signer.ts';
import { type IdentitySigner, tokenType } from './identity-signer.ts';

/** A signer whose keys are kept among the secrets: ES256 (RFC 7518 §3.4), rotated as `signing/key-schedule.ts` has it. */
export function createKeptSigner(deps: SignerDeps): IdentitySigner {
  const { clock, issuer } = deps;
  const keys = createKeptKeys('identity/', deps);
  return {
    issuer,

    async sign(claims, { lifetimeSeconds }) {
      try {
        const { kid, privateKey } = await keys.signing();
        const nowSeconds = Math.floor(clock.nowMs() / 1000);
        return await new SignJWT({ ...claims })
          .setProtectedHeader({ alg: 'ES256', typ: tokenType, kid })
          .setIssuer(issuer)
          .setIssuedAt(nowSeconds)
          .setExpirationTime(nowSeconds + lifetimeSeconds)
          .sign(privateKey);
      } catch (cause) {
        throw credentialUnavailable('key', cause);
      }
    },

    jwks: async () => ({ keys: await keys.published() }),
  };
}
