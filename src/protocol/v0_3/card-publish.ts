import type { AgentCard, SecurityRequirement, SecurityScheme } from '../card.ts';

/** An agent card as 0.3 lays it out (0.3 §5.5), of what a published card has. */
export interface LegacyCard
  extends Omit<
    AgentCard,
    'supportedInterfaces' | 'capabilities' | 'securitySchemes' | 'securityRequirements'
  > {
  protocolVersion: '0.3.0';
  url: string;
  preferredTransport: string;
  /** All endpoints, the preferred one among them; absent where there is no other. */
  additionalInterfaces?: { url: string; transport: string }[];
  capabilities: Omit<AgentCard['capabilities'], 'extendedAgentCard'>;
  supportsAuthenticatedExtendedCard?: boolean;
  securitySchemes?: Record<string, Record<string, unknown>>;
  security?: Record<string, string[]>[];
}

/**
 * A published card in the layout of 0.3, with its interfaces of 0.3 alone. Nothing else is lost, and nothing is added
 * that the published card does not say. `parseAgentCard` reads it without a warning.
 *
 * @throws TypeError when the card has no interface of 0.3
 */
export function toLegacyCard(card: AgentCard): LegacyCard {
  const { supportedInterfaces, capabilities, securitySchemes, securityRequirements, ...same } = card;
  const endpoints = supportedInterfaces
    .filter(({ protocolVersion }) => protocolVersion === '0.3')
    .map(({ url, protocolBinding }) => ({ url, transport: protocolBinding }));
  const [preferred] = endpoints;
  if (preferred === undefined) throw new TypeError('a card in the layout of 0.3 needs an interface of 0.3');
  const { extendedAgentCard, ...otherCapabilities } = capabilities;
  return {
    ...same,
    protocolVersion: '0.3.0',
    url: preferred.url,
    preferredTransport: preferred.transport,
    ...(endpoints.length > 1 && { additionalInterfaces: endpoints }),
    capabilities: otherCapabilities,
    ...(extendedAgentCard !== undefined && { supportsAuthenticatedExtendedCard: extendedAgentCard }),
    ...(securitySchemes && { securitySchemes: legacySchemes(securitySchemes) }),
    ...(securityRequirements && { security: securityRequirements.map(legacyRequirement) }),
  };
}

/** What names a scheme's kind in 1.0, and its `type` in 0.3, which is OpenAPI's. */
const schemeTypes: Readonly<Record<string, string>> = {
  apiKeySecurityScheme: 'apiKey',
  httpAuthSecurityScheme: 'http',
  oauth2SecurityScheme: 'oauth2',
  openIdConnectSecurityScheme: 'openIdConnect',
  mtlsSecurityScheme: 'mutualTLS',
};

function legacySchemes(
  schemes: Readonly<Record<string, SecurityScheme>>,
): Record<string, Record<string, unknown>> {
  const named = Object.entries(schemes).map(([name, scheme]) => [name, legacyScheme(scheme)]);
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
