import type { AgentCard, AgentSkill } from '../protocol/card.ts';
import { offers, publishedCard } from '../protocol/card-publish.ts';
import { spokenProtocols } from '../protocol/protocols.ts';
import type { Agent } from '../registry/agent.ts';
import { exactKey, termsOf } from './analysis.ts';

/** Where a term stands; the first is the best place. The order is part of every kept document: add at the end only. */
export const fields = ['name', 'tag', 'skill', 'description', 'example'] as const;
export type Field = (typeof fields)[number];

/** What the search knows of an active agent. A pure function of the agent. */
export interface SearchDocument {
  agentId: string;
  /** Of the agent this was made of. */
  revision: number;
  /** {@link exactKey} of the card's name. */
  name: string;
  /** The agent's tags, as registered. */
  tags: string[];
  /** What filters ask for: `binding:JSONRPC`, `version:1.0`, `capability:streaming`. */
  facets: string[];
  /** Each term with the index of its best place among {@link fields}. */
  terms: ReadonlyMap<string, number>;
  /** What is embedded; two agents of one text have one vector. */
  text: string;
}

/** A document as text, for where it is kept. */
export function toDocumentJson(document: SearchDocument): string {
  return JSON.stringify({ ...document, terms: [...document.terms] });
}

/** Of what {@link toDocumentJson} wrote; nothing is checked. */
export function fromDocumentJson(text: string): SearchDocument {
  const kept = JSON.parse(text) as SearchDocument & { terms: Iterable<[string, number]> };
  return { ...kept, terms: new Map(kept.terms) };
}

/** Past this many the later ones, which stand in worse places, are left out. */
export const maxDocumentTerms = 400;
/** What a model reads of one text part, and of an agent in all: models read a few hundred words. */
const maxPartChars = 600;
export const maxTextChars = 2_000;

/** What one agent may filter by beside tags. */
export const facetCapabilities = ['streaming', 'pushNotifications', 'extendedAgentCard'] as const;
export type FacetCapability = (typeof facetCapabilities)[number];

export function toSearchDocument(agent: Agent): SearchDocument {
  const { agentId, revision, tags } = agent;
  const card = publishedTexts(agent);
  return {
    agentId,
    revision,
    name: exactKey(card.name),
    tags: [...tags],
    facets: facetsOf(agent.card),
    terms: placedTerms(agentId, tags, card),
    text: embeddedText(tags, card),
  };
}

/** The card without what callers must not learn: a guess at the backend's address must not find its agent. */
function publishedTexts({ agentId, agentCardUrl, backendUrl, card }: Agent): AgentCard {
  return publishedCard(card, {
    gatewayUrl: `/agents/${agentId}`,
    otherUrls: [agentCardUrl, ...(backendUrl === undefined ? [] : [backendUrl])],
    interfaces: card.supportedInterfaces,
    securitySchemes: {},
    securityRequirements: [],
    carried: { streaming: true, pushNotifications: true, extendedAgentCard: true },
  });
}

/** Of what an agent speaks itself; bridged, it can be called in every protocol. */
function facetsOf(card: AgentCard): string[] {
  const own = spokenProtocols.filter((protocol) => offers(card, protocol) !== undefined);
  const facets = own.flatMap(({ protocolBinding, protocolVersion }) => [
    `binding:${protocolBinding}`,
    `version:${protocolVersion}`,
  ]);
  for (const name of facetCapabilities)
    if (card.capabilities[name] === true) facets.push(`capability:${name}`);
  return [...new Set(facets)];
}

function placedTerms(agentId: string, tags: readonly string[], card: AgentCard): Map<string, number> {
  const { skills } = card;
  const places: Record<Field, string[]> = {
    name: [card.name, agentId, card.provider?.organization ?? ''],
    tag: [...tags, ...skills.flatMap((skill) => skill.tags)],
    skill: skills.map((skill) => skill.name),
    description: [card.description, ...skills.map((skill) => skill.description)],
    example: skills.flatMap((skill) => skill.examples ?? []),
  };
  const terms = new Map<string, number>();
  for (const [place, field] of fields.entries()) {
    for (const term of places[field].flatMap(termsOf)) {
      if (terms.size >= maxDocumentTerms) break;
      if (!terms.has(term)) terms.set(term, place);
    }
  }
  return terms;
}

/**
 * What is said of an agent, most telling first: name, description, each skill's name and description, tags, examples.
 * Each part is cut at 600 characters and the whole at 2000.
 */
function embeddedText(tags: readonly string[], { name, description, skills }: AgentCard): string {
  const said = [name, description, ...skills.map(skillText)];
  const named = [...new Set([...tags, ...skills.flatMap((skill) => skill.tags)])].join(', ');
  const parts = [...said, named, ...skills.flatMap((skill) => skill.examples ?? [])];
  const text = parts
    .map((part) => cut(part.replace(/\s+/gu, ' ').trim(), maxPartChars))
    .filter((part) => part !== '')
    .join('. ');
  // An embedder refuses blank text; the parser gives every card a name, a name of blanks among them.
  return cut(text, maxTextChars) || 'agent';
}

function skillText({ name, description }: AgentSkill): string {
  return description === '' ? name : `${name}: ${description}`;
}

/** Never between the halves of a surrogate pair. */
function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(maxChars - 1)) ? maxChars - 1 : maxChars;
  return text.slice(0, end);
}
