import * as z from 'zod';
import { credentialKind } from '../credential.ts';
import { customHeader } from '../header.ts';
import { tokenType } from '../identity/identity-signer.ts';
import { text } from '../limits.ts';
import type { CallFacts } from '../request.ts';

const lifetimeSeconds = 60;

const audience = text
  .optional()
  .describe('The `aud` claim. Default: the origin the call goes to, such as `https://billing.internal`.');
const includeScopes = z
  .boolean()
  .default(false)
  .describe("Whether the backend is told the caller's scopes, as claim `scope`.");

/** A JWT (RFC 7519) that says who calls, signed with the gateway's own key. */
export const gatewayIdentity = credentialKind({
  type: 'gateway_identity',
  summary: 'A short-lived JWT in which the gateway says who calls, verifiable at `/.well-known/jwks.json`.',
  notes: `Made anew for every call, with \`alg\` ES256 and \`typ\` \`${tokenType}\`, which no verifier of access tokens
takes. It is good for ${lifetimeSeconds} seconds. A backend checks \`typ\`, the signature, \`iss\`, \`aud\`, \`exp\` and
\`agent_id\`, and may refuse a \`jti\` it has seen.

| Claim | Value |
| --- | --- |
| \`iss\` | \`publicUrl\` of the gateway |
| \`aud\` | \`audience\`, or the origin the call goes to |
| \`sub\` | the caller's \`sub\`; where the gateway calls for itself, for a card or a probe, the same as \`iss\` |
| \`caller_issuer\` | who vouches for the caller; absent where the gateway calls for itself |
| \`client_id\` | the caller's client, if its token named one |
| \`scope\` | the caller's scopes, if \`includeScopes\` is set |
| \`agent_id\` | the agent that is called |
| \`request_id\` | as in \`x-request-id\` and in the gateway's log |
| \`iat\`, \`exp\`, \`jti\` | when it was made, when it ends, and an id of its own |

A subject is one only together with its issuer: tell callers apart by \`caller_issuer\` and \`sub\`. The credential speaks
in the gateway's name, so only an administrator may give it. Keys are rotated every ninety days, each
published a quarter of an hour before it signs and a day after; on AWS the very first may be known to all only minutes
after the first call, because Secrets Manager lists late.`,
  example: { type: 'gateway_identity', audience: 'https://billing.internal' },
  members: {
    audience,
    includeScopes,
    header: customHeader
      .optional()
      .describe('The header that carries it, as it is. Default: `Authorization`, after `Bearer`.'),
  },
  secrets: {},
  borrows: () => 'gateway',
  headerOf: ({ header }) => header,
  open: ({ identity, newId }) => ({
    async apply(request, { members, call }, refused) {
      if (refused !== undefined) return undefined;
      const claims = {
        aud: members.audience ?? request.url.origin,
        jti: newId(),
        ...claimsOf(call, identity.issuer, members.includeScopes),
      };
      const token = await identity.sign(claims, { lifetimeSeconds });
      const { header } = members;
      const added =
        header === undefined ? { authorization: `Bearer ${token}` } : { [header.toLowerCase()]: token };
      return { ...request, headers: { ...request.headers, ...added } };
    },
  }),
});

/** The same beside another credential, which has `Authorization` for itself. */
export const gatewayIdentityBeside = credentialKind({
  type: gatewayIdentity.type,
  summary: gatewayIdentity.summary,
  example: {
    header: 'x-amzn-bedrock-agentcore-runtime-custom-identity',
    audience: 'https://billing.internal',
  },
  members: {
    audience,
    includeScopes,
    header: customHeader.describe('The header that carries it, as it is.'),
  },
  secrets: {},
  borrows: () => 'gateway',
  headerOf: ({ header }) => header,
  open: gatewayIdentity.open,
});

function claimsOf({ agentId, requestId, caller }: CallFacts, issuer: string, includeScopes: boolean): object {
  const about = { agent_id: agentId, request_id: requestId };
  if (caller === undefined) return { sub: issuer, ...about };
  const { subject, issuer: callerIssuer, clientId, scopes } = caller.principal;
  return {
    sub: subject,
    caller_issuer: callerIssuer,
    ...(clientId !== undefined && { client_id: clientId }),
    ...(includeScopes && { scope: scopes.join(' ') }),
    ...about,
  };
}
