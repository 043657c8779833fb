import * as z from 'zod';
import { ownershipModes } from '../ownership/ownership.ts';
import { servedVersions } from '../protocol/version.ts';
import { isAgentId } from './agent.ts';
import { signaturePolicies } from './card-trust.ts';

/** What a registration may say, wherever it comes from: one set of limits for all. */

const tag = z.string().regex(/^[\p{L}\p{M}\p{N}._:/@+-]{1,64}$/u);
export const tags = z.array(tag).max(64);

export const protocolVersions = z
  .array(z.enum(servedVersions))
  .min(1)
  .max(servedVersions.length)
  .describe('In which versions of A2A the agent may be called, whatever it speaks itself. Default: all.');

export const lenientVersions = z
  .boolean()
  .describe(
    'Whether a request that names no version is read by its method name or path. Default: it means 0.3.',
  );

export const ownership = z
  .enum(ownershipModes)
  .describe(
    'Whose the tasks and contexts of the agent are: of the `principal` who began them, of all with the same `client` or `tenant`, or as the `backend` itself has it, which then must tell callers apart. Default: `principal`.',
  );
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
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, {
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

/** Of the gateway's own agent, which nobody registers. */
export const directoryAgentId = 'directory';

/** Whether an id belongs to the gateway itself. What was registered under it before that is kept, and served to nobody. */
export function isReservedAgentId(agentId: string): boolean {
  return agentId === directoryAgentId;
}

export const agentId = z
  .string()
  .refine(isAgentId, { error: 'must be a-z, 0-9 and -, at most 63, not ending in -' })
  .refine((id) => !isReservedAgentId(id), { error: "is reserved for the gateway's own agent" });
