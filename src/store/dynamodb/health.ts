import { type HealthRow, type HealthStore, maxHealthRows } from '../port.ts';
import { type Item, numberOf, textOf, toKeyItem, toTtl, ttlMsOf } from './item.ts';
import { putItem } from './put.ts';
import { queryAll } from './read.ts';
import { healthPrefix, sortKey, type Table } from './table.ts';

/** What processes tell of agents, an item each, which time to live deletes. Does not check a report. */
export class DynamoHealth implements HealthStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  put(row: HealthRow): Promise<void> {
    return putItem(this.#table, toItem(row));
  }

  /** Reads what has expired too, until DynamoDB deletes it, within days. */
  async of(agentId: string, nowMs: number): Promise<HealthRow[]> {
    const items = await queryAll(this.#table, { pk: healthPrefix + agentId });
    return items
      .map((item) => toRow(agentId, item))
      .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
      .sort((one, other) => other.seenAtMs - one.seenAtMs)
      .slice(0, maxHealthRows);
  }
}

function toItem({ agentId, processId, report, seenAtMs, expiresAtMs }: HealthRow): Item {
  return {
    ...toKeyItem({ pk: healthPrefix + agentId, sk: processId }),
    report: { S: report },
    seenAtMs: { N: `${seenAtMs}` },
    ...toTtl(expiresAtMs),
  };
}

function toRow(agentId: string, item: Item): HealthRow {
  return {
    agentId,
    processId: textOf(item, sortKey),
    report: textOf(item, 'report'),
    seenAtMs: numberOf(item, 'seenAtMs'),
    expiresAtMs: ttlMsOf(item),
  };
}
