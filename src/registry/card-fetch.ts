import type { SecretValues } from '../backends/auth-config.ts';
import { locationOf, plainHttp } from '../backends/backend-config.ts';
import { targetKindOf } from '../backends/kinds.ts';
import { connectionOf, type SendToBackend } from '../backends/send.ts';
import { unwrap } from '../failure.ts';
import type { Clock, NewId, Upstream } from '../ports.ts';
import { defaultCardLimits } from '../protocol/card/limits.ts';
import { cardWarningText } from '../protocol/card/warning.ts';
import { parseAgentCardText } from '../protocol/card-text.ts';
import type { Agent } from './agent.ts';
import { checkInterfaces } from './card-check.ts';
import { type CardLimits, type CardRequest, fetchCard } from './card-source.ts';

export type FetchedCard = Pick<Agent, 'card' | 'cardWarnings' | 'cardFetchedAtMs'>;

export interface CardFetchDeps {
  upstream: Upstream;
  send: SendToBackend;
  clock: Clock;
  newId: NewId;
  limits: CardLimits;
}

type CardOf = Pick<
  Agent,
  'agentId' | 'agentCardUrl' | 'backendUrl' | 'backend' | 'authConfig' | 'caCertificates' | 'deadlines'
>;

/**
 * Fetches and checks the card of an agent, as its backend's kind has it.
 *
 * @param secrets those of its credentials, where they are not kept yet
 * @throws GatewayError `card_unavailable`, `card_invalid`
 */
export async function fetchedCard(
  agent: CardOf,
  deps: CardFetchDeps,
  secrets?: SecretValues,
): Promise<FetchedCard> {
  const { upstream, limits } = deps;
  const { backend = plainHttp } = agent;
  const target = targetKindOf(backend);
  const { agentCardUrl, origins } = locationOf(agent);
  const request: CardRequest = {
    cardUrl: agentCardUrl,
    connection: connectionOf(agent),
    ...(target.cardNeedsCredential(backend) && { send: sendFor(agent, deps, secrets) }),
  };
  const bytes = await fetchCard(upstream, request, limits);
  const parsed = unwrap(
    parseAgentCardText(bytes, { ...defaultCardLimits, maxCardBytes: limits.maxCardBytes }),
  );
  const adopted = { ...parsed, card: target.adoptCard?.(parsed.card, backend) ?? parsed.card };
  const isReduced = adopted.card.supportedInterfaces.length < parsed.card.supportedInterfaces.length;
  const checked = checkInterfaces(
    adopted,
    origins.map(({ origin }) => origin),
    upstream,
  );
  const { card, warnings } = unwrap(checked);
  return {
    card,
    cardWarnings: [
      ...parsed.warnings.map(cardWarningText),
      ...(isReduced ? ['/supportedInterfaces: those the backend cannot be reached by dropped'] : []),
      ...warnings,
    ],
    cardFetchedAtMs: deps.clock.nowMs(),
  };
}

function sendFor(
  agent: CardOf,
  { send, newId }: CardFetchDeps,
  secrets: SecretValues | undefined,
): CardRequest['send'] {
  const facts = { agentId: agent.agentId, requestId: newId() };
  return (request) => send({ to: agent, request, facts, session: newId() + newId(), secrets });
}
