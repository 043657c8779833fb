import { createHash } from 'node:crypto';
import { fromKeyText, keyText } from '../key-text.ts';
import type { UsageDelta, UsageRow } from '../ports/audit.ts';
import { shardOf } from './audit-item.ts';
import { type Item, numberOf, textOf, toTtl } from './item.ts';
import { putMark } from './mark.ts';
import { type Table, usagePrefix } from './table.ts';
import type { Addition } from './transact.ts';

/**
 * A day is in several partitions. Where a writer adds is told by its chain, so that writers that add for the same principal
 * and agent at the same time seldom meet in one item.
 */
export const usageShards = 16;

const maxMarked = 1_000;

/** Where there is a mark for each day on which there is anything. */
export const daysPartition = `${usagePrefix}days`;

export function usagePartition(day: string, shard: number): string {
  return `${usagePrefix}${day}#${shard}`;
}

/**
 * Marks the days of what is about to be added: what is on a day without a mark is not found.
 * @param marked those this process has marked, to which more are added
 */
export async function markDays(
  table: Table,
  deltas: readonly UsageDelta[],
  marked: Set<string>,
): Promise<void> {
  for (const { day, expiresAtMs } of deltas) {
    if (marked.has(day)) continue;
    await putMark(table, { pk: daysPartition, sk: day }, expiresAtMs);
    if (marked.size === maxMarked) marked.clear();
    marked.add(day);
  }
}

/** Adds what was used to the item of the day, principal and agent that is this writer's. */
export function usageWrite(delta: UsageDelta, chainId: string): Addition {
  const { day, issuer, subject, agentId, clientId, expiresAtMs, ...counts } = delta;
  return {
    addTo: {
      pk: usagePartition(day, shardOf(chainId, usageShards)),
      sk: digestOf([issuer, subject, agentId]),
    },
    numbers: counts,
    set: {
      ...texts({ issuer, subject, agentId }),
      ...(clientId !== undefined && texts({ clientId })),
      ...toTtl(expiresAtMs),
    },
  };
}

/** What one writer, or some, have added. @throws StoreError `corrupt` */
export function fromUsageItem(day: string, item: Item): UsageRow {
  return {
    day,
    issuer: fromKeyText(textOf(item, 'issuer')),
    subject: fromKeyText(textOf(item, 'subject')),
    agentId: fromKeyText(textOf(item, 'agentId')),
    ...(item.clientId !== undefined && { clientId: fromKeyText(textOf(item, 'clientId')) }),
    calls: numberOf(item, 'calls'),
    errors: numberOf(item, 'errors'),
    streams: numberOf(item, 'streams'),
    streamMs: numberOf(item, 'streamMs'),
    requestBytes: numberOf(item, 'requestBytes'),
    responseBytes: numberOf(item, 'responseBytes'),
  };
}

/** Subjects may be longer than a sort key. */
function digestOf(members: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(members)).digest('hex');
}

function texts(members: Readonly<Record<string, string>>): Item {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, { S: keyText(value) }]));
}
