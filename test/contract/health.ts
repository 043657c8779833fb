import { expect, it } from 'vitest';
import { type HealthRow, maxHealthRows, type Store } from '../../src/store/port.ts';
import { range } from './paging.ts';

/** What every adapter promises of how agents do. */
export function healthContract(store: () => Store): void {
  // Whole seconds: an adapter may round up to them.
  const nowMs = 1_800_000_000_000;
  const aRow = (members: Partial<HealthRow> = {}): HealthRow => ({
    ...{ agentId: 'a', processId: 'p', report: '{"of":"a"}', seenAtMs: nowMs, expiresAtMs: nowMs + 1_000 },
    ...members,
  });
  const idsAt = async (atMs: number) =>
    (await store().health.of('a', atMs)).map(({ processId }) => processId);

  it('answers nothing for an agent of which nothing was told', async () => {
    expect(await store().health.of('a', nowMs)).toEqual([]);
  });

  it('gives back the row of each process, and of no other agent', async () => {
    const rows = [aRow({ report: 'ü'.repeat(8_192) }), aRow({ processId: 'q', seenAtMs: nowMs - 1 })];
    for (const row of [...rows, aRow({ agentId: 'ab' }), aRow({ agentId: 'b' })])
      await store().health.put(row);
    expect(await store().health.of('a', nowMs)).toEqual(rows);
  });

  it('keeps what was put last, also where it is older', async () => {
    const older = aRow({ report: '{}', seenAtMs: nowMs - 5, expiresAtMs: nowMs + 5_000 });
    for (const row of [aRow(), older]) await store().health.put(row);
    expect(await store().health.of('a', nowMs)).toEqual([older]);
  });

  it('answers what has not expired, to the moment', async () => {
    await store().health.put(aRow());
    expect([await idsAt(nowMs + 999), await idsAt(nowMs + 1_000)]).toEqual([['p'], []]);
  });

  it('never rounds a time down', async () => {
    await store().health.put(aRow({ expiresAtMs: nowMs + 1 }));
    const [{ expiresAtMs } = aRow()] = await store().health.of('a', nowMs);
    expect(expiresAtMs).toBeGreaterThan(nowMs);
    expect(expiresAtMs).toBeLessThanOrEqual(nowMs + 1_000);
  });

  it('answers the newest, and no more of them than is said', async () => {
    const rows = range(maxHealthRows + 2).map((n) => aRow({ processId: `p${n}`, seenAtMs: nowMs + n }));
    await Promise.all(rows.map((row) => store().health.put(row)));
    const newest = rows.toReversed().slice(0, maxHealthRows);
    expect(await idsAt(nowMs)).toEqual(newest.map(({ processId }) => processId));
  });
}
