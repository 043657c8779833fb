import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretsInMemory } from '../../test/support/secrets-in-memory.ts';
import { type AuditHead, type AuditSegment, headLagMs } from '../store/ports/audit.ts';
import { beginChain, headOf, nextSegment, sealedText } from './chain.ts';
import { createAuditSeals } from './seals.ts';
import { type AuditFinding, type Trail, type Verified, verifyTrail } from './verify.ts';

const retentionMs = 10_000;
const seals = createAuditSeals({ secrets: secretsInMemory() });

/** One segment a second from second 1. */
async function chainOf(
  chainId: string,
  length: number,
  by = seals,
  keptMs = retentionMs,
): Promise<AuditSegment[]> {
  const segments: AuditSegment[] = [];
  let end = beginChain(chainId);
  for (let n = 1; n <= length; n++) {
    const records = `{"event":"call","n":${n}}\n`;
    end = await nextSegment(end, { records, nowMs: n * 1_000, retentionMs: keptMs }, by);
    segments.push(end as AuditSegment);
  }
  return segments;
}

async function verified(trail: Trail, nowMs = 5_000): Promise<{ found: AuditFinding[]; result: Verified }> {
  const found: AuditFinding[] = [];
  const reading = verifyTrail(trail, seals, nowMs);
  for (;;) {
    const step = await reading.next();
    if (step.done === true) return { found, result: step.value };
    found.push(step.value);
  }
}

function headsOf(...chains: AuditSegment[][]): AuditHead[] {
  return chains.map((chain) => headOf(last(chain)));
}

function last(chain: AuditSegment[]): AuditSegment {
  return chain.at(-1) as AuditSegment;
}

async function problemsOf(segments: AuditSegment[], heads: AuditHead[], nowMs?: number): Promise<string[]> {
  const { found } = await verified({ segments, heads }, nowMs);
  return found.map(({ sequence, toSequence, problem }) =>
    toSequence === undefined ? `${problem} ${sequence}` : `${problem} ${sequence}-${toSequence}`,
  );
}

describe('a chain', () => {
  it('counts, links and seals its segments', async () => {
    const [first, second] = await chainOf('c', 2);
    expect(first).toMatchObject({ sequence: 1, previousSeal: '', previousExpiresAtMs: 0, atMs: 1_000 });
    expect(second).toMatchObject({
      ...{ sequence: 2, previousSeal: first?.seal, previousExpiresAtMs: 11_000 },
      expiresAtMs: 12_000,
    });
  });

  it('never goes back in time, so that what expires is its beginning', async () => {
    const end = await nextSegment(beginChain('c'), { records: '{}\n', nowMs: 9_000, retentionMs }, seals);
    const next = await nextSegment(end, { records: '{}\n', nowMs: 1_000, retentionMs: 1 }, seals);
    expect(next).toMatchObject({ atMs: 9_000, expiresAtMs: 19_000 });
  });

  it('has a text of its own for every segment', () => {
    const segment = fc.record({
      chainId: fc.string(),
      sequence: fc.nat(),
      atMs: fc.nat(),
      expiresAtMs: fc.nat(),
      records: fc.string(),
      previousSeal: fc.string(),
      previousAtMs: fc.nat(),
      previousExpiresAtMs: fc.nat(),
    });
    fc.assert(
      fc.property(segment, segment, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(sealedText(one) === sealedText(other)).toBe(isSame);
      }),
    );
  });
});

describe('verifying a trail', () => {
  it('finds nothing in one that is as it was made, and answers how far it goes', async () => {
    const [a, b] = [await chainOf('a', 3), await chainOf('b', 2)];
    const segments = [...a, ...b].toSorted((one, other) => one.atMs - other.atMs);
    const { found, result } = await verified({ segments, heads: headsOf(a, b) });
    expect(found).toEqual([]);
    expect(result).toEqual({ segments: 5, findings: 0, heads: headsOf(a, b) });
  });

  it('finds any one member of any one segment changed', async () => {
    const chain = await chainOf('a', 4);
    const changes = fc.oneof(
      fc.record({ records: fc.string() }),
      fc.record({ atMs: fc.nat() }),
      fc.record({ expiresAtMs: fc.nat() }),
      fc.record({ previousSeal: fc.constantFrom('', ...chain.map(({ seal }) => seal)) }),
      fc.record({ previousAtMs: fc.nat() }),
      fc.record({ previousExpiresAtMs: fc.nat() }),
      fc.record({ sequence: fc.nat(8) }),
      fc.record({ chainId: fc.constantFrom('a', 'b') }),
      fc.record({ seal: fc.oneof(fc.string(), fc.constantFrom(...chain.map(({ seal }) => seal))) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(3), changes, async (at, change) => {
        const segments = chain.map((segment, n) => (n === at ? { ...segment, ...change } : segment));
        fc.pre(JSON.stringify(segments) !== JSON.stringify(chain));
        expect((await verified({ segments, heads: headsOf(chain) })).found).not.toEqual([]);
      }),
    );
  });

  it('finds every way to leave out, repeat or reorder segments', async () => {
    const chain = await chainOf('a', 5);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 7 }), async (order) => {
        const segments = order.map((n) => chain[n] as AuditSegment);
        fc.pre(order.join() !== '0,1,2,3,4');
        expect((await verified({ segments, heads: headsOf(chain) })).found).not.toEqual([]);
      }),
    );
  });

  it('names what is wrong', async () => {
    const chain = await chainOf('a', 5);
    const [one, two, three, four, five] = chain as [
      AuditSegment,
      AuditSegment,
      AuditSegment,
      AuditSegment,
      AuditSegment,
    ];
    const heads = headsOf(chain);
    expect(await problemsOf([one, { ...two, records: '{}\n' }, three, four, five], heads)).toEqual([
      'altered 2',
    ]);
    expect(await problemsOf([one, four, five], heads)).toEqual(['missing 2-3']);
    expect(await problemsOf([three, four, five], heads)).toEqual(['missing 1-2']);
    expect(await problemsOf([one, two], heads)).toEqual(['missing 3-5']);
    expect(await problemsOf([], heads)).toEqual(['missing 1-5']);
    expect(await problemsOf([one, two, two, three, four, five], heads)).toEqual(['repeated 2']);
    expect(await problemsOf([one, three, two, four, five], heads)).toEqual(['missing 2-2', 'reordered 2']);
  });

  it('misses a head once a store has had time to keep it', async () => {
    const chain = await chainOf('a', 5, seals, 60_000);
    expect(await problemsOf(chain, [], 5_000 + headLagMs - 1)).toEqual([]);
    expect(await problemsOf(chain, [], 5_000 + headLagMs)).toEqual(['head_missing 5']);
  });

  it('finds a segment of another chain, and one of another key', async () => {
    const [chain, other] = [await chainOf('a', 3), await chainOf('b', 3)];
    const strangers = await chainOf('a', 3, createAuditSeals({ secrets: secretsInMemory() }));
    const swapped = (segment: AuditSegment | undefined) => [chain[0], segment, chain[2]] as AuditSegment[];
    expect(await problemsOf(swapped({ ...other[1], chainId: 'a' } as AuditSegment), headsOf(chain))).toEqual([
      'altered 2',
      'unlinked 3',
    ]);
    expect(await problemsOf(swapped(strangers[1]), headsOf(chain))).toEqual(['altered 2', 'unlinked 3']);
    const unnamed = { ...(chain[1] as AuditSegment), seal: (chain[1]?.seal ?? '').replace('1.', '2.') };
    expect(await problemsOf(swapped(unnamed), headsOf(chain))).toEqual(['unknown_key 2', 'unlinked 3']);
  });

  it('finds the tail of a chain that another process has made again from an earlier end', async () => {
    const chain = await chainOf('a', 3);
    const again = await nextSegment(
      chain[1] as AuditSegment,
      { records: '{"other":true}\n', nowMs: 3_000, retentionMs },
      seals,
    );
    const remade = [...chain.slice(0, 2), again];
    expect(await problemsOf(remade, headsOf(chain))).toEqual(['replaced 3']);
    expect(await problemsOf([...chain, again], headsOf(chain))).toEqual(['repeated 3']);
  });

  it('lets go missing what has expired, and nothing else', async () => {
    const chain = await chainOf('a', 5);
    const heads = headsOf(chain);
    // The third expires at 13 s.
    expect(await problemsOf(chain.slice(3), heads, 13_000)).toEqual([]);
    expect(await problemsOf(chain.slice(3), heads, 12_999)).toEqual(['missing 1-3']);
    expect(await problemsOf([chain[1], ...chain.slice(3)] as AuditSegment[], heads, 13_000)).toEqual([]);
    expect(await problemsOf(chain.slice(4), heads, 13_000)).toEqual(['missing 1-4']);
    expect(await problemsOf([], heads, 15_000)).toEqual([]);
  });

  it('misses nothing before what was made meanwhile, which may have come too late to be read', async () => {
    const [one, , three] = (await chainOf('a', 3)) as [AuditSegment, AuditSegment, AuditSegment];
    expect(await problemsOf([one, three], headsOf([one]), 2_999)).toEqual([]);
    expect(await problemsOf([one, three], headsOf([one]), 3_000)).toEqual(['missing 2-2']);
  });

  it('is told of a head that was noted before, and finds what was set back with the store', async () => {
    const chain = await chainOf('a', 4);
    const setBack = chain.slice(0, 2);
    expect(await problemsOf(setBack, headsOf(setBack))).toEqual([]);
    expect(await problemsOf(setBack, [...headsOf(setBack), ...headsOf(chain)])).toEqual(['missing 3-4']);
  });

  it('needs neither heads nor beginnings of what is not whole', async () => {
    const chain = await chainOf('a', 3);
    const some = { heads: [], isWhole: false };
    expect((await verified({ segments: chain.slice(1), ...some })).found).toEqual([]);
    const [one, , three] = chain as [AuditSegment, AuditSegment, AuditSegment];
    expect((await verified({ segments: [one, three], ...some })).found).toHaveLength(1);
  });
});
