import { randomUUID } from 'node:crypto';
import { inParallel, inPieces } from '../../in-parallel.ts';
import type { Agent } from '../../registry/agent.ts';
import { type CardVersion, maxCardVersions, servedVersionOf } from '../../registry/card-version.ts';
import { checkPageSize } from '../page.ts';
import type { Page, PageRequest } from '../port.ts';
import type { CardVersionStore, CardVersionSummary } from '../ports/card-versions.ts';
import { headKey } from './agent-head.ts';
import { fromParts, maxItemBytes, toParts } from './document.ts';
import { type Item, type Key, numberOf, parsedOf, textOf, toKeyItem } from './item.ts';
import { getItem, maxParallel, queryAll } from './read.ts';
import { partitionKey, sortKey, type Table } from './table.ts';
import { transact, type Write } from './transact.ts';

/**
 * Versions of cards: an item of few bytes each, and the card in parts beside it. They stand in a partition of a random
 * name, which the agent's head knows: of an agent made again under the same id nobody finds the cards of the one before,
 * not even where a crash has left them.
 */
export class DynamoCardVersions implements CardVersionStore {
  readonly #table: Table;
  readonly #agents: { get(agentId: string): Promise<Agent | undefined> };

  constructor(table: Table, agents: { get(agentId: string): Promise<Agent | undefined> }) {
    this.#table = table;
    this.#agents = agents;
  }

  async list(agentId: string, { size, after }: PageRequest): Promise<Page<CardVersionSummary>> {
    checkPageSize(size);
    const all = (await this.#summaries(agentId)).sort((one, other) => other.version - one.version);
    const ahead = after === undefined ? all : all.filter(({ version }) => version < Number(after));
    const items = ahead.slice(0, size);
    const next = ahead.length > size ? items.at(-1) : undefined;
    return { items, ...(next !== undefined && { next: `${next.version}` }), totalSize: all.length };
  }

  async get(agentId: string, version: number): Promise<CardVersion | undefined> {
    const history = await this.#historyOf(agentId);
    if (history === undefined) return this.#first(agentId, version);
    const item = await getItem(this.#table, summaryKey(history, version));
    if (item === undefined) return undefined;
    const parts = await queryAll(this.#table, { pk: history, beginsWith: partPrefix(version) });
    // Another write has dropped it between the two reads.
    if (parts.length < numberOf(item, 'parts')) return undefined;
    const card = fromParts(parts.map(({ data }) => data?.B ?? new Uint8Array())) as CardVersion['card'];
    return { ...toSummary(item), card };
  }

  async #summaries(agentId: string): Promise<CardVersionSummary[]> {
    const history = await this.#historyOf(agentId);
    if (history !== undefined)
      return (await queryAll(this.#table, { pk: history, beginsWith: summaryPrefix })).map(toSummary);
    const first = await this.#first(agentId, 1);
    if (first === undefined) return [];
    const { card: _, ...summary } = first;
    return [summary];
  }

  async #historyOf(agentId: string): Promise<string | undefined> {
    const key = headKey(agentId);
    const head = key && (await getItem(this.#table, key, ['history']));
    return head?.history?.S;
  }

  /** Of an agent that was last written before there were versions. */
  async #first(agentId: string, version: number): Promise<CardVersion | undefined> {
    const agent = await this.#agents.get(agentId);
    return agent?.cardVersion === version ? servedVersionOf(agent) : undefined;
  }
}

/** In one transaction with an agent of as large a card, whose document is then in five parts: 3 150 000 bytes. */
const maxCardParts = 4;
const summaryPrefix = 'version#';
/** Each names a partition of versions whose agent is gone. */
const leftPartition = 'card-versions-left';
/** Of the largest items a transaction takes. */
const deletedAtOnce = 10;

export function newHistory(): string {
  return `card-versions#${randomUUID()}`;
}

/** @throws StoreError `too_large` for a card beyond 1 400 000 bytes */
export function versionWrites(history: string, agent: Agent): Write[] {
  const { card, ...summary } = servedVersionOf(agent);
  const parts = toParts(card, maxItemBytes, maxCardParts);
  const item: Item = {
    ...toKeyItem(summaryKey(history, summary.version)),
    summary: { S: JSON.stringify(summary) },
    parts: { N: `${parts.length}` },
  };
  const partItems = parts.map((data, n): Item => {
    return { ...toKeyItem({ pk: history, sk: `${partPrefix(summary.version)}${n}` }), data: { B: data } };
  });
  return [item, ...partItems].map((put) => ({ put }));
}

/** Drops the oldest beyond those that are kept. What a crash leaves of them the next version takes along. */
export async function dropOldest(table: Table, history: string): Promise<void> {
  const summaries = (await queryAll(table, { pk: history, beginsWith: summaryPrefix })).map(toSummary);
  for (const { version } of summaries.slice(0, Math.max(0, summaries.length - maxCardVersions))) {
    const parts = await queryAll(table, { pk: history, beginsWith: partPrefix(version) });
    const keys = [summaryKey(history, version), ...parts.map(keyOf)];
    await transact(
      table,
      keys.map((key) => ({ delete: key })),
    );
  }
}

/** Written with the deletion of an agent: that its versions are still to be deleted. */
export function leftWrite(history: string): Write {
  return { put: toKeyItem(leftKey(history)) };
}

/** Deletes the versions of agents that are gone, also those that a crash has left. */
export async function dropLeft(table: Table): Promise<void> {
  for (const left of await queryAll(table, { pk: leftPartition })) {
    const history = textOf(left, sortKey);
    const keys = (await queryAll(table, { pk: history })).map(keyOf);
    await inParallel(inPieces(keys, deletedAtOnce), maxParallel, (piece) =>
      transact(
        table,
        piece.map((key) => ({ delete: key })),
      ),
    );
    await transact(table, [{ delete: leftKey(history) }]);
  }
}

function leftKey(history: string): Key {
  return { pk: leftPartition, sk: history };
}

/** With leading zeros, so that their order is that of the numbers. */
function summaryKey(history: string, version: number): Key {
  return { pk: history, sk: summaryPrefix + inOrder(version) };
}

function partPrefix(version: number): string {
  return `card#${inOrder(version)}#`;
}

function inOrder(version: number): string {
  return `${version}`.padStart(16, '0');
}

function keyOf(item: Item): Key {
  return { pk: textOf(item, partitionKey), sk: textOf(item, sortKey) };
}

/** @throws StoreError `corrupt` */
function toSummary(item: Item): CardVersionSummary {
  // The only writer of this attribute is `versionWrites`.
  return parsedOf(textOf(item, 'summary')) as CardVersionSummary;
}
