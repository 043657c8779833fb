import { GatewayError } from '../../failure.ts';
import type { ServedVersion } from '../../protocol/version.ts';
import type { Agent } from '../../registry/agent.ts';
import { directoryAgentId } from '../../registry/registration-schema.ts';
import { admit } from '../admission.ts';
import { cardFor, cardVariant, isCardPublic } from '../cards.ts';
import { counted } from '../counted.ts';
import { agentOf, builtInAgent } from '../directory.ts';
import { countDiscovery, headersOfCall } from '../metering.ts';
import { matchesNone } from '../precondition.ts';
import { restRefusal, toGatewayError } from '../respond.ts';
import type { Call, Route } from '../route.ts';
import type { Services } from '../services.ts';
import { versionOf } from '../version.ts';

const wellKnown = '/.well-known/agent-card.json';

/** Cards (A2A §8.2), with and without a trailing slash: a redirect would lose the caller's token. */
export const cardRoutes: readonly Route[] = [
  ...cardRoute(`/agents/{agentId}${wellKnown}`, 'The agent card, rewritten for the gateway', handleCard),
  ...cardRoute(wellKnown, 'The card of the directory, which finds agents', handleGatewayCard),
];

function cardRoute(path: string, summary: string, handle: typeof handleCard): Route[] {
  const more = { method: 'GET', access: 'own', summary, answers: [200, 304], handle } as const;
  return [path, `${path}/`].map((path) => ({ ...more, path }));
}

/** What a client finds that knows the gateway's address only: the agent that knows the others. */
async function handleGatewayCard(call: Call, services: Services): Promise<Response> {
  if (builtInAgent(directoryAgentId, services) === undefined)
    throw new GatewayError({ code: 'route_not_found' });
  call.note.agentId = directoryAgentId;
  return handleCard({ ...call, params: { agentId: directoryAgentId } }, services);
}

async function handleCard(call: Call, services: Services): Promise<Response> {
  try {
    const { agent, scopes } = await readerOf(call, services);
    call.note.isLetThrough = true;
    const { principal } = call.note;
    // A card for everybody is given to nobody in particular.
    if (principal !== undefined) await countDiscovery(call, principal, services);
    const card = await cardFor(agent, scopes, services);
    const { tag, signedText } = await cardVariant(card, layoutFor(call, agent), services);
    const headers = {
      'content-type': 'application/json',
      'cache-control': 'private, max-age=60',
      vary: 'Authorization, A2A-Version',
      etag: tag,
      ...headersOfCall(call),
    };
    if (matchesNone(call.request, tag)) return new Response(null, { status: 304, headers });
    return new Response(counted(call, await signedText()), { status: 200, headers });
  } catch (thrown) {
    return restRefusal(call, toGatewayError(thrown), services);
  }
}

/** For 0.3 to whoever asks for it, or for nothing, where the agent may be called in it; to all others the latest. */
function layoutFor(call: Call, agent: Agent): ServedVersion {
  const asked = versionOf(call, agent);
  return asked.ok ? asked.value : '1.0';
}

/** Who may read a card: whoever may call the agent, and anyone where the card is public. */
async function readerOf(call: Call, services: Services): Promise<{ agent: Agent; scopes: string[] }> {
  try {
    const { agent, permissions } = await admit(call, services);
    const scopes = permissions.map(({ scope }) => scope);
    if (scopes[0] !== undefined) call.note.rule = scopes[0];
    return { agent, scopes };
  } catch (refusal) {
    const agent = await agentOf(call.params.agentId ?? '', services);
    if (agent === undefined || !isCardPublic(agent)) throw refusal;
    // What is anyone's is given by no permission, nor kept from anyone by one.
    delete call.note.rule;
    return { agent, scopes: [] };
  }
}
