import type { AgentCard, SecurityRequirement, SecurityScheme } from '../card.ts';

/** A published card that readers of 0.3 understand too: its own members, and beside them those of 0.3 (0.3 §5.5). */
export interface HybridCard extends Omit<AgentCard, 'securitySchemes'> {
  protocolVersion: '0.3.0';
  url: string;
  preferredTransport: string;
  /** All endpoints, the preferred one among them; absent where there is no other. */
  additionalInterfaces?: { url: string; transport: string }[];
  supportsAuthenticatedExtendedCard?: boolean;
  securitySchemes?: Record<string, Record<string, unknown>>;
  security?: Record<string, string[]>[];
}

/**
 * A published card in both layouts at once. A reader of 1.0 takes `supportedInterfaces`, one of 0.3 finds its interfaces
 * of 0.3 alone; a security scheme has the members of both. Nothing is lost, and nothing is added that the published card
 * does not say. `parseAgentCard` reads it without a warning.
 *
 * @throws TypeError when the card has no interface of 0.3
 */
export function toHybridCard(card: AgentCard): HybridCard {
  const { supportedInterfaces, capabilities, securitySchemes, securityRequirements, ...same } = card;
  const endpoints = supportedInterfaces
    .filter(({ protocolVersion }) => protocolVersion === '0.3')
    .map(({ url, protocolBinding }) => ({ url, transport: protocolBinding }));
  const [preferred] = endpoints;
  if (preferred === undefined) throw new TypeError('a card for readers of 0.3 needs an interface of 0.3');
  const { extendedAgentCard } = capabilities;
  return {
    ...same,
    supportedInterfaces,
    protocolVersion: '0.3.0',
    url: preferred.url,
    preferredTransport: preferred.transport,
    ...(endpoints.length > 1 && { additionalInterfaces: endpoints }),
    capabilities,
    ...(extendedAgentCard !== undefined && { supportsAuthenticatedExtendedCard: extendedAgentCard }),
    ...(securitySchemes && { securitySchemes: hybridSchemes(securitySchemes) }),
    ...(securityRequirements && {
      securityRequirements,
      security: securityRequirements.map(legacyRequirement),
    }),
  };
}

/** As {@link HybridCard}, but its 0.3 in ProtoJSON, which lays security out as 1.0 does. */
export interface HybridProtoCard extends Omit<HybridCard, 'security'> {
  security?: AgentCard['securityRequirements'];
}

/** As {@link toHybridCard}, for what is read as ProtoJSON: an extended card over HTTP+JSON of 0.3. @throws TypeError as there */
export function toHybridProtoCard(card: AgentCard): HybridProtoCard {
  const { security: _, ...same } = toHybridCard(card);
  const { securityRequirements: security } = card;
  return { ...same, ...(security && { security }) };
}

/** What names a scheme's kind in 1.0, and its `type` in 0.3, which is OpenAPI's. */
const schemeTypes: Readonly<Record<string, string>> = {
  apiKeySecurityScheme: 'apiKey',
  httpAuthSecurityScheme: 'http',
  oauth2SecurityScheme: 'oauth2',
  openIdConnectSecurityScheme: 'openIdConnect',
  mtlsSecurityScheme: 'mutualTLS',
};

function hybridSchemes(
  schemes: Readonly<Record<string, SecurityScheme>>,
): Record<string, Record<string, unknown>> {
  const named = Object.entries(schemes).map(([name, scheme]) => [
    name,
    { ...scheme, ...legacyScheme(scheme) },
  ]);
  return Object.fromEntries(named);
}

/** @throws TypeError for a kind 0.3 has no name for; the gateway publishes none */
function legacyScheme(scheme: SecurityScheme): Record<string, unknown> {
  const [[kind, members] = ['', {}]] = Object.entries(scheme);
  const type = schemeTypes[kind];
  if (type === undefined) throw new TypeError('a security scheme of no known kind');
  const { location, ...rest } = members;
  return { type, ...rest, ...(location !== undefined && { in: location }) };
}

function legacyRequirement({ schemes }: SecurityRequirement): Record<string, string[]> {
  return Object.fromEntries(Object.entries(schemes).map(([name, { list = [] }]) => [name, [...list]]));
}
