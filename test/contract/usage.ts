import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/port.ts';
import type { UsageDelta, UsageFilter, UsageRow } from '../../src/store/ports/audit.ts';
import { aDelta, chainOf, nowMs, retentionMs } from './audit-fixtures.ts';

const zero = { calls: 0, errors: 0, streams: 0, streamMs: 0, requestBytes: 0, responseBytes: 0 };
const days = ['2026-02-28', '2026-03-01', '2026-03-10'];

/** What every adapter of UsageStore promises. */
export function usageContract(opened: () => Store, runs: number): void {
  let writers = 0;

  /** By as many writers as there are lists of deltas. */
  async function use(...given: UsageDelta[][]): Promise<void> {
    for (const deltas of given) {
      const [segment] = await chainOf(`writer-${writers++}`, 1);
      if (segment !== undefined) await opened().audit.append(segment, deltas);
    }
  }

  async function listed(filter: Partial<UsageFilter> = {}, size = 2): Promise<UsageRow[]> {
    const all: UsageRow[] = [];
    const whole = { from: '2026-01-01', to: '2026-12-31', nowMs, ...filter };
    for (let after: string | undefined; ; ) {
      const page = await opened().usage.list(whole, { size, ...(after !== undefined && { after }) });
      expect(page.rows.length).toBeLessThanOrEqual(size);
      all.push(...page.rows);
      if (page.next === undefined) return all;
      expect(page.next.length).toBeLessThan(100);
      after = page.next;
    }
  }

  it('is nothing at first', async () => {
    expect(await listed()).toEqual([]);
  });

  it('adds up what each principal had of each agent on each day', async () => {
    const counts = { calls: 2, errors: 1, streams: 1, streamMs: 500, requestBytes: 3, responseBytes: 4 };
    await use(
      [aDelta(counts), aDelta({ agentId: 'other' }), aDelta({ day: '2026-03-11' })],
      [aDelta(counts), aDelta({ subject: 'bob' }), aDelta({ issuer: 'https://other.example' })],
    );
    const all = await listed();
    const alice = all.filter(
      ({ day, issuer, subject, agentId }) =>
        day === '2026-03-10' &&
        issuer === 'https://issuer.example' &&
        subject === 'alice' &&
        agentId === 'agent',
    );
    expect(all).toHaveLength(5);
    expect(alice).toEqual([
      {
        ...{ day: '2026-03-10', issuer: 'https://issuer.example', subject: 'alice', agentId: 'agent' },
        ...{ calls: 4, errors: 2, streams: 2, streamMs: 1_000, requestBytes: 6, responseBytes: 8 },
      },
    ]);
    expect(all.map(({ day }) => day)).toEqual(all.map(({ day }) => day).toSorted());
  });

  it('shows a client that was told of, and keeps it', async () => {
    await use([aDelta()], [aDelta({ clientId: 'app' })]);
    expect(await listed()).toMatchObject([{ clientId: 'app', calls: 2 }]);
  });

  it('keeps any text of a stranger, and mixes no two', async () => {
    const odd = ['', 'a', 'a ', 'a\0', '\ud800', '\ufffd', "' OR 1=1 --", '%', 'x'.repeat(4_000), '😀', 'ä'];
    await use(odd.map((subject) => aDelta({ subject, clientId: subject, agentId: subject })));
    const all = await listed({}, 100);
    expect(all.map(({ subject }) => subject).toSorted()).toEqual(odd.toSorted());
    for (const { subject, clientId, agentId } of all) expect([clientId, agentId]).toEqual([subject, subject]);
    for (const subject of odd) expect(await listed({ subject })).toMatchObject([{ subject, calls: 1 }]);
  });

  it('is listed by days, principal and agent', async () => {
    await use(days.flatMap((day) => [aDelta({ day }), aDelta({ day, subject: 'bob', agentId: 'other' })]));
    expect((await listed({ from: '2026-03-01', to: '2026-03-01' })).map(({ day }) => day)).toEqual([
      '2026-03-01',
      '2026-03-01',
    ]);
    expect(await listed({ subject: 'bob', agentId: 'agent' })).toEqual([]);
    expect(await listed({ subject: 'bob', agentId: 'other' })).toHaveLength(3);
    expect(await listed({ issuer: 'https://nobody.example' })).toEqual([]);
    expect(await listed({ from: '2026-03-02', to: '2026-03-01' })).toEqual([]);
    for (const odd of ['', 'x', '2026', '\0']) expect(await listed({ from: odd, to: odd })).toEqual([]);
  });

  it('is listed from wherever a stranger says', async () => {
    await use([aDelta()]);
    for (const after of ['', 'x', '\0', '2026-03-10#', '2026-03-10#zz', '2026-99-99#1', '~'.repeat(5_000)]) {
      const filter = { from: '2026-03-10', to: '2026-03-10', nowMs };
      const page = await opened().usage.list(filter, { size: 100, after });
      expect(page.rows.length).toBeLessThanOrEqual(1);
    }
  });

  it('is not listed when it has expired', async () => {
    await use([aDelta({ expiresAtMs: nowMs + 5_000 }), aDelta({ subject: 'bob' })]);
    expect(await listed({ nowMs: nowMs + 4_999 })).toHaveLength(2);
    expect(await listed({ nowMs: nowMs + 6_000 })).toMatchObject([{ subject: 'bob' }]);
    expect(await listed({ nowMs: nowMs + retentionMs + 1_000 })).toEqual([]);
  });

  it('adds up to what was given, whoever wrote it in whatever parts', async () => {
    const count = fc.nat(1_000);
    const delta = fc.record({
      subject: fc.constantFrom('a', 'b'),
      agentId: fc.constantFrom('x', 'y'),
      day: fc.constantFrom(...days),
      ...{ calls: count, errors: count, streams: count, streamMs: count },
      ...{ requestBytes: count, responseBytes: count },
    });
    const key = ({ day, subject, agentId }: { day: string; subject: string; agentId: string }) =>
      `${day} ${subject} ${agentId}`;
    const batch = fc.uniqueArray(delta, { selector: key, maxLength: 8 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { maxLength: 4 }),
        fc.integer({ min: 3, max: 20 }),
        async (all, size) => {
          const issuer = `https://issuer-${run++}.example`;
          await use(...all.map((deltas) => deltas.map((given) => aDelta({ ...given, issuer }))));
          const model = new Map<string, typeof zero>();
          for (const given of all.flat()) {
            const before = model.get(key(given)) ?? zero;
            const after = { ...before };
            for (const name of Object.keys(zero) as (keyof typeof zero)[]) after[name] += given[name];
            model.set(key(given), after);
          }
          const rows = await listed({ issuer }, size);
          expect(rows).toHaveLength(model.size);
          for (const row of rows) expect(row).toMatchObject(model.get(key(row)) ?? {});
        },
      ),
      { numRuns: runs },
    );
  });

  describe('a page', () => {
    it('takes 1 to 100 rows', async () => {
      const filter = { from: '2026-03-10', to: '2026-03-10', nowMs };
      for (const size of [0, 101, 1.5])
        await expect(opened().usage.list(filter, { size })).rejects.toBeInstanceOf(TypeError);
    });
  });
}
