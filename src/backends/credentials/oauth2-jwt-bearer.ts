import type { JWTPayload } from 'jose';
import * as z from 'zod';
import { credentialKind, type MemberProblem } from '../credential.ts';
import { credentialUnavailable } from '../credential-unavailable.ts';
import { text, url } from '../limits.ts';
import { privateKeyText } from '../tokens/assertion.ts';
import { createBearerTokens, type Grant, scopeOf } from '../tokens/bearer-tokens.ts';
import {
  clientAuthentications,
  clientMembers,
  clientProblem,
  clientSecrets,
} from '../tokens/client-authentication.ts';
import { targetMembers } from '../tokens/grant-members.ts';
import { type OnBehalf, onBehalfOf } from '../tokens/on-behalf.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** JWTs as authorization grants (RFC 7523 §2.1). */
export const oauth2JwtBearer = credentialKind({
  type: 'oauth2_jwt_bearer',
  summary: 'A bearer token granted for an assertion that a registered private key signs (RFC 7523 §2.1).',
  notes: [
    'A Google service account has its address as `issuer`, `https://oauth2.googleapis.com/token` as `tokenUrl` and',
    '`scopesIn: assertion`. With `subjectFrom: caller` the assertion speaks for who calls: for callers of',
    '`callerIssuer` only, because a subject is a name within its issuer; each gets a token of their own, which ends',
    "with the caller's at the latest. A card that wants the credential is read for whoever registers, changes or syncs",
    'the agent; where it is not active, only for who brings the configuration in the same request.',
  ].join('\n'),
  example: {
    type: 'oauth2_jwt_bearer',
    tokenUrl: 'https://login.example.com/token',
    issuer: 'gateway@example.com',
    algorithm: 'RS256',
    privateKey: '-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----',
    scopes: ['invoke'],
  },
  members: {
    tokenUrl: url.describe('Token endpoint.'),
    issuer: text.describe('`iss` of the assertion.'),
    subjectFrom: z
      .enum(['fixed', 'caller'])
      .optional()
      .describe('Whether the assertion speaks for one subject or for the caller. Default: `fixed`.'),
    subject: text.optional().describe('`sub` of the assertion where it is fixed. Default: the issuer.'),
    callerIssuer: text
      .optional()
      .describe('Issuer of the callers spoken for; others have no credential. Required for `caller`.'),
    scopes: targetMembers.scopes,
    scopesIn: z
      .enum(['request', 'assertion'])
      .optional()
      .describe('Where the scopes are said. Default: `request`; Google wants them in the assertion.'),
    resource: targetMembers.resource,
    audience: text.optional().describe('`aud` of the assertion. Default: the token endpoint.'),
    clientId: text.optional().describe('The client the gateway is there, if it authenticates as one.'),
    ...clientMembers,
    clientAuthentication: z
      .enum(['none', ...clientAuthentications])
      .optional()
      .describe('How the client proves itself besides. Default: `none`.'),
  },
  secrets: {
    clientSecret: clientSecrets.clientSecret,
    privateKey: privateKeyText.describe('Private key assertions are signed with: PKCS #8 in PEM, or a JWK.'),
  },
  problemWith(given) {
    const { clientAuthentication = 'none', clientId } = given;
    if (clientAuthentication !== 'none' && clientId === undefined)
      return { member: 'clientId', problem: `required for ${clientAuthentication}` };
    return subjectProblem(given) ?? clientProblem({ ...given, clientAuthentication }, { signs: true });
  },
  addresses: ({ tokenUrl }) => ({ tokenUrl }),
  needsCaller: ({ subjectFrom }) => subjectFrom === 'caller',
  open(deps) {
    const tokens = createBearerTokens(deps);
    return {
      async apply(request, { members, secrets, version, call }, refused) {
        const onBehalf = members.subjectFrom === 'caller' ? await onBehalfOf(call, deps.clock) : undefined;
        const claims = claimsOf(members, onBehalf);
        const { clientAuthentication = 'none', scopes, scopesIn = 'request', resource } = members;
        const client = { ...members, ...secrets, version, clientAuthentication };
        const scope = scopeOf(scopes);
        const grant: Grant = {
          client,
          ...(onBehalf !== undefined && { onBehalf }),
          form: async (sign) => ({
            ...{ grant_type: grantType, resource, scope: scopesIn === 'request' ? scope : undefined },
            assertion: await sign(scopesIn === 'assertion' ? { ...claims, scope } : claims, client),
          }),
        };
        return tokens.present(request, grant, refused);
      },
      expiresAtMs: ({ version }) => tokens.expiresAtMs(version),
    };
  },
});

interface SubjectMembers {
  tokenUrl: string;
  issuer: string;
  subjectFrom?: 'fixed' | 'caller' | undefined;
  subject?: string | undefined;
  callerIssuer?: string | undefined;
  audience?: string | undefined;
}

function subjectProblem({ subjectFrom, subject, callerIssuer }: SubjectMembers): MemberProblem | undefined {
  const isCaller = subjectFrom === 'caller';
  if (isCaller && subject !== undefined) return { member: 'subject', problem: 'excludes subjectFrom caller' };
  if (isCaller !== (callerIssuer !== undefined))
    return { member: 'callerIssuer', problem: 'goes with subjectFrom caller, and only with it' };
  return undefined;
}

/** @throws GatewayError `credential_unavailable`, problem `caller`: two issuers may give one name to two people */
function claimsOf(
  { tokenUrl, issuer, subject = issuer, callerIssuer, audience = tokenUrl }: SubjectMembers,
  onBehalf: OnBehalf | undefined,
): JWTPayload {
  if (onBehalf === undefined) return { iss: issuer, sub: subject, aud: audience };
  const { principal } = onBehalf;
  if (principal.issuer !== callerIssuer)
    throw credentialUnavailable('caller', new Error('a caller of another issuer'));
  return { iss: issuer, sub: principal.subject, aud: audience };
}
