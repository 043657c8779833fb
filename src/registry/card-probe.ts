import { locationOf, plainHttp } from '../backends/backend-config.ts';
import { targetKindOf } from '../backends/kinds.ts';
import { connectionOf } from '../backends/send.ts';
import { GatewayError } from '../failure.ts';
import type { UpstreamRequest } from '../ports.ts';
import type { Agent } from './agent.ts';
import type { CardFetchDeps } from './card-fetch.ts';
import { cardHeaders } from './card-source.ts';

export type CardProbeDeps = Omit<CardFetchDeps, 'clock'>;

/** @throws GatewayError where the origin does not answer well */
export type CardProbe = (
  agent: Agent,
  origin: string,
  caller: { readonly signal: AbortSignal },
) => Promise<void>;

/**
 * Makes what asks one registered origin of an agent for its card. At the card's own origin as when it was registered, with
 * the credential where the kind says so; a redirect is an answer, and is not followed. Another origin is asked as calls
 * ask it, with the credential, and need not have a card: what it answers shows that it is up, but for a server error, a
 * redirect and 401. The card is read to its end and not looked at.
 */
export function createCardProbe({ upstream, send, newId, limits }: CardProbeDeps): CardProbe {
  // The same for all probes: a platform may run, and bill, whatever sessions it is given.
  const session = newId() + newId();

  return async (agent, origin, caller) => {
    const { agentId, backend = plainHttp } = agent;
    const cardUrl = new URL(locationOf(agent).agentCardUrl);
    const isOfCard = cardUrl.origin === origin;
    const connection = connectionOf(agent);
    const request: UpstreamRequest = {
      method: 'GET',
      // Joined as text: a path that begins with `//` would be another host's to the parser of relative URLs.
      url: new URL(origin + cardUrl.pathname + cardUrl.search),
      headers: cardHeaders,
      caller,
      headersTimeoutMs: limits.cardTimeoutMs,
      idleTimeoutMs: limits.cardTimeoutMs,
      totalTimeoutMs: limits.cardTimeoutMs,
      ...(connection !== undefined && { connection }),
    };
    const facts = { agentId, requestId: newId() };
    const isPublic = isOfCard && !targetKindOf(backend).cardNeedsCredential(backend);
    const response = isPublic
      ? await upstream.send(request)
      : await send({ to: agent, request, facts, session });
    if (response.status === 200) return void (await response.bytes(limits.maxCardBytes));
    response.close();
    checkStatus(response.status, isOfCard);
  };
}

/** Where an agent's card may be asked for without its credential: at one of its origins, or nowhere. */
export function publicOriginsOf(agent: Agent): string[] {
  const { backend = plainHttp } = agent;
  if (targetKindOf(backend).cardNeedsCredential(backend)) return [];
  const { agentCardUrl, origins } = locationOf(agent);
  const ofCard = new URL(agentCardUrl).origin;
  return origins.map(({ origin }) => origin).filter((origin) => origin === ofCard);
}

function checkStatus(status: number, isOfCard: boolean): void {
  if (status >= 500) throw new GatewayError({ code: 'upstream_unavailable', status });
  if (status >= 400 && isOfCard)
    throw new GatewayError({ code: 'card_unavailable', problem: `status_${status}` });
}
