import * as z from 'zod';
import { isClaimName } from './access/claim.ts';
import { isAlias } from './access/grantee.ts';
import { httpUrl } from './config-url.ts';

/** Whose tokens are trusted, and what of them. */

/** Asymmetric signatures only: with a shared-secret algorithm whoever can verify can also forge. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

const claimName = z.string().max(256).refine(isClaimName, {
  error: 'must be the name of a claim, or a JSON Pointer that begins with /',
});

const issuerSchema = z
  .strictObject({
    issuer: httpUrl.describe('Compared letter for letter with the `iss` claim.'),
    alias: z
      .string()
      .refine(isAlias, { error: 'must be at most 32 lower-case letters, digits and -' })
      .optional()
      .describe(
        'What permissions know its groups, clients and tenants by: `group:<alias>:<name>`, `client:<alias>:<id>`, `tenant:<alias>:<name>`. Absent: those of the first issuer are `group:<name>` and so on, those of others cannot be named.',
      ),
    jwksUrl: httpUrl.optional().describe('Where the keys are. Absent: discovered from the issuer.'),
    audiences: z.array(z.string().min(1)).default([]).describe('Accepted `aud` values. Empty: not checked.'),
    clientIds: z.array(z.string().min(1)).default([]).describe('Accepted clients. Empty: not checked.'),
    clientClaim: claimName
      .optional()
      .describe(
        'Claim that names the client: `cid` for Okta. Tokens without it are refused. Absent: `client_id`, `azp` or `appid`, the first there is, or none.',
      ),
    algorithms: z
      .array(z.enum(algorithms))
      .min(1)
      .default(['RS256', 'PS256', 'ES256', 'EdDSA'])
      .describe('Accepted signature algorithms.'),
    scopeClaims: z
      .array(claimName)
      .min(1)
      .max(8)
      .default(['scope', 'scp'])
      .describe(
        'Claims that hold the scopes, as text or list; of each token the first it has. `scp`, `roles` for Entra, whose machines have roles.',
      ),
    scopePrefix: z
      .string()
      .default('')
      .describe('Scopes must begin with this, and lose it: `resource-server/` for Amazon Cognito.'),
    allowScopes: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Scopes, less the prefix, this issuer may grant. Empty: all, `gateway:admin` among them. Name them for an issuer of a partner.',
      ),
    groupsClaim: claimName
      .optional()
      .describe(
        'Claim that lists the groups of a principal: `cognito:groups`; `/realm_access/roles` for Keycloak, as a JSON Pointer. Absent: principals have none.',
      ),
    allowGroups: z
      .array(z.string().min(1))
      .default([])
      .describe('Groups this issuer may name; others in its tokens count for nothing. Empty: all.'),
    tenantClaim: claimName
      .optional()
      .describe(
        'Claim that names the tenant of a principal, a text: `tid` for Entra. Absent: principals have none. See the registration member `ownership`.',
      ),
    clockSkewSeconds: z.int().min(0).max(300).default(30).describe('Tolerated difference of clocks.'),
  })
  .refine((issuer) => issuer.audiences.length > 0 || issuer.clientIds.length > 0, {
    error: 'needs audiences or clientIds: without either any token of the issuer would be accepted',
  });

/** The first may go without an alias; a claim whose groups nobody could name is a mistake. */
const isNamed = ({ alias, groupsClaim }: { alias?: string | undefined; groupsClaim?: string | undefined }) =>
  alias !== undefined || groupsClaim === undefined;

export const issuersSchema = z
  .array(issuerSchema)
  .min(1)
  .refine((issuers) => areDistinct(issuers.map(({ issuer }) => issuer)), {
    error: 'names an issuer twice: which of the two counts is undefined',
  })
  .refine((issuers) => areDistinct(issuers.flatMap(({ alias }) => alias ?? [])), {
    error: 'gives two issuers one alias: either could name the groups and clients of the other',
  })
  .refine((issuers) => issuers.slice(1).every(isNamed), {
    error:
      'has a groupsClaim without an alias, which only the first issuer may: no permission could name the groups',
  })
  .describe('Token issuers that are trusted.');

function areDistinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}
