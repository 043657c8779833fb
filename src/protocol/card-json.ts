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

/** One difference of two cards. `before` and `after` are JSON, cut at 256 characters; one absent means added or removed. */
export interface CardChange {
  /** RFC 6901; into the later card, or into the earlier one for what was removed. */
  path: string;
  before?: string;
  after?: string;
}

export interface CardDiff {
  changes: CardChange[];
  /** Changes beyond those listed. */
  more: number;
}

const maxValueLength = 256;

/**
 * What changed from one card to another, member by member: skills are matched by id and extensions by URI, other lists
 * by position. It shows the backend's addresses and is for the agent's owner only.
 *
 * @param maxChanges listed at most; default 100
 */
export function cardDiff(before: AgentCard, after: AgentCard, maxChanges = 100): CardDiff {
  const changes = [...differences('', before, after)];
  return { changes: changes.slice(0, maxChanges), more: Math.max(0, changes.length - maxChanges) };
}

function* differences(path: string, before: unknown, after: unknown): Generator<CardChange> {
  const [from, to] = [partsOf(before), partsOf(after)];
  if (from === undefined || to === undefined || Array.isArray(before) !== Array.isArray(after)) {
    const change = changeOf(path, before, after);
    if (change !== undefined) yield change;
    return;
  }
  for (const [key, { segment, value }] of from) {
    if (!to.has(key)) yield { path: `${path}/${segment}`, before: shown(value) };
  }
  for (const [key, { segment, value }] of to) {
    const old = from.get(key);
    if (old === undefined) yield { path: `${path}/${segment}`, after: shown(value) };
    else yield* differences(`${path}/${segment}`, old.value, value);
  }
}

function changeOf(path: string, before: unknown, after: unknown): CardChange | undefined {
  if (JSON.stringify(ordered(before)) === JSON.stringify(ordered(after))) return undefined;
  return { path, before: shown(before), after: shown(after) };
}

/** The members or items of a value by what identifies them, each with its pointer segment. */
function partsOf(value: unknown): Map<string, { segment: string; value: unknown }> | undefined {
  if (Array.isArray(value)) {
    return new Map(
      value.map((item: unknown, index) => [identity(item, index), { segment: `${index}`, value: item }]),
    );
  }
  if (!isObject(value)) return undefined;
  return new Map(
    Object.entries(value).map(([name, member]) => {
      return [name, { segment: name.replaceAll('~', '~0').replaceAll('/', '~1'), value: member }];
    }),
  );
}

function identity(item: unknown, index: number): string {
  if (isObject(item) && 'id' in item && typeof item.id === 'string') return `id ${item.id}`;
  if (isObject(item) && 'uri' in item && typeof item.uri === 'string') return `uri ${item.uri}`;
  return `at ${index}`;
}

function shown(value: unknown): string {
  const json = JSON.stringify(ordered(value));
  return json.length > maxValueLength ? `${json.slice(0, maxValueLength - 1)}…` : json;
}

function ordered(value: unknown): unknown {
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
