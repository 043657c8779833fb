import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { hoursPartition } from '../../src/store/dynamodb/audit-item.ts';
import { ttlMsOf } from '../../src/store/dynamodb/item.ts';
import { queryAll } from '../../src/store/dynamodb/read.ts';
import { daysPartition } from '../../src/store/dynamodb/usage-item.ts';
import type { AuditSegment, AuditStore, UsageDelta } from '../../src/store/ports/audit.ts';
import { aDelta, chainOf, findings, nowMs } from '../contract/audit-fixtures.ts';
import { type Fault, startFaultProxy } from './fault-proxy.ts';
import { dynamoClient, newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

const writers = 6;
const segments = 8;

/** As the trail does: the same segment until it is there. */
async function appended(audit: AuditStore, segment: AuditSegment, use: readonly UsageDelta[]): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const isThere = await audit.append(segment, use).catch(() => undefined);
    if (isThere !== undefined) return expect(isThere).toBe(true);
  }
  throw new Error('never written');
}

describeWith(['java'], 'the trail in a table', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());

  const faults: readonly Fault[] = ['throttle', 'server error', 'lost answer'];
  for (const fault of faults) {
    it(`that fails is whole, and what was used counts once: every third call meets ${fault}`, async () => {
      const proxy = await startFaultProxy(server.endpoint, (_, n) => (n % 3 === 2 ? fault : undefined));
      const tableName = await newTable(server.endpoint);
      const [faulty, direct] = [storeOn(proxy.endpoint, tableName), storeOn(server.endpoint, tableName)];
      await Promise.all(
        Array.from({ length: writers }, async (_, n) => {
          for (const segment of await chainOf(`writer-${n}`, segments))
            await appended(faulty.audit, segment, [aDelta(), aDelta({ subject: `${n}` })]);
        }),
      );
      expect(proxy.met[fault]).toBeGreaterThan(writers);
      expect(await findings(direct.audit)).toEqual([]);
      const filter = { from: '2026-03-10', to: '2026-03-10', nowMs };
      const { rows } = await direct.usage.list(filter, { size: 100 });
      const calls = Object.fromEntries(rows.map((row) => [row.subject, row.calls]));
      const each = Array.from({ length: writers }, (_, n) => [`${n}`, segments]);
      expect(calls).toEqual({ alice: writers * segments, ...Object.fromEntries(each) });
      await Promise.all([faulty.close(), direct.close(), proxy.close()]);
    });
  }

  it('is found for as long as any of it is kept, whoever keeps theirs for less', async () => {
    const tableName = await newTable(server.endpoint);
    const store = storeOn(server.endpoint, tableName);
    const [long, brief] = [await chainOf('long', 1), await chainOf('brief', 1, { retentionMs: 60_000 })];
    for (const [segment] of [long, brief]) await store.audit.append(segment as AuditSegment, [aDelta()]);
    const other = storeOn(server.endpoint, tableName);
    const [later] = await chainOf('later', 1, { retentionMs: 60_000 });
    await other.audit.append(later as AuditSegment, [aDelta({ expiresAtMs: nowMs + 60_000 })]);
    const day = await markOf(tableName, daysPartition);
    expect(day).toBeGreaterThanOrEqual(aDelta().expiresAtMs);
    expect(await markOf(tableName, hoursPartition)).toBeGreaterThanOrEqual(long[0]?.expiresAtMs ?? Infinity);
    await Promise.all([store.close(), other.close()]);
  });

  /** When the one mark of a partition goes. */
  async function markOf(tableName: string, pk: string): Promise<number> {
    const client = dynamoClient(server.endpoint);
    const [mark, ...others] = await queryAll({ client, tableName }, { pk });
    client.destroy();
    expect(others).toEqual([]);
    return ttlMsOf(mark ?? {});
  }
});
