import { parseUrl } from '../parse-url.ts';
import { defaultCardLimits } from './card/limits.ts';
import { createRedact, type Redact } from './card/redact.ts';
import { uniqueId } from './card/skill.ts';
import { clipped } from './card/text.ts';
import { isInternalHost } from './card/url.ts';
import type {
  AgentCapabilities,
  AgentCard,
  AgentExtension,
  AgentInterface,
  AgentSkill,
  SecurityRequirement,
  SecurityScheme,
} from './card.ts';
import type { Protocol } from './protocols.ts';

/** Where the gateway serves an agent in a binding and version. */
export interface ServedInterface extends Protocol {
  url: string;
  /** Where the URL does not tell the agent (A2A §8.3.2). */
  tenant?: string;
}

/** What the gateway puts in the place of the agent's own, and what it carries. */
export interface Publication {
  /** The agent's URL at the gateway, such as `https://gateway.example/agents/billing`. */
  gatewayUrl: string;
  /** Where else the backend is, such as where its card was fetched: hidden like the interfaces' URLs. */
  otherUrls?: readonly string[];
  /** In order of preference; at least one. */
  interfaces: readonly AgentInterface[];
  securitySchemes: Readonly<Record<string, SecurityScheme>>;
  securityRequirements: readonly SecurityRequirement[];
  /** Capabilities the gateway can carry; others are published as absent. */
  carried: Readonly<Record<'streaming' | 'pushNotifications' | 'extendedAgentCard', boolean>>;
}

const { maxNameLength, maxTextLength } = defaultCardLimits;

/**
 * The card as callers see it (A2A §4.4.1, §5.1, §13.3): the gateway's interfaces, security and nothing that tells
 * where the backend is. Links to the backend or to internal hosts are dropped, and so is a provider left without its
 * URL, which the specification requires; mentions of the backend's URLs in texts become the gateway's URL. Extensions
 * keep their `required`; one whose URI is on the backend's host is dropped.
 *
 * Nothing in it is empty, not even in extension parameters: signature verifiers disagree about empty values (§8.4.1).
 * `parseAgentCard` reads it without a warning. The security given is not checked. Pure: the same arguments
 * give the same card.
 *
 * @throws TypeError when no interface is given: an agent that cannot be served is not published
 */
export function publishedCard(card: AgentCard, how: Publication): AgentCard {
  if (how.interfaces.length === 0) throw new TypeError('a published card needs an interface');
  const backend = [...card.supportedInterfaces.map(({ url }) => url), ...(how.otherUrls ?? [])];
  const redact = createRedact(backend, how.gatewayUrl);
  return {
    name: short(card.name, redact),
    description: long(card.description, redact),
    version: short(card.version, redact),
    supportedInterfaces: how.interfaces.map((served) => ({ ...served })),
    capabilities: publishedCapabilities(card.capabilities, how.carried, redact),
    defaultInputModes: nonEmpty(publishedModes(card.defaultInputModes, redact), 'text/plain'),
    defaultOutputModes: nonEmpty(publishedModes(card.defaultOutputModes, redact), 'text/plain'),
    skills: publishedSkills(card.skills, redact),
    ...publishedLinks(card, redact),
    ...(Object.keys(how.securitySchemes).length > 0 && { securitySchemes: { ...how.securitySchemes } }),
    ...(how.securityRequirements.length > 0 && { securityRequirements: [...how.securityRequirements] }),
  };
}

/**
 * What the gateway serves of an agent in order of preference: the latest version first, for readers that know no other; in
 * a version what the agent speaks itself, in its own order, before what is bridged.
 */
export function byPreference(card: AgentCard, served: readonly ServedInterface[]): ServedInterface[] {
  const rankOf = (protocol: Protocol) => {
    const rank = card.supportedInterfaces.findIndex((at) => isOf(at, protocol));
    return rank === -1 ? card.supportedInterfaces.length : rank;
  };
  return [...served].sort((one, other) => {
    if (one.protocolVersion !== other.protocolVersion)
      return one.protocolVersion > other.protocolVersion ? -1 : 1;
    return rankOf(one) - rankOf(other);
  });
}

/** The agent's preferred interface of a binding and version, if it has one. */
export function offers(card: AgentCard, protocol: Protocol): AgentInterface | undefined {
  return card.supportedInterfaces.find((at) => isOf(at, protocol));
}

function isOf(at: AgentInterface, { protocolBinding, protocolVersion }: Protocol): boolean {
  return at.protocolBinding === protocolBinding && at.protocolVersion === protocolVersion;
}

/** Both flags are always stated: an empty object is among the values verifiers disagree about. */
function publishedCapabilities(
  capabilities: AgentCapabilities,
  carried: Publication['carried'],
  redact: Redact,
): AgentCapabilities {
  const extensions = (capabilities.extensions ?? [])
    .filter(({ uri }) => redact(uri) === uri)
    .map((extension) => publishedExtension(extension, redact));
  const { extendedAgentCard } = capabilities;
  return {
    streaming: capabilities.streaming === true && carried.streaming,
    pushNotifications: capabilities.pushNotifications === true && carried.pushNotifications,
    ...(extendedAgentCard !== undefined && {
      extendedAgentCard: extendedAgentCard && carried.extendedAgentCard,
    }),
    ...(extensions.length > 0 && { extensions }),
  };
}

function publishedExtension(extension: AgentExtension, redact: Redact): AgentExtension {
  const { uri, description, required } = extension;
  const params = redactJson(extension.params, redact);
  return {
    uri,
    ...(description !== undefined && { description: long(description, redact) }),
    ...(required && { required }),
    // An object stays an object.
    ...(params !== undefined && { params: params as Record<string, unknown> }),
  };
}

/** Texts and member names redacted, empty values left out at every depth; undefined when nothing is left. */
function redactJson(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value) || undefined;
  if (value === null || typeof value !== 'object') return value ?? undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => redactJson(item, redact)).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  const entries = Object.entries(value)
    .map(([name, member]) => [redact(name), redactJson(member, redact)] as const)
    .filter(([, member]) => member !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Two ids may have become one by redaction, and a skill needs a tag (§5.7): its id stands in. */
function publishedSkills(skills: readonly AgentSkill[], redact: Redact): AgentSkill[] {
  const ids = new Set<string>();
  return skills.map((skill) => {
    const id = uniqueId(short(skill.id, redact), ids, maxNameLength);
    const inputModes = publishedModes(skill.inputModes ?? [], redact);
    const outputModes = publishedModes(skill.outputModes ?? [], redact);
    return {
      id,
      name: short(skill.name, redact),
      description: long(skill.description, redact),
      tags: nonEmpty(
        skill.tags.map((tag) => short(tag, redact)),
        id,
      ),
      ...(skill.examples && { examples: skill.examples.map((example) => long(example, redact)) }),
      ...(inputModes.length > 0 && { inputModes }),
      ...(outputModes.length > 0 && { outputModes }),
    };
  });
}

function publishedModes(modes: readonly string[], redact: Redact): string[] {
  return modes.filter((mode) => redact(mode) === mode);
}

function publishedLinks(
  card: AgentCard,
  redact: Redact,
): Pick<AgentCard, 'provider' | 'documentationUrl' | 'iconUrl'> {
  const { provider, documentationUrl, iconUrl } = card;
  return {
    ...(provider?.url !== undefined &&
      isPublicLink(provider.url, redact) && {
        provider: { url: provider.url, organization: short(provider.organization, redact) },
      }),
    ...(documentationUrl !== undefined && isPublicLink(documentationUrl, redact) && { documentationUrl }),
    ...(iconUrl !== undefined && isPublicLink(iconUrl, redact) && { iconUrl }),
  };
}

function isPublicLink(link: string, redact: Redact): boolean {
  const url = redact(link) === link ? parseUrl(link) : undefined;
  if (url === undefined) return false;
  const { protocol, hostname } = url;
  return (protocol === 'https:' || protocol === 'http:') && !isInternalHost(hostname);
}

/** The gateway's URL may be longer than what it replaces; the limits hold for what is published too. */
function short(text: string, redact: Redact): string {
  return clipped(redact(text), maxNameLength);
}

function long(text: string, redact: Redact): string {
  return clipped(redact(text), maxTextLength);
}

function nonEmpty(list: string[], otherwise: string): string[] {
  return list.length > 0 ? list : [otherwise];
}
