import { randomUUID } from 'node:crypto';
import { inParallel } from '../../in-parallel.ts';
import type { Agent } from '../../registry/agent.ts';
import { maxCardVersions } from '../../registry/card-version.ts';
import { keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import type { AgentFilter, AgentStore, Page, PageRequest } from '../port.ts';
import type { Audited } from '../ports/audit.ts';
import { StoreError } from '../store-error.ts';
import { accessPath } from './access-path.ts';
import { type AgentEntry, entryKeysOf, factsOf, fromEntry, sameFacts, toEntries } from './agent-entry.ts';
import { toPredicate } from './agent-filter.ts';
import {
  type AgentHead,
  fromHeadItem,
  headAttributes,
  headKey,
  partKeys,
  toAgent,
  toHeadItems,
  toHistory,
} from './agent-head.ts';
import { auditWrites } from './audited.ts';
import { backoff } from './backoff.ts';
import { dropLeft, dropOldest, leftWrite, newHistory, versionWrites } from './card-versions.ts';
import type { Condition } from './condition.ts';
import { toParts } from './document.ts';
import { type Item, type Key, textOf } from './item.ts';
import { getItem, getItems, maxParallel, queryAll } from './read.ts';
import { partitionKey, type Table } from './table.ts';
import { transact, type Write } from './transact.ts';

const maxTornReads = 6;

/**
 * Agents as a head item, parts where the document is too large for one, and index entries; all of them written in one
 * transaction. Does not check an agent, nor that its revision is the next one.
 *
 * @throws TypeError from a write, where the id or a tag is longer than a key of DynamoDB
 * @throws StoreError `too_large` from a write, for a document beyond 2 800 000 bytes, or a card beyond 1 400 000
 */
export class DynamoAgents implements AgentStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(agentId: string): Promise<Agent | undefined> {
    const key = headKey(agentId);
    if (key === undefined) return undefined;
    for (let tries = 1; tries <= maxTornReads; tries++) {
      const head = await getItem(this.#table, key);
      if (head === undefined) return undefined;
      const agent = await this.#agentOf(head);
      if (agent !== undefined) return agent;
      await backoff(tries);
    }
    throw new StoreError('busy', `table ${this.#table.tableName}: an agent is written again and again`);
  }

  async create(agent: Agent, audited?: Audited): Promise<boolean> {
    const entries = toEntries(agent.agentId, factsOf(agent)).map((put): Write => ({ put }));
    const history = newHistory();
    return transact(this.#table, [
      ...this.#documentWrites(agent, history, 'absent'),
      ...entries,
      ...versionWrites(history, agent),
      ...(await auditWrites(this.#table, audited)),
    ]);
  }

  async replace(agent: Agent, expectedRevision: number, audited?: Audited): Promise<boolean> {
    const { agentId } = agent;
    const old = await this.#headAt(agentId, expectedRevision);
    const history = old && (old.history ?? (await this.#begunHistory(agentId, old)));
    if (old === undefined || history === undefined) return false;
    const facts = factsOf(agent);
    const writes = [
      ...this.#documentWrites(agent, history, conditionOf(old), old.parts),
      ...(await auditWrites(this.#table, audited)),
    ];
    // Most writes follow a card that has changed, and leave what filters ask as it is.
    if (!sameFacts(facts, old.facts)) {
      const entries = toEntries(agentId, facts);
      const kept = new Set(entries.map((entry) => textOf(entry, partitionKey)));
      const left = entryKeysOf(agentId, old.facts).filter(({ pk }) => !kept.has(pk));
      writes.push(...entries.map((put) => ({ put })), ...left.map((key) => ({ delete: key })));
    }
    if (agent.cardVersion === old.cardVersion) return transact(this.#table, writes);
    if (!(await transact(this.#table, [...writes, ...versionWrites(history, agent)]))) return false;
    // Written it is, whatever becomes of the old ones; the next version takes them along.
    if (agent.cardVersion > maxCardVersions) await dropOldest(this.#table, history).catch(() => {});
    return true;
  }

  async delete(agentId: string, expectedRevision: number, audited?: Audited): Promise<boolean> {
    const old = await this.#headAt(agentId, expectedRevision);
    const key = headKey(agentId);
    if (old === undefined || key === undefined) return false;
    const others = [...partKeys(key, 0, old.parts), ...entryKeysOf(agentId, old.facts)];
    const isDeleted = await transact(this.#table, [
      { delete: key, only: conditionOf(old) },
      ...others.map((other) => ({ delete: other })),
      ...(old.history === undefined ? [] : [leftWrite(old.history)]),
      ...(await auditWrites(this.#table, audited)),
    ]);
    // The agent is gone whatever becomes of the rest, which nobody finds and the next deletion takes along.
    if (isDeleted) await dropLeft(this.#table).catch(() => {});
    return isDeleted;
  }

  async list(filter: AgentFilter, page: PageRequest): Promise<Page<Agent>> {
    const { items: ids, ...rest } = await this.ids(filter, page);
    const agents = await this.#documents(ids);
    const matches = toPredicate(filter);
    // Once more, as the agents are now: one that lost the tag a caller may see it by must not be shown.
    return {
      items: agents.filter((agent) => matches({ agentId: agent.agentId, ...factsOf(agent) })),
      ...rest,
    };
  }

  async ids(filter: AgentFilter, { size, after }: PageRequest): Promise<Page<string>> {
    checkPageSize(size);
    const matching = (await this.#entries(filter)).filter(toPredicate(filter));
    const inOrder = [...new Set(matching.map(({ agentId }) => agentId))].sort();
    const ahead = after === undefined ? inOrder : inOrder.filter((id) => id > after);
    const items = ahead.slice(0, size);
    const next = ahead.length > size ? items.at(-1) : undefined;
    return { items, ...(next === undefined ? {} : { next }), totalSize: inOrder.length };
  }

  async #entries(filter: AgentFilter): Promise<AgentEntry[]> {
    const { ranges, keys } = accessPath(filter);
    const [queried, fetched] = await Promise.all([
      inParallel(ranges, maxParallel, (range) => queryAll(this.#table, range)),
      getItems(this.#table, keys),
    ]);
    return [...queried.flat(), ...fetched].map(fromEntry);
  }

  /** In the order of the ids; those that are gone are left out. */
  async #documents(agentIds: readonly string[]): Promise<Agent[]> {
    const keys = agentIds.map(headKey).filter((key) => key !== undefined);
    const heads = await getItems(this.#table, keys);
    const byPartition = new Map(heads.map((head) => [textOf(head, partitionKey), head]));
    const agents = await inParallel(agentIds, maxParallel, async (agentId) => {
      const head = byPartition.get(`agent#${keyText(agentId)}`);
      return head === undefined ? undefined : ((await this.#agentOf(head)) ?? this.get(agentId));
    });
    return agents.filter((agent) => agent !== undefined);
  }

  /** Undefined: torn. */
  async #agentOf(head: Item): Promise<Agent | undefined> {
    const { parts } = fromHeadItem(head);
    const key: Key = { pk: textOf(head, partitionKey), sk: '' };
    return toAgent(head, parts === 0 ? [] : await getItems(this.#table, partKeys(key, 0, parts)));
  }

  async #headAt(agentId: string, revision: number): Promise<AgentHead | undefined> {
    const key = headKey(agentId);
    const item = key && (await getItem(this.#table, key, headAttributes));
    const head = item && fromHeadItem(item);
    return head?.revision === revision ? head : undefined;
  }

  /** Gives an agent that was last written before there were versions its first. Undefined: another write came first. */
  async #begunHistory(agentId: string, head: AgentHead): Promise<string | undefined> {
    const key = headKey(agentId);
    const item = key && (await getItem(this.#table, key));
    const agent = item && (await this.#agentOf(item));
    if (agent === undefined) return undefined;
    const history = newHistory();
    const begun = { ...item, ...toHistory(history, agent.cardVersion) };
    const writes: Write[] = [{ put: begun, only: conditionOf(head) }, ...versionWrites(history, agent)];
    return (await transact(this.#table, writes)) ? history : undefined;
  }

  /** The head, its parts, and the deletion of parts of the write before that this one does not write over. */
  #documentWrites(agent: Agent, history: string, only: Condition, oldParts = 0): Write[] {
    const key = headKey(agent.agentId);
    if (key === undefined) throw new TypeError('an agent id of this length cannot be stored');
    const { revision, cardVersion } = agent;
    const head = { revision, writeId: randomUUID(), facts: factsOf(agent), history, cardVersion };
    const [headItem = {}, ...partItems] = toHeadItems(key, head, toParts(agent));
    return [
      { put: headItem, only },
      ...partItems.map((put) => ({ put })),
      ...partKeys(key, partItems.length, oldParts).map((old) => ({ delete: old })),
    ];
  }
}

/** The revision alone would do but for an agent deleted and made again: its entries are others than those read. */
function conditionOf({ revision, writeId }: AgentHead): Condition {
  return { revision: { N: `${revision}` }, writeId: { S: writeId } };
}
