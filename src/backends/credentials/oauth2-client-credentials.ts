import { credentialKind } from '../credential.ts';
import { text, url } from '../limits.ts';
import { createBearerTokens, scopeOf } from '../tokens/bearer-tokens.ts';
import { clientMembers, clientProblem, clientSecrets } from '../tokens/client-authentication.ts';
import { targetMembers } from '../tokens/grant-members.ts';

/** OAuth 2.0 client credentials (RFC 6749 §4.4). */
export const oauth2ClientCredentials = credentialKind({
  type: 'oauth2_client_credentials',
  summary: 'A bearer token for the gateway itself, from a token endpoint (RFC 6749 §4.4).',
  notes: [
    'The client proves itself by its secret, by an assertion signed with its private key (RFC 7523 §2.2) or by the',
    "certificate of the agent's `mutualTls` (RFC 8705 §2.1). One token serves all callers. It is renewed in the",
    'background in the last tenth of its life, and used to its end where the token endpoint cannot be reached.',
  ].join('\n'),
  example: {
    type: 'oauth2_client_credentials',
    tokenUrl: 'https://login.example.com/token',
    clientId: 'gateway',
    clientSecret: '…',
    scopes: ['invoke'],
  },
  members: {
    tokenUrl: url.describe('Token endpoint.'),
    clientId: text.describe('The client the gateway is there.'),
    ...targetMembers,
    ...clientMembers,
  },
  secrets: clientSecrets,
  problemWith: (given) => clientProblem(given),
  addresses: ({ tokenUrl }) => ({ tokenUrl }),
  open(deps) {
    const tokens = createBearerTokens(deps);
    return {
      apply(request, { members, secrets, version }, refused) {
        const { scopes, audience, resource } = members;
        const form = { grant_type: 'client_credentials', scope: scopeOf(scopes), audience, resource };
        const grant = { client: { ...members, ...secrets, version }, form: () => form };
        return tokens.present(request, grant, refused);
      },
      expiresAtMs: ({ version }) => tokens.expiresAtMs(version),
    };
  },
});
