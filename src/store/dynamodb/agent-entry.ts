import { createHash } from 'node:crypto';
import type { Agent, AgentStatus, Owner } from '../../registry/agent.ts';
import { fromKeyText, keyText } from '../key-text.ts';
import { type Item, isPartitionKey, isSortKey, type Key, parsedOf, textOf, toKeyItem } from './item.ts';
import { sortKey } from './table.ts';

/** Where every agent has an entry. */
export const agentsPartition = 'agents';
/** Where agents of more than {@link maxTagEntries} tags have an entry in place of one for each tag. */
export const manyTagsPartition = 'many-tags';

/**
 * The most tags of an agent that have an entry each. A transaction has 100 items at most, and one that replaces all
 * tags needs 40 deletes, 40 puts, 4 more entries, the head and 8 parts.
 */
export const maxTagEntries = 40;

/** What filters ask of an agent. Every index entry carries it whole, so one entry decides any filter. */
export interface IndexFacts {
  status: AgentStatus;
  /** Each once. */
  tags: readonly string[];
  /** Of {@link ownerKey}. */
  owner: string;
}

export interface AgentEntry extends IndexFacts {
  agentId: string;
}

/** An owner as one short text: issuers and subjects may be longer than a key. */
export function ownerKey({ issuer, subject }: Owner): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('base64url');
}

export function tagPartition(tag: string): string {
  return `tag#${keyText(tag)}`;
}

export function ownerPartition(owner: string): string {
  return `owner#${owner}`;
}

export function factsOf({ status, tags, owner }: Agent): IndexFacts {
  return { status, tags: [...new Set(tags)], owner: ownerKey(owner) };
}

export function sameFacts(one: IndexFacts, other: IndexFacts): boolean {
  return (
    one.status === other.status &&
    one.owner === other.owner &&
    JSON.stringify(one.tags) === JSON.stringify(other.tags)
  );
}

export function toFactAttributes({ status, tags, owner }: IndexFacts): Item {
  // As JSON, which escapes the lone surrogates that a string of DynamoDB cannot hold.
  return { status: { S: status }, tags: { S: JSON.stringify(tags) }, owner: { S: owner } };
}

export const factAttributes = ['status', 'tags', 'owner'] as const;

/** @throws StoreError `corrupt` */
export function fromFactAttributes(item: Item): IndexFacts {
  return {
    // The only writer of these attributes is `toFactAttributes`.
    status: textOf(item, 'status') as AgentStatus,
    tags: parsedOf(textOf(item, 'tags')) as string[],
    owner: textOf(item, 'owner'),
  };
}

/** Where an agent's entries are. */
export function entryKeysOf(agentId: string, { tags, owner }: IndexFacts): Key[] {
  const tagged = tags.length > maxTagEntries ? [manyTagsPartition] : tags.map(tagPartition);
  const sk = keyText(agentId);
  return [agentsPartition, ownerPartition(owner), ...tagged].map((pk) => ({ pk, sk }));
}

/** @throws TypeError where the id or a tag is longer than a key */
export function toEntries(agentId: string, facts: IndexFacts): Item[] {
  const keys = entryKeysOf(agentId, facts);
  if (!keys.every(({ pk, sk }) => isPartitionKey(pk) && isSortKey(sk))) {
    throw new TypeError('an agent id or tag of this length cannot be stored');
  }
  return keys.map((key) => ({ ...toKeyItem(key), ...toFactAttributes(facts) }));
}

/** @throws StoreError `corrupt` */
export function fromEntry(item: Item): AgentEntry {
  return { agentId: fromKeyText(textOf(item, sortKey)), ...fromFactAttributes(item) };
}
