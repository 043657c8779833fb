import { keyText } from '../key-text.ts';
import type { AgentFilter } from '../port.ts';
import { agentsPartition, manyTagsPartition, ownerKey, ownerPartition, tagPartition } from './agent-entry.ts';
import { type SortedPatterns, sortPatterns } from './agent-filter.ts';
import { isPartitionKey, isSortKey, type Key } from './item.ts';
import { keysPerBatch, type PartitionRange } from './read.ts';

/** Which index entries a list reads: every entry that matches is among them, others too. */
export interface AccessPath {
  /** One Query each. */
  ranges: PartitionRange[];
  /** One read unit each, fetched a hundred at a time. */
  keys: Key[];
}

const everyAgent: AccessPath = { ranges: [{ pk: agentsPartition }], keys: [] };
const nothing: AccessPath = { ranges: [], keys: [] };

/** Requests beyond which all entries are read instead: what the entries of 7000 agents cost, of 150 bytes each. */
const maxRequests = 256;

/**
 * The cheapest way to what a filter matches, judged by its text alone: ids that one call fetches, else the owner's
 * agents, else those of the tag, else those the patterns can cover, else all.
 */
export function accessPath({ tag, owner, patterns }: AgentFilter): AccessPath {
  const sorted = patterns === undefined ? undefined : sortPatterns(patterns);
  const covered = sorted === undefined || sorted.all ? everyAgent : pathOf(sorted);
  if (covered.ranges.length === 0 && covered.keys.length <= keysPerBatch) return covered;
  if (owner !== undefined) return { ranges: [{ pk: ownerPartition(ownerKey(owner)) }], keys: [] };
  if (tag !== undefined) return { ranges: rangesOfTags([tag]), keys: [] };
  return covered;
}

function pathOf({ ids, tags, globs }: SortedPatterns): AccessPath {
  const heads = shortestOf([...globs].map((glob) => keyText(glob.slice(0, glob.indexOf('*')))));
  if (heads.includes('')) return everyAgent;
  const isUnderHead = (id: string) => heads.some((head) => id.startsWith(head));
  const keys = [...ids].map(keyText).filter((id) => isSortKey(id) && !isUnderHead(id));
  const ranges = [
    ...heads.filter(isSortKey).map((beginsWith) => ({ pk: agentsPartition, beginsWith })),
    ...rangesOfTags([...tags]),
  ];
  if (ranges.length + keys.length / keysPerBatch > maxRequests) return everyAgent;
  return ranges.length + keys.length === 0
    ? nothing
    : { ranges, keys: keys.map((sk) => ({ pk: agentsPartition, sk })) };
}

/** Without those that begin with another one, whose range holds theirs. */
function shortestOf(heads: readonly string[]): string[] {
  const shortest: string[] = [];
  // Sorted, a text comes right before those that begin with it.
  for (const head of heads.toSorted()) {
    const last = shortest.at(-1);
    if (last === undefined || !head.startsWith(last)) shortest.push(head);
  }
  return shortest;
}

/** A tag longer than a key is no agent's. */
function rangesOfTags(tags: readonly string[]): PartitionRange[] {
  const partitions = tags.map(tagPartition).filter(isPartitionKey);
  if (partitions.length === 0) return [];
  return [...partitions, manyTagsPartition].map((pk) => ({ pk }));
}
