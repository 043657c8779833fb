import * as z from 'zod';
import { parseUrl } from '../parse-url.ts';
import { signaturePolicies } from './card-trust.ts';

/** What a registration may say of signatures; apart from the rest of it, because agents of a stack say nothing of them. */

const keyText = z.string().min(1).max(256);
/** Of up to 8,192 bits in base64url. */
const keyNumber = z
  .string()
  .max(1_400)
  .regex(/^[\w-]+$/);
const ofKey = {
  kid: keyText,
  alg: keyText.optional(),
  use: z.literal('sig').optional(),
  key_ops: z.tuple([z.literal('verify')]).optional(),
};

/** Public members alone: a private key, or a secret that both sides share, has no place here. */
const pinnedKey = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('EC'), ...ofKey, crv: keyText, x: keyNumber, y: keyNumber }),
  z.strictObject({ kty: z.literal('OKP'), ...ofKey, crv: keyText, x: keyNumber }),
  z.strictObject({ kty: z.literal('RSA'), ...ofKey, n: keyNumber, e: keyNumber }),
]);

/** As URLs have it: no path, no port that goes without saying. */
const origin = z
  .url({ protocol: /^https?$/ })
  .max(512)
  .refine((text) => parseUrl(text)?.origin === text, {
    error: 'must be an origin, such as https://keys.example',
  });

export const cardSignatures = z.strictObject({
  policy: z
    .enum(signaturePolicies)
    .default('prefer')
    .describe(
      '`require`: only a card signed by a trusted key is taken. `prefer`: any but one whose signature by a trusted key does not hold. `ignore`: nobody looks.',
    ),
  keys: z
    .array(pinnedKey)
    .max(10)
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, {
      error: 'must have kids of their own',
    })
    .optional()
    .describe('Trusted public keys, as JWKs.'),
  jkuOrigins: z
    .array(origin)
    .max(10)
    .optional()
    .describe("Origins whose key sets are trusted where a signature's `jku` names one."),
});
