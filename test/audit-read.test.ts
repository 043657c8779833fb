import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FoundRecord, readTrail, type TrailFilter } from '../src/audit/read-trail.ts';
import type { AuditSegment } from '../src/store/ports/audit.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import { newFolder } from './support/process.ts';

/** How records are found in the trail, page by page. */

const nowMs = 1_800_000_000_000;
const everything: TrailFilter = { fromMs: 0, toMs: nowMs };

let store: SqliteStore;
beforeEach(() => {
  store = openSqliteStore({ path: join(newFolder(), 'gateway.db') });
});
afterEach(() => store.close());

function segmentOf(
  chainId: string,
  sequence: number,
  atMs: number,
  records: readonly object[],
): AuditSegment {
  return {
    ...{ chainId, sequence, atMs, expiresAtMs: nowMs + 1, seal: `${chainId}.${sequence}` },
    ...{ previousSeal: '', previousAtMs: 0, previousExpiresAtMs: 0 },
    records: records.map((record) => `${JSON.stringify(record)}\n`).join(''),
  };
}

async function keep(...segments: AuditSegment[]): Promise<void> {
  await Promise.all(segments.map((segment) => store.audit.append(segment, [])));
}

/** Every page, and what happens between two. */
async function pages(
  filter: TrailFilter,
  size: number,
  between: () => Promise<unknown> = async () => {},
): Promise<FoundRecord[][]> {
  const all: FoundRecord[][] = [];
  for (let after: string | undefined; ; ) {
    const page = await readTrail(store.audit, filter, { size, ...(after !== undefined && { after }) }, nowMs);
    all.push(page.records);
    if (page.next === undefined) return all;
    expect(page.next).toMatch(/^[\x21-\x7e]{1,256}$/);
    after = page.next;
    await between();
  }
}

describe('reading the trail', () => {
  it('finds exactly what matches, the newest first, however it is paged and whatever is written meanwhile', async () => {
    const record = fc.record({
      event: fc.constantFrom('call', 'change'),
      agentId: fc.constantFrom('a', 'b'),
      subject: fc.constantFrom('kim', 'lee'),
    });
    const filters = fc.record(
      { event: fc.constant('call'), agentId: fc.constant('a'), subject: fc.constant('kim') },
      { requiredKeys: [] },
    );
    const segments = fc.array(fc.array(record, { minLength: 1, maxLength: 4 }), { maxLength: 8 });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(segments, filters, fc.integer({ min: 1, max: 3 }), async (given, wanted, size) => {
        // Each run has a time of its own.
        const fromMs = ++runs * 1_000;
        const chainId = `run-${runs}`;
        const kept = given.map((records, n) => {
          return segmentOf(chainId, n + 1, fromMs + (n >> 1), records);
        });
        await keep(...kept);
        const expected = kept
          .flatMap((segment, n) =>
            (given[n] ?? []).map((one) => ({ ...one, chainId, sequence: segment.sequence })),
          )
          .filter((one) => Object.entries(wanted).every(([name, value]) => Reflect.get(one, name) === value))
          .toReversed();
        let later = 0;
        const between = () =>
          keep(segmentOf(`later-${runs}`, ++later, fromMs + 100 + later, [{ event: 'call', agentId: 'a' }]));
        const found = await pages({ fromMs, toMs: fromMs + 1_000, ...wanted }, size, between);
        expect(found.flat().filter((one) => one.chainId === chainId)).toEqual(expected);
        expect(found.every((page) => page.length <= size)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('reads a bounded part for a page, and says that there is more', async () => {
    const others = Array.from({ length: 410 }, (_, n) => segmentOf('c', n + 2, n + 2, [{ agentId: 'b' }]));
    await keep(segmentOf('c', 1, 1, [{ agentId: 'a' }]), ...others);
    const found = await pages({ ...everything, agentId: 'a' }, 10);
    expect(found.map((page) => page.length)).toEqual([0, 1]);
  });

  it('answers no more at once than a function may, yet always one', async () => {
    const large = { text: 'x'.repeat(250_000) };
    await keep(...Array.from({ length: 12 }, (_, n) => segmentOf('c', n + 1, n + 1, [large])));
    const found = await pages(everything, 100);
    expect(found.map((page) => page.length)).toEqual([8, 4]);
  });

  it('leaves out what cannot be read', async () => {
    const broken = { ...segmentOf('c', 1, 1, [{ n: 1 }]), records: '{\n[1]\n"x"\n\n{"n":2}\n' };
    await keep(broken);
    expect(await pages(everything, 10)).toEqual([[{ n: 2, chainId: 'c', sequence: 1 }]]);
  });

  it('goes on where a segment that was read in part is gone', async () => {
    const records = [1, 2, 3].map((n) => ({ n }));
    await keep(segmentOf('c', 1, 1, records), segmentOf('c', 2, 2, records));
    const first = await readTrail(store.audit, everything, { size: 2 }, nowMs);
    store.driver.exec('DELETE FROM audit_segments WHERE sequence = 2');
    const rest = await readTrail(store.audit, everything, { size: 9, after: first.next ?? '' }, nowMs);
    expect(rest.records.map(({ n, sequence }) => [n, sequence])).toEqual([
      [3, 1],
      [2, 1],
      [1, 1],
    ]);
  });

  it('takes any text for a place to go on from', async () => {
    await keep(segmentOf('c', 1, 1, [{ n: 1 }]));
    for (const after of ['', '~', '0~', '9~x', `1~${'9'.repeat(60)}`, '999999~c', 'x'.repeat(256)]) {
      const page = await readTrail(store.audit, everything, { size: 9, after }, nowMs);
      expect(page.next).toBeUndefined();
    }
  });
});
