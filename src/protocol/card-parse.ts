import type { Result } from '../failure.ts';
import { readCapabilities } from './card/capabilities.ts';
import { readInterfaces } from './card/interface.ts';
import { type CardLimits, defaultCardLimits } from './card/limits.ts';
import { readDefaultModes } from './card/modes.ts';
import { CardReader, type Found, isObject, readMembers } from './card/reader.ts';
import { readSkills } from './card/skill.ts';
import { readRequiredText, readText } from './card/text.ts';
import { httpUrlProblem } from './card/url.ts';
import type { CardWarning } from './card/warning.ts';
import type { AgentCard, AgentInterface } from './card.ts';
import { type DeclaredSecurity, readDeclaredSecurity } from './declared-security.ts';
import { readEndpoints, readLegacyEndpoints } from './v0_3/card.ts';

export interface ParsedCard {
  card: AgentCard;
  /** The layout it was published in; 1.0 wins where a card has both. Interfaces carry their own version. */
  generation: '1.0' | '0.3';
  security: DeclaredSecurity;
  warnings: CardWarning[];
}

// Security is kept beside the card: the gateway's own takes its place, and it holds the credentials.
// Signatures are dropped without a word: what is published is another document (§8.4). The last four are of 0.3.
const cardMembers = [
  'name',
  'description',
  'version',
  'supportedInterfaces',
  'capabilities',
  'defaultInputModes',
  'defaultOutputModes',
  'skills',
  'provider',
  'documentationUrl',
  'iconUrl',
  'securitySchemes',
  'securityRequirements',
  'signatures',
  'authentication',
  'protocolVersion',
  'url',
  'preferredTransport',
  'additionalInterfaces',
  'supportsAuthenticatedExtendedCard',
  'security',
] as const;
const olderCardMembers = { supportsExtendedAgentCard: 'supportsAuthenticatedExtendedCard' } as const;
type CardMembers = Record<(typeof cardMembers)[number], Found>;

const providerMembers = ['organization', 'url'] as const;

/**
 * Reads an agent card of 1.0 or 0.3, or one that is both, into the 1.0 shape (A2A §4.4, 0.3 §5.5). Harmless
 * deviations are mended, each with a warning; a card that could mislead or whose endpoint cannot be told is refused.
 * The result holds no empty optional value and reads again as itself, without a warning.
 *
 * Does not check that an interface answers or where its URL leads, that signatures hold, or that a media type or
 * extension exists. Security is no part of the card, see {@link DeclaredSecurity}; signatures are dropped. Never throws.
 *
 * @param input a value as `JSON.parse` gives it
 * Failures: `card_invalid`, whose path is a JSON Pointer (RFC 6901) to the first problem.
 */
export function parseAgentCard(
  input: unknown,
  limits: Readonly<CardLimits> = defaultCardLimits,
): Result<ParsedCard> {
  const reader = new CardReader(limits);
  const members = readMembers(reader, { value: input, path: '' }, cardMembers, olderCardMembers);
  const generation = members && generationOf(reader, members);
  const card = members && generation && readCard(reader, members, generation);
  const security = members && readDeclaredSecurity(reader, securityOf(members));
  // Where the card is not read, a problem was found, and the result is that failure.
  return reader.result({ card, generation, security, warnings: reader.warnings() } as ParsedCard);
}

function securityOf(members: CardMembers): Record<string, Found> {
  const { securitySchemes, securityRequirements, security, authentication } = members;
  return { securitySchemes, securityRequirements, security, authentication };
}

/**
 * A `url` alone is no sign of a card: manifests of many kinds have one. With it must come something that only A2A
 * cards have, or the skills every one of them needs.
 */
function generationOf(reader: CardReader, members: CardMembers): ParsedCard['generation'] | undefined {
  const { supportedInterfaces, url, protocolVersion, preferredTransport, skills } = members;
  const empty = Array.isArray(supportedInterfaces.value) && supportedInterfaces.value.length === 0;
  if (supportedInterfaces.value !== undefined && !empty) return '1.0';
  const signs = [protocolVersion, preferredTransport, skills].some(({ value }) => value !== undefined);
  return url.value !== undefined && signs ? '0.3' : reader.refuse(supportedInterfaces, 'required');
}

function readCard(reader: CardReader, members: CardMembers, generation: ParsedCard['generation']): AgentCard {
  const { maxNameLength, maxTextLength } = reader.limits;
  const name = readRequiredText(reader, members.name, { kind: 'line', maxLength: maxNameLength }) ?? '';
  const supportedInterfaces = readAllInterfaces(reader, members, generation);
  const prose = { kind: 'prose', maxLength: maxTextLength, essential: true } as const;
  const described = readText(reader, members.description, prose);
  if (described === undefined) reader.warn(members.description, 'member_missing');
  const description = described ?? name;
  if (members.authentication.value !== undefined) {
    reader.warn(members.authentication, 'authentication_dropped');
  }
  return {
    name,
    description,
    version: readCardVersion(reader, members.version),
    supportedInterfaces,
    capabilities: readCapabilities(reader, members.capabilities, members.supportsAuthenticatedExtendedCard),
    defaultInputModes: readDefaultModes(reader, members.defaultInputModes),
    defaultOutputModes: readDefaultModes(reader, members.defaultOutputModes),
    skills: readSkills(reader, members.skills, { name, description }),
    ...readIdentity(reader, members),
  };
}

function readAllInterfaces(
  reader: CardReader,
  members: CardMembers,
  generation: ParsedCard['generation'],
): AgentInterface[] {
  const before = reader.problems;
  const interfaces =
    generation === '0.3'
      ? readEndpoints(reader, members)
      : readInterfaces(reader, members.supportedInterfaces, members.protocolVersion);
  if (generation === '1.0') interfaces.push(...readLegacyEndpoints(reader, members, interfaces));
  const where = generation === '0.3' ? members.preferredTransport : members.supportedInterfaces;
  if (interfaces.length === 0 && reader.problems === before) reader.refuse(where, 'must name an A2A binding');
  const { maxInterfaces } = reader.limits;
  if (interfaces.length > maxInterfaces) reader.refuse(where, `must have at most ${maxInterfaces} items`);
  return interfaces;
}

/** The agent's own version, free text; `0.0.0` where it has none. */
function readCardVersion(reader: CardReader, found: Found): string {
  const rule = { kind: 'line', maxLength: reader.limits.maxNameLength, numbers: true } as const;
  const version = readText(reader, found, rule);
  if (version === undefined) reader.warn(found, 'member_missing');
  return version ?? '0.0.0';
}

function readIdentity(
  reader: CardReader,
  members: CardMembers,
): Pick<AgentCard, 'provider' | 'documentationUrl' | 'iconUrl'> {
  const provider = readProvider(reader, members.provider);
  const documentationUrl = readLink(reader, members.documentationUrl);
  const iconUrl = readLink(reader, members.iconUrl);
  return {
    ...(provider && { provider }),
    ...(documentationUrl && { documentationUrl }),
    ...(iconUrl && { iconUrl }),
  };
}

/** A bare text is the organization. A provider without a URL is kept: the organization helps to find the agent. */
function readProvider(reader: CardReader, found: Found): AgentCard['provider'] {
  if (found.value === undefined) return undefined;
  const value = typeof found.value === 'string' ? { organization: found.value } : found.value;
  if (value !== found.value) reader.warn(found, 'value_converted');
  if (!isObject(value)) return reader.warn(found, 'value_dropped');
  const members = readMembers(reader, { value, path: found.path }, providerMembers, { name: 'organization' });
  if (members === undefined) return undefined;
  const rule = { kind: 'line', maxLength: reader.limits.maxNameLength } as const;
  const organization = readText(reader, members.organization, rule);
  if (organization === undefined) return reader.warn(found, 'value_dropped');
  const url = readLink(reader, members.url);
  return { ...(url !== undefined && { url }), organization };
}

/** A link for people: one that is no web address, or an icon written out as a long `data:` URL, is dropped. */
function readLink(reader: CardReader, found: Found): string | undefined {
  const { maxUrlLength } = reader.limits;
  if (typeof found.value === 'string' && found.value.length > maxUrlLength)
    return reader.warn(found, 'value_dropped');
  const url = readText(reader, found, { kind: 'prose', maxLength: maxUrlLength });
  if (url === undefined) return undefined;
  return httpUrlProblem(url.replace(/#.*/, '')) === undefined ? url : reader.warn(found, 'value_dropped');
}
