import type { JWTPayload } from 'jose';
import * as z from 'zod';
import type { Clock, NewId } from '../../ports.ts';
import { pemText, text } from '../limits.ts';

const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

/** How assertions are signed. */
export const signingMembers = {
  algorithm: z.enum(algorithms).optional().describe('Algorithm assertions are signed with (RFC 7518 §3.1).'),
  keyId: text.optional().describe('`kid` of assertions. Default: that of the JWK, if it has one.'),
  certificateThumbprint: z
    .string()
    .regex(/^[\w-]{43}$/)
    .optional()
    .describe("`x5t#S256` of assertions: the SHA-256 of the key's certificate in base64url, for Entra ID."),
};

/** Only its shape: whether it can be imported is seen when it is used. */
export const privateKeyText = pemText.refine(
  (key) => /^\s*(?:-----BEGIN PRIVATE KEY-----|\{)/.test(key),
  'must be a private key in PEM (PKCS #8) or a JWK',
);

/** A private key assertions are signed with. */
export interface AssertionKey {
  /** Another with every change of the key or the algorithm. */
  version: string;
  privateKey?: string | undefined;
  algorithm?: string | undefined;
  keyId?: string | undefined;
  certificateThumbprint?: string | undefined;
}

/**
 * Signs an assertion (RFC 7523 §3): `jti`, `iat` and `exp`, a minute later, are added.
 *
 * @throws GatewayError `credential_unavailable`, problem `key`; its cause tells nothing of the key
 */
export type SignAssertion = (claims: JWTPayload, key: AssertionKey) => Promise<string>;

/** What signs is loaded with the first assertion: most gateways make none. */
export function createSignAssertion(deps: { clock: Clock; newId: NewId }): SignAssertion {
  let loading: Promise<SignAssertion> | undefined;
  return async (claims, key) => {
    loading ??= import('./assertion-signer.ts').then(({ createAssertionSigner }) =>
      createAssertionSigner(deps),
    );
    return (await loading)(claims, key);
  };
}
