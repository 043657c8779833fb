import { isObject } from './card/reader.ts';
import type { AgentCard } from './card.ts';
import { ordered } from './card-json.ts';

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
