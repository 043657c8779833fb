import * as z from 'zod';
import { credentialKind } from '../credential.ts';
import { text, url } from '../limits.ts';
import { createBearerTokens, scopeOf } from '../tokens/bearer-tokens.ts';
import { clientMembers, clientProblem, clientSecrets } from '../tokens/client-authentication.ts';
import { targetMembers } from '../tokens/grant-members.ts';
import { onBehalfOf } from '../tokens/on-behalf.ts';

const tokenType = 'urn:ietf:params:oauth:token-type:';
const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** OAuth 2.0 token exchange (RFC 8693), by impersonation: there is no actor token. */
export const oauth2TokenExchange = credentialKind({
  type: 'oauth2_token_exchange',
  summary: "A bearer token for the caller, for which the caller's own is exchanged (RFC 8693).",
  notes: [
    "The caller's verified token goes to the token endpoint, and nowhere else, so an administrator approves every",
    'change of the configuration. What is issued serves that token only, and ends with it at the latest. A card that',
    'wants the credential is read for whoever registers, changes or syncs the agent, as they may see it; where the',
    'configuration waits for approval, only for who brings it in the same request.',
  ].join('\n'),
  example: {
    type: 'oauth2_token_exchange',
    tokenUrl: 'https://login.example.com/token',
    clientId: 'gateway',
    clientSecret: '…',
    audience: 'https://billing.example.com',
    scopes: ['invoke'],
  },
  members: {
    tokenUrl: url.describe("Token endpoint, to which callers' tokens are sent."),
    clientId: text.describe('The client the gateway is there.'),
    subjectTokenType: z
      .enum(['access_token', 'jwt'])
      .optional()
      .describe("What the caller's token is called (RFC 8693 §3). Default: `access_token`."),
    requestedTokenType: z
      .enum(['access_token', 'id_token', 'jwt'])
      .optional()
      .describe('What is asked for (RFC 8693 §3). Default: what the server issues.'),
    ...targetMembers,
    ...clientMembers,
  },
  secrets: clientSecrets,
  problemWith: (given) => clientProblem(given),
  addresses: ({ tokenUrl }) => ({ tokenUrl }),
  // Not in the gateway's name but in its callers': whoever holds the token endpoint gets tokens that open the gateway.
  borrows: () => 'caller',
  needsCaller: () => true,
  open(deps) {
    const tokens = createBearerTokens(deps);
    return {
      async apply(request, { members, secrets, version, call }, refused) {
        const { scopes, audience, resource, subjectTokenType = 'access_token', requestedTokenType } = members;
        const issuedTokenType = requestedTokenType && tokenType + requestedTokenType;
        const onBehalf = await onBehalfOf(call, deps.clock);
        const form = {
          ...{ grant_type: grantType, audience, resource, scope: scopeOf(scopes) },
          subject_token: onBehalf.token,
          subject_token_type: tokenType + subjectTokenType,
          requested_token_type: issuedTokenType,
        };
        const client = { ...members, ...secrets, version };
        return tokens.present(request, { client, onBehalf, issuedTokenType, form: () => form }, refused);
      },
      expiresAtMs: ({ version }) => tokens.expiresAtMs(version),
    };
  },
});
