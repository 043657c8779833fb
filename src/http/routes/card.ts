import { grantingScopes } from '../../access/authorize.ts';
import type { Agent } from '../../registry/agent.ts';
import { admit } from '../admission.ts';
import { cardFor, cardVariant } from '../cards.ts';
import { matchesNone } from '../precondition.ts';
import { restRefusal, toGatewayError } from '../respond.ts';
import type { Call, Route } from '../route.ts';
import type { Services } from '../services.ts';

/** The card of an agent (A2A §8.2), with and without a trailing slash: a redirect would lose the caller's token. */
export const cardRoutes: readonly Route[] = [
  '/agents/{agentId}/.well-known/agent-card.json',
  '/agents/{agentId}/.well-known/agent-card.json/',
].map((path) => ({
  method: 'GET',
  path,
  access: 'own',
  summary: 'The agent card, rewritten for the gateway',
  answers: [200, 304],
  handle: handleCard,
}));

async function handleCard(call: Call, services: Services): Promise<Response> {
  try {
    const { agent, scopes } = await readerOf(call, services);
    const { body, tag } = await cardVariant(await cardFor(agent, scopes, services));
    const headers = {
      'content-type': 'application/json',
      'cache-control': 'private, max-age=60',
      vary: 'Authorization, A2A-Version',
      etag: tag,
      'x-request-id': call.requestId,
    };
    if (matchesNone(call.request, tag)) return new Response(null, { status: 304, headers });
    return new Response(body, { status: 200, headers });
  } catch (thrown) {
    return restRefusal(call, toGatewayError(thrown), services);
  }
}

/** Who may read a card: whoever may call the agent, and anyone where the card is public. */
async function readerOf(call: Call, services: Services): Promise<{ agent: Agent; scopes: string[] }> {
  try {
    const { agent, permissions } = await admit(call, services);
    return { agent, scopes: grantingScopes(permissions, agent) };
  } catch (refusal) {
    const agent = await services.store.agents.get(call.params.agentId ?? '');
    if (agent?.publicCard === true && agent.status === 'active') return { agent, scopes: [] };
    throw refusal;
  }
}
