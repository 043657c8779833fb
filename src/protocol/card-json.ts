import { isObject } from './card/reader.ts';
import type { AgentCard } from './card.ts';
import type { HybridCard, HybridProtoCard } from './v0_3/card-publish.ts';

/** Members in the order people read a card; names not listed follow, sorted. */
const memberOrder = [
  'name',
  'description',
  'version',
  'provider',
  'supportedInterfaces',
  'url',
  'organization',
  'protocolBinding',
  'protocolVersion',
  'tenant',
  'capabilities',
  'streaming',
  'pushNotifications',
  'extendedAgentCard',
  'extensions',
  'securitySchemes',
  'securityRequirements',
  'defaultInputModes',
  'defaultOutputModes',
  'skills',
  'documentationUrl',
  'iconUrl',
] as const;
const ranks = new Map<string, number>(memberOrder.map((name, index) => [name, index]));

/**
 * The card as JSON without spaces. Equal cards give equal texts, whatever order their members were set in (an agent
 * written in Go shuffles its maps), so an ETag over the bytes changes only when the card does (A2A §8.6).
 * Not RFC 8785: signing has its own canonical form.
 */
export function cardJson(card: AgentCard | HybridCard | HybridProtoCard): string {
  return JSON.stringify(ordered(card));
}

/** A value with the members of its objects in one order. */
export function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([one], [other]) => byRank(one, other));
  return Object.fromEntries(entries.map(([name, member]) => [name, ordered(member)]));
}

function byRank(one: string, other: string): number {
  const difference = (ranks.get(one) ?? ranks.size) - (ranks.get(other) ?? ranks.size);
  if (difference !== 0) return difference;
  return one < other ? -1 : 1;
}
