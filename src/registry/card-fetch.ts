import { needsCaller, type SecretValues } from '../backends/auth-config.ts';
import { locationOf, plainHttp } from '../backends/backend-config.ts';
import { grpcObstacle } from '../backends/grpc.ts';
import { targetKindOf } from '../backends/kinds.ts';
import type { Caller } from '../backends/request.ts';
import { connectionOf, type SendToBackend } from '../backends/send.ts';
import { unwrap } from '../failure.ts';
import type { Clock, NewId, Upstream } from '../ports.ts';
import { defaultCardLimits } from '../protocol/card/limits.ts';
import { cardWarningText } from '../protocol/card/warning.ts';
import type { AgentCard } from '../protocol/card.ts';
import { parseCardDocument, readCardDocument } from '../protocol/card-text.ts';
import type { Agent } from './agent.ts';
import { checkInterfaces } from './card-check.ts';
import { type CardLimits, type CardRequest, fetchCard } from './card-source.ts';
import type { CardTrust } from './card-trust.ts';
import type { FetchedCard } from './fetched-card.ts';
import { judgeCard } from './trust/judge-card.ts';

export interface CardFetchDeps {
  upstream: Upstream;
  send: SendToBackend;
  clock: Clock;
  newId: NewId;
  limits: CardLimits;
}

type CardOf = Pick<
  Agent,
  | 'agentId'
  | 'agentCardUrl'
  | 'backendUrl'
  | 'backend'
  | 'authConfig'
  | 'caCertificates'
  | 'deadlines'
  | 'cardSignatures'
>;

/** What is presented for a card that wants the agent's credential. */
export interface Presenting {
  /** Those of the credential, where they are not kept yet. */
  secrets?: SecretValues | undefined;
  /** For whom, where the credential is made of a caller. Absent: nobody, and such a card cannot be fetched. */
  caller?: Caller | undefined;
}

/**
 * Fetches and checks the card of an agent, as its backend's kind has it.
 * @throws GatewayError `card_unavailable`, `card_invalid`, `card_untrusted`
 */
export async function fetchedCard(
  agent: CardOf,
  deps: CardFetchDeps,
  presenting: Presenting,
): Promise<FetchedCard> {
  const { upstream, limits } = deps;
  const { backend = plainHttp } = agent;
  const target = targetKindOf(backend);
  const { agentCardUrl, origins } = locationOf(agent);
  const request: CardRequest = {
    cardUrl: agentCardUrl,
    connection: connectionOf(agent),
    ...(target.cardNeedsCredential(backend) && { send: sendFor(agent, deps, presenting) }),
  };
  const { bytes, origin } = await fetchCard(upstream, request, limits);
  const cardLimits = { ...defaultCardLimits, maxCardBytes: limits.maxCardBytes };
  const document = unwrap(readCardDocument(bytes, cardLimits));
  const { trust, content } = await judgeCard(document, agent.cardSignatures, {
    upstream,
    timeoutMs: limits.cardTimeoutMs,
  });
  const parsed = unwrap(parseCardDocument(document, cardLimits, content));
  const ofKind = target.adoptCard?.(parsed.card, backend) ?? parsed.card;
  const adopted = { ...parsed, card: grpcObstacle(agent) === undefined ? ofKind : withoutGrpc(ofKind) };
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
      ...trustWarnings(trust),
    ],
    cardFetchedAtMs: deps.clock.nowMs(),
    cardOrigin: origin,
    declaredSecurity: parsed.security,
    cardTrust: trust,
  };
}

/** Of signatures that say nothing to the gateway, though somebody has made them. */
function trustWarnings({ verdict, detail }: CardTrust): string[] {
  return verdict === 'untrusted' && detail !== undefined ? [`/signatures: ${detail}; not relied on`] : [];
}

function withoutGrpc(card: AgentCard): AgentCard {
  const supportedInterfaces = card.supportedInterfaces.filter(
    ({ protocolBinding }) => protocolBinding !== 'GRPC',
  );
  return { ...card, supportedInterfaces };
}

function sendFor(
  agent: CardOf,
  { send, newId }: CardFetchDeps,
  { secrets, caller }: Presenting,
): CardRequest['send'] {
  // Any other credential is the gateway's own affair: it asks in nobody's name.
  const isFor = caller !== undefined && needsCaller(agent.authConfig);
  const facts = { agentId: agent.agentId, requestId: newId(), ...(isFor && { caller }) };
  return (request) => send({ to: agent, request, facts, session: newId() + newId(), secrets });
}
