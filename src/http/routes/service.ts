import { keySetUrl } from '../cards.ts';
import { json } from '../respond.ts';
import type { Call, Route } from '../route.ts';
import type { Services } from '../services.ts';

/** Health, and what a client reads to learn how to authenticate. */
export const serviceRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/health',
    access: 'anyone',
    summary: 'Whether the process answers',
    answers: [200],
    handle: async (call, { version }) => json(call, { status: 'up', version }),
  },
  {
    method: 'GET',
    path: '/ready',
    access: 'anyone',
    summary: 'Whether the gateway can serve: its store answers and it is not closing',
    answers: [200, 503],
    handle: ready,
  },
  {
    method: 'GET',
    path: '/.well-known/oauth-protected-resource',
    access: 'anyone',
    summary: 'OAuth 2.0 protected resource metadata (RFC 9728)',
    answers: [200],
    handle: protectedResource,
  },
  {
    method: 'GET',
    path: '/.well-known/oauth-protected-resource/agents/{agentId}',
    access: 'anyone',
    summary: 'The same for one agent, existing or not',
    answers: [200],
    handle: protectedResource,
  },
  {
    method: 'GET',
    path: '/.well-known/jwks.json',
    access: 'anyone',
    summary: 'The keys that verify what the gateway signs in its own name (RFC 7517)',
    answers: [200],
    handle: keySet,
  },
];

async function ready(call: Call, { store, ending, version }: Services): Promise<Response> {
  const isUp =
    !ending.isEnding &&
    (await store.agents.get('ready').then(
      () => true,
      () => false,
    ));
  return json(call, { status: isUp ? 'up' : 'down', version }, isUp ? 200 : 503);
}

/**
 * Keys for credentials and for cards together: what one kind signs is not taken for the other's, since each says in `typ`
 * what it is.
 */
async function keySet(call: Call, { identity, cardSigning }: Services): Promise<Response> {
  const [own, ofCards] = await Promise.all([identity.jwks(), cardSigning.published()]);
  // While there is none for credentials, the first may be made a moment later.
  const headers = own.keys.length === 0 ? {} : { 'cache-control': 'public, max-age=300' };
  return json(call, { keys: [...own.keys, ...ofCards] }, 200, headers);
}

/**
 * Made of the request and the settings alone, so that it tells nothing of which agents exist. No `scopes_supported`: clients
 * ask for all that is listed there, and which scopes are permitted anything is not for anyone to read.
 */
async function protectedResource(call: Call, { config }: Services): Promise<Response> {
  const { agentId } = call.params;
  const base = config.publicUrl.replace(/\/$/, '');
  return json(call, {
    resource: agentId === undefined ? config.publicUrl : `${base}${config.agentsPath}/${agentId}`,
    authorization_servers: config.issuers.map(({ issuer }) => issuer),
    bearer_methods_supported: ['header'],
    jwks_uri: keySetUrl(config),
    resource_name: 'A2A gateway',
  });
}
