import { cardSecurity } from '../access/security-schemes.ts';
import type { GatewayConfig } from '../config.ts';
import { grpcPlaceOf } from '../grpc/routing.ts';
import { sha256Hex } from '../protocol/bytes.ts';
import type { AgentCard } from '../protocol/card.ts';
import { cardJson } from '../protocol/card-json.ts';
import { byPreference, publishedCard, type ServedInterface } from '../protocol/card-publish.ts';
import type { Binding } from '../protocol/protocols.ts';
import { toHybridCard, toHybridProtoCard } from '../protocol/v0_3/card-publish.ts';
import type { ServedVersion } from '../protocol/version.ts';
import { type Agent, exposedVersions } from '../registry/agent.ts';
import type { Services } from './services.ts';

/** Where callers reach an agent, in every binding. */
export function agentUrl(agentId: string, { config }: Pick<Services, 'config'>): string {
  return `${config.publicUrl.replace(/\/$/, '')}${config.agentsPath}/${agentId}`;
}

/** Where the keys are that verify a published card. */
export function keySetUrl({ publicUrl }: Pick<GatewayConfig, 'publicUrl'>): string {
  return `${publicUrl.replace(/\/$/, '')}/.well-known/jwks.json`;
}

/** Whether anyone may read an agent's card. */
export function isCardPublic({ publicCard, status }: Agent): boolean {
  return publicCard && status === 'active';
}

/**
 * An agent's card as a caller sees it (A2A §4.4): the gateway's interfaces and security in place of the backend's. Not
 * signed: lists and searches show many, each for one caller, and KMS has a price for every signature.
 *
 * @param scopes scopes of the caller that grant the agent; empty where anyone may read the card
 * @param card the agent's public card unless its extended one is given
 */
export async function cardFor(
  agent: Agent,
  scopes: readonly string[],
  services: Services,
  card: AgentCard = agent.card,
): Promise<AgentCard> {
  const metadata = await services.authenticator.issuerMetadata();
  const gatewayUrl = agentUrl(agent.agentId, services);
  return publishedCard(card, {
    gatewayUrl,
    otherUrls: [agent.agentCardUrl, ...(agent.backendUrl === undefined ? [] : [agent.backendUrl])],
    interfaces: byPreference(agent.card, servedInterfaces(agent, gatewayUrl, services)),
    ...cardSecurity(services.config.issuers, metadata, scopes),
    carried: { streaming: true, pushNotifications: true, extendedAgentCard: true },
  });
}

/** Every binding the runtime takes calls in, in every version the agent may be called in. */
function servedInterfaces(
  agent: Agent,
  url: string,
  { config }: Pick<Services, 'config'>,
): ServedInterface[] {
  return exposedVersions(agent).flatMap((protocolVersion): ServedInterface[] => {
    const overGrpc = grpcPlaceOf(agent.agentId, protocolVersion, config.grpc);
    return [
      { url, protocolBinding: 'JSONRPC', protocolVersion },
      { url, protocolBinding: 'HTTP+JSON', protocolVersion },
      ...(overGrpc === undefined ? [] : [{ ...overGrpc, protocolBinding: 'GRPC' as const, protocolVersion }]),
    ];
  });
}

/**
 * A published card as JSON, for readers of a version: for those of 0.3 in both layouts at once, which each reader takes its
 * own from. For them it must have an interface of 0.3.
 *
 * @param binding in which it is asked for; in 0.3 all but JSON-RPC read ProtoJSON. The public card is plain JSON.
 */
export function cardText(card: AgentCard, version: ServedVersion, binding: Binding = 'JSONRPC'): string {
  if (version === '1.0') return cardJson(card);
  return cardJson(binding === 'JSONRPC' ? toHybridCard(card) : toHybridProtoCard(card));
}

/** A card as it is published, before it is signed for whoever takes it. */
export interface CardVariant {
  /** Weak: what is signed is the same in all processes, and signatures are not. */
  tag: string;
  /** @throws GatewayError `signing_unavailable` */
  signedText(): Promise<string>;
}

/** A card in the layout of a version. @throws GatewayError `signing_unavailable` */
export async function cardVariant(
  card: AgentCard,
  version: ServedVersion,
  { cardSigning }: Pick<Services, 'cardSigning'>,
): Promise<CardVariant> {
  const text = cardText(card, version);
  const { kid, signed } = await cardSigning.current();
  const digest = await sha256Hex(`${kid} ${text}`);
  return { tag: `W/"${digest.slice(0, 32)}"`, signedText: () => signed(text) };
}
