import { beforeEach, describe, expect, it } from 'vitest';
import { placeText } from '../../src/store/audit-place.ts';
import type { Store } from '../../src/store/port.ts';
import { type AuditSegment, maxSegmentBytes, maxUsageDeltas } from '../../src/store/ports/audit.ts';
import { aDelta, chainOf, findings, hourMs, nowMs, retentionMs } from './audit-fixtures.ts';

/** What every adapter of AuditStore promises. */
export function auditContract(opened: () => Store): void {
  const audit = () => opened().audit;

  async function append(...chains: AuditSegment[][]): Promise<void> {
    for (const segment of chains.flat()) expect(await audit().append(segment, [])).toBe(true);
  }

  /** Every page of the list, joined. */
  async function listed(range: { fromMs?: number; toMs?: number; nowMs?: number } = {}, size = 3) {
    const all: AuditSegment[] = [];
    const whole = { fromMs: 0, toMs: nowMs + 100 * hourMs, nowMs, ...range };
    for (let after: string | undefined; ; ) {
      const page = await audit().list(whole, { size, ...(after !== undefined && { after }) });
      expect(page.segments.length).toBeLessThanOrEqual(size);
      all.push(...page.segments);
      if (page.next === undefined) return all;
      expect(page.next.length).toBeLessThan(100);
      after = page.next;
    }
  }

  async function scanned(): Promise<AuditSegment[]> {
    const all: AuditSegment[] = [];
    for await (const segment of await audit().scan()) all.push(segment);
    return all;
  }

  function inOrder(...chains: AuditSegment[][]): AuditSegment[] {
    const key = ({ atMs, chainId, sequence }: AuditSegment) =>
      `${`${atMs}`.padStart(16, '0')}#${chainId}#${`${sequence}`.padStart(16, '0')}`;
    return chains.flat().toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
  }

  describe('a trail with nothing in it', () => {
    it('has no segments, no heads and nothing wrong', async () => {
      expect([await listed(), await scanned(), await findings(audit())]).toEqual([[], [], []]);
    });
  });

  describe('segments', () => {
    let chains: AuditSegment[][];
    beforeEach(async () => {
      // Over the turn of an hour, at the same times, and with hours between in which there is nothing.
      chains = [
        await chainOf('11111111-aaaa', 7),
        await chainOf('22222222-bbbb', 7),
        await chainOf('33333333-cccc', 4, { everyMs: 30 * hourMs }),
      ];
    });

    it('are given back exactly, in the order of time, chain and sequence', async () => {
      await append(...chains);
      expect(await scanned()).toStrictEqual(inOrder(...chains));
      expect(await findings(audit())).toEqual([]);
    });

    it('are listed the newest first, in pages of any size', async () => {
      await append(...chains);
      const newest = inOrder(...chains).toReversed();
      for (const size of [1, 2, 5, 100]) expect(await listed({}, size)).toStrictEqual(newest);
    });

    it('are listed by the time they were made', async () => {
      await append(...chains);
      const within = (fromMs: number, toMs: number) =>
        inOrder(...chains)
          .toReversed()
          .filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
      for (const [fromMs, toMs] of [
        [nowMs + 1_000, nowMs + 4_000],
        [nowMs, nowMs + 1],
        [nowMs + 2_000, nowMs + 2_000],
        [nowMs + hourMs, nowMs + 61 * hourMs],
        [-5, nowMs],
      ] as const) {
        expect(await listed({ fromMs, toMs })).toStrictEqual(within(fromMs, toMs));
      }
    });

    it('are not listed when they have expired', async () => {
      await append(...chains);
      const late = nowMs + retentionMs + 3_000;
      const alive = inOrder(...chains).filter(({ expiresAtMs }) => expiresAtMs > late);
      expect(await listed({ nowMs: late })).toStrictEqual(alive.toReversed());
    });

    it('are listed from wherever a stranger says', async () => {
      await append(chains[0] ?? []);
      for (const after of ['', 'x', '9', '\0', `${'9'.repeat(16)}#x#`, "' OR 1=1 --", '~'.repeat(5_000)]) {
        const page = await audit().list({ fromMs: 0, toMs: nowMs + hourMs, nowMs }, { size: 100, after });
        expect(page.segments.length).toBeLessThanOrEqual(7);
      }
    });

    it('are none in a time that ends before it begins, whoever says so', async () => {
      await append(...chains);
      const [before, from] = [nowMs + 600_000, nowMs + 1_200_000];
      expect(await listed({ fromMs: from, toMs: before })).toEqual([]);
      expect(await listed({ fromMs: from, toMs: from })).toEqual([]);
      const range = { fromMs: from, toMs: nowMs + hourMs, nowMs };
      const after = placeText({ atMs: before, chainId: 'x', sequence: 1 });
      expect((await audit().list(range, { size: 100, after })).segments).toEqual([]);
    });

    it('are kept once, however often they are sent', async () => {
      for (const segment of chains[0] ?? []) {
        expect(await audit().append(segment, [aDelta()])).toBe(true);
        expect(await audit().append(segment, [aDelta()])).toBe(true);
      }
      await Promise.all((chains[0] ?? []).map((segment) => audit().append(segment, [aDelta()])));
      expect(await scanned()).toStrictEqual(chains[0]);
      const { rows } = await opened().usage.list(
        { from: '2026-03-10', to: '2026-03-10', nowMs },
        { size: 10 },
      );
      expect(rows).toMatchObject([{ calls: 7, requestBytes: 70 }]);
    });

    it('do not take the place of others', async () => {
      const [segment] = await chainOf('11111111-aaaa', 1);
      const [other] = await chainOf('11111111-aaaa', 1, { retentionMs: 1 });
      if (segment === undefined || other === undefined) throw new Error('no segments');
      await audit().append(segment, []);
      expect(await audit().append(other, [aDelta()])).toBe(false);
      expect(await scanned()).toStrictEqual([segment]);
      const { rows } = await opened().usage.list(
        { from: '2026-03-10', to: '2026-03-10', nowMs },
        { size: 10 },
      );
      expect(rows).toEqual([]);
    });

    it('may be as large as is said, with as much of use', async () => {
      const [segment] = await chainOf('11111111-aaaa', 1);
      const records = `${'é'.repeat(maxSegmentBytes / 2 - 1)}x\n`;
      const deltas = Array.from({ length: maxUsageDeltas }, (_, n) => aDelta({ agentId: `agent-${n}` }));
      await audit().append({ ...(segment as AuditSegment), records }, deltas);
      expect((await scanned())[0]?.records).toBe(records);
    });

    it('may come from many writers at once', async () => {
      const many = await Promise.all(Array.from({ length: 8 }, (_, n) => chainOf(`writer-${n}`, 5)));
      await Promise.all(many.map((chain) => append(chain)));
      expect(await findings(audit())).toEqual([]);
      expect(await scanned()).toHaveLength(40);
    });
  });

  describe('heads', () => {
    it('tell how far each chain goes, ten seconds behind at most', async () => {
      const chains = [await chainOf('a', 25), await chainOf('b', 1)];
      await append(...chains);
      const heads = [];
      for await (const head of await audit().heads()) heads.push(head);
      expect(heads.map(({ chainId }) => chainId).toSorted()).toEqual(['a', 'b']);
      for (const { chainId, sequence, seal, atMs, expiresAtMs } of heads) {
        const chain = chainId === 'a' ? chains[0] : chains[1];
        expect(chain?.[sequence - 1]).toMatchObject({ seal, atMs, expiresAtMs });
        expect((chain?.at(-1)?.atMs ?? 0) - atMs).toBeLessThan(10_000);
      }
    });
  });
}
