import type { Agent } from '../../registry/agent.ts';
import { keptAgent } from '../kept-agent.ts';
import { keyText } from '../key-text.ts';
import { factAttributes, fromFactAttributes, type IndexFacts, toFactAttributes } from './agent-entry.ts';
import { fromParts } from './document.ts';
import { type Item, isSortKey, type Key, numberOf, parsedOf, textOf, toKeyItem } from './item.ts';

/** An agent's own item: its document, or of how many parts it is, and what its index entries were made of. */
export interface AgentHead {
  revision: number;
  /**
   * New with every write, and in every part: tells parts of one write from those of another even where an agent was
   * deleted and made again at the same revision.
   */
  writeId: string;
  facts: IndexFacts;
  /** Items the document is in beside the head; 0: it is in the head. */
  parts: number;
  /** Where the versions of its cards are; absent of an agent last written before there were versions. */
  history?: string;
  /** Which of them is the document's. */
  cardVersion: number;
}

/** Undefined for a text that can be no key, so no agent's id. */
export function headKey(agentId: string): Key | undefined {
  const text = keyText(agentId);
  // The entries have the id as their sort key, which may be only half as long as this partition key.
  return isSortKey(text) ? { pk: `agent#${text}`, sk: 'agent' } : undefined;
}

/** Keys of the parts from `first` up to, but not with, `end`. The next write of the agent writes over them. */
export function partKeys(head: Key, first: number, end: number): Key[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, n) => ({
    pk: head.pk,
    sk: `part#${first + n}`,
  }));
}

/** All of the head but its document. */
export const headAttributes = [
  ...['revision', 'writeId', 'parts', 'history', 'cardVersion'],
  ...factAttributes,
] as const;

/** Of a head that is written. */
export type NewHead = Omit<AgentHead, 'parts'> & { history: string };

/** The head and its parts, if any; `document` as `toParts` makes it. */
export function toHeadItems(key: Key, head: NewHead, document: Uint8Array[]): Item[] {
  const { revision, writeId, facts, history, cardVersion } = head;
  const [only, ...others] = document;
  const parts = others.length === 0 ? 0 : document.length;
  const item: Item = {
    ...toKeyItem(key),
    revision: { N: `${revision}` },
    writeId: { S: writeId },
    parts: { N: `${parts}` },
    ...toHistory(history, cardVersion),
    ...toFactAttributes(facts),
    ...(parts === 0 && { document: { S: new TextDecoder().decode(only) } }),
  };
  const partItems = partKeys(key, 0, parts).map((partKey, n): Item => {
    const data = document[n] ?? new Uint8Array();
    return { ...toKeyItem(partKey), writeId: { S: writeId }, data: { B: data } };
  });
  return [item, ...partItems];
}

/** The attributes that an agent's first version gives its head. */
export function toHistory(history: string, cardVersion: number): Item {
  return { history: { S: history }, cardVersion: { N: `${cardVersion}` } };
}

/** @throws StoreError `corrupt` */
export function fromHeadItem(item: Item): AgentHead {
  const { history } = item;
  return {
    ...(history !== undefined && { history: textOf(item, 'history') }),
    cardVersion: history === undefined ? 1 : numberOf(item, 'cardVersion'),
    revision: numberOf(item, 'revision'),
    writeId: textOf(item, 'writeId'),
    parts: numberOf(item, 'parts'),
    facts: fromFactAttributes(item),
  };
}

/**
 * The agent of a head and of its parts, in any order. Undefined when the parts are not those of the head: another
 * write came between the two reads.
 */
export function toAgent(headItem: Item, partItems: readonly Item[]): Agent | undefined {
  const { writeId, parts } = fromHeadItem(headItem);
  if (parts === 0) return keptAgent(parsedOf(textOf(headItem, 'document')));
  const own = partItems.filter((item) => item.writeId?.S === writeId);
  const inOrder = own.map((item) => ({ n: partNumber(item), data: item.data?.B ?? new Uint8Array() }));
  if (inOrder.length !== parts) return undefined;
  return keptAgent(fromParts(inOrder.sort((a, b) => a.n - b.n).map(({ data }) => data)));
}

function partNumber(item: Item): number {
  return Number(textOf(item, 'sk').slice('part#'.length));
}
