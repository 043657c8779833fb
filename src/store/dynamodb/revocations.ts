import { randomUUID } from 'node:crypto';
import { checkPageSize } from '../page.ts';
import type { Audited } from '../ports/audit.ts';
import type { Page, PageRequest } from '../ports/page.ts';
import type { Revocation, RevocationSnapshot, RevocationStore, RevokedTarget } from '../ports/revocations.ts';
import { auditWrites } from './audited.ts';
import { type Item, isSortKey, type Key, parsedOf, textOf, toKeyItem, toTtl } from './item.ts';
import { getItem, queryAll } from './read.ts';
import { revocationsPartition, type Table } from './table.ts';
import { transact, untilWon, type Write } from './transact.ts';

/**
 * Revocations as an item each in one partition, with a head that every write writes anew: so they are counted and changed one
 * after the other. What has expired time to live deletes, within days. Does not check a revocation.
 */
export class DynamoRevocations implements RevocationStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Empty where nothing was ever written. */
  async version(): Promise<string> {
    return versionOf(await getItem(this.#table, headKey));
  }

  /** The version first: what is written while the others are read is read again by who finds another version. */
  async snapshot(nowMs: number): Promise<RevocationSnapshot> {
    const version = await this.version();
    return { version, revocations: (await this.#entries()).filter(aliveAt(nowMs)) };
  }

  async get(revocationId: string, nowMs: number): Promise<Revocation | undefined> {
    const key = entryKey(revocationId);
    const item = key && (await getItem(this.#table, key));
    const revocation = item && fromItem(item);
    return revocation !== undefined && aliveAt(nowMs)(revocation) ? revocation : undefined;
  }

  async create(revocation: Revocation, maxRevocations: number, audited?: Audited): Promise<boolean> {
    return untilWon(this.#table, async () => {
      const version = await this.version();
      const entries = await this.#entries();
      const { revocationId, createdAtMs } = revocation;
      if (entries.filter(aliveAt(createdAtMs)).length >= maxRevocations) return { answer: false };
      if (entries.some((entry) => entry.revocationId === revocationId)) return { answer: false };
      const writes: Write[] = [
        { put: toItem(revocation), only: 'absent' },
        nextHead(version),
        ...(await auditWrites(this.#table, audited)),
      ];
      return (await transact(this.#table, writes)) ? { answer: true } : undefined;
    });
  }

  async delete(revocationId: string, audited?: Audited): Promise<boolean> {
    const key = entryKey(revocationId);
    if (key === undefined) return false;
    return untilWon(this.#table, async () => {
      const version = await this.version();
      if ((await getItem(this.#table, key)) === undefined) return { answer: false };
      const writes: Write[] = [
        { delete: key, only: 'present' },
        nextHead(version),
        ...(await auditWrites(this.#table, audited)),
      ];
      return (await transact(this.#table, writes)) ? { answer: true } : undefined;
    });
  }

  /** Reads every entry there is: their number is asked for too. */
  async list(
    { target }: { target?: RevokedTarget },
    { size, after = '' }: PageRequest,
    nowMs: number,
  ): Promise<Page<Revocation>> {
    checkPageSize(size);
    const those = (await this.#entries())
      .filter(aliveAt(nowMs))
      .filter((entry) => target === undefined || isSame(entry, target));
    const ahead = those.filter(({ revocationId }) => revocationId > after);
    const items = ahead.slice(0, size);
    const next = ahead.length > size ? items.at(-1)?.revocationId : undefined;
    return { items, ...(next !== undefined && { next }), totalSize: those.length };
  }

  /** DynamoDB deletes what has expired, within days. */
  async sweep(): Promise<void> {}

  /** In the order of their ids, which are ASCII. */
  async #entries(): Promise<Revocation[]> {
    const items = await queryAll(this.#table, { pk: revocationsPartition, beginsWith: entryPrefix });
    return items.map(fromItem);
  }
}

const headKey: Key = { pk: revocationsPartition, sk: 'head' };
const entryPrefix = 'entry#';

function versionOf(head: Item | undefined): string {
  return head === undefined ? '' : textOf(head, 'version');
}

function nextHead(version: string): Write {
  return {
    put: { ...toKeyItem(headKey), version: { S: randomUUID() } },
    only: version === '' ? 'absent' : { version: { S: version } },
  };
}

function aliveAt(nowMs: number): (revocation: Revocation) => boolean {
  return ({ expiresAtMs = Number.POSITIVE_INFINITY }) => expiresAtMs > nowMs;
}

function isSame(one: RevokedTarget, other: RevokedTarget): boolean {
  return one.kind === other.kind && one.issuer === other.issuer && one.id === other.id;
}

/** Undefined for a text that can be no key, so no revocation's id. */
function entryKey(revocationId: string): Key | undefined {
  const sk = entryPrefix + revocationId;
  return isSortKey(sk) ? { pk: revocationsPartition, sk } : undefined;
}

function toItem(revocation: Revocation): Item {
  const key = entryKey(revocation.revocationId);
  if (key === undefined) throw new TypeError('a revocation id of this length cannot be stored');
  const { expiresAtMs } = revocation;
  return {
    ...toKeyItem(key),
    document: { S: JSON.stringify(revocation) },
    ...(expiresAtMs !== undefined && toTtl(expiresAtMs)),
  };
}

function fromItem(item: Item): Revocation {
  // The only writer of this attribute is `toItem`.
  return parsedOf(textOf(item, 'document')) as Revocation;
}
