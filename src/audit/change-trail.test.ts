import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretsInMemory } from '../../test/support/secrets-in-memory.ts';
import { type AuditHead, type AuditSegment, maxSegmentBytes } from '../store/ports/audit.ts';
import type { Change, ChangeTrail } from './audit.ts';
import { headOf } from './chain.ts';
import { changeRecord } from './change-record.ts';
import { createChangeTrail } from './change-trail.ts';
import { createAuditSeals } from './seals.ts';
import { verifyTrail } from './verify.ts';

const seals = createAuditSeals({ secrets: secretsInMemory() });

const change: Change = {
  ...{ requestId: 'r', by: { issuer: 'https://issuer.test', subject: 'kim' } },
  ...{ action: 'permission.set', target: 'demo', after: { scope: 'demo' } },
};

function aTrail(): ChangeTrail {
  let chains = 0;
  const newId = () => `chain-${++chains}`;
  return createChangeTrail({ seals, retentionMs: 60_000, clock: { nowMs: () => 1_000 }, newId });
}

/** What a store does with a write: that it was done or in vain, or fails with the one or the other. */
type Outcome = 'done' | 'in vain' | 'done, but fails' | 'in vain, and fails';

class Kept {
  readonly segments: AuditSegment[] = [];
  readonly heads = new Map<string, AuditHead>();

  async write(outcome: Outcome, audit: AuditSegment | undefined): Promise<boolean> {
    // As slow as any store: other changes are asked for meanwhile.
    await Promise.resolve();
    const isDone = outcome.startsWith('done');
    if (isDone && audit !== undefined) {
      this.segments.push(audit);
      this.heads.set(audit.chainId, headOf(audit));
    }
    if (outcome.endsWith('fails')) throw new Error('no answer');
    return isDone;
  }
}

describe('the trail of changes', () => {
  it('is whole whatever becomes of each write, however many are asked for at once', async () => {
    const outcomes = fc.array(
      fc.constantFrom<Outcome>('done', 'in vain', 'done, but fails', 'in vain, and fails'),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(outcomes, async (given) => {
        const trail = aTrail();
        const kept = new Kept();
        const told = given.map((outcome) => trail.change(change, ({ audit }) => kept.write(outcome, audit)));
        const answers = await Promise.allSettled(told);
        expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'fails'))).toEqual(
          given.map((outcome) => (outcome.endsWith('fails') ? 'fails' : outcome === 'done')),
        );
        expect(kept.segments).toHaveLength(given.filter((outcome) => outcome.startsWith('done')).length);
        const findings = [];
        for await (const finding of verifyTrail(
          { segments: kept.segments, heads: kept.heads.values() },
          seals,
          2_000,
        ))
          findings.push(finding);
        expect(findings).toEqual([]);
      }),
    );
  });

  it('begins another chain after a write of which nobody knows', async () => {
    const trail = aTrail();
    const kept = new Kept();
    const places: string[] = [];
    for (const outcome of ['done', 'in vain', 'done', 'in vain, and fails', 'done'] as const) {
      const write = trail.change(change, ({ audit }) => {
        places.push(`${audit?.chainId} ${audit?.sequence}`);
        return kept.write(outcome, audit);
      });
      await write.catch(() => {});
    }
    expect(places).toEqual(['chain-1 1', 'chain-1 2', 'chain-1 2', 'chain-1 3', 'chain-2 1']);
  });

  it('takes undefined for in vain, and answers whatever a write answers', async () => {
    const trail = aTrail();
    const sequences: (number | undefined)[] = [];
    const answer = (value: string | undefined) =>
      trail.change(change, async ({ audit }) => {
        sequences.push(audit?.sequence);
        return value;
      });
    expect([await answer(undefined), await answer('lane'), await answer('lane')]).toEqual([
      ...[undefined, 'lane', 'lane'],
    ]);
    expect(sequences).toEqual([1, 1, 2]);
  });
});

describe('the record of a change', () => {
  const record = async (given: Change) => JSON.parse(await changeRecord(given, 1_000));

  it('is one line that says who, what, and both states', async () => {
    const by = { issuer: 'https://issuer.test', subject: 'kim', clientId: 'console' };
    const line = await changeRecord(
      { ...change, by, before: { text: 'a\nb', gone: undefined }, agentId: 'x' },
      1_000,
    );
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual({
      ...{ event: 'change', time: '1970-01-01T00:00:01.000Z', ...by, requestId: 'r' },
      ...{ action: 'permission.set', target: 'demo', agentId: 'x' },
      ...{ before: { text: 'a\nb' }, after: { scope: 'demo' } },
    });
    expect(await record({ ...change, before: undefined } as unknown as Change)).not.toHaveProperty('before');
  });

  it('tells the largest members by their digests, as few as it takes to fit a segment', async () => {
    const before = { card: 'ä'.repeat(100_000), tags: ['x'] };
    const after = { card: 'b'.repeat(100_000), tags: ['y'] };
    expect(await record({ ...change, before, after })).toMatchObject({
      before: { card: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 200_002 }, tags: ['x'] },
      after,
    });
    expect(before.card).toHaveLength(100_000);
  });

  it('fits a segment whatever it is given, and is whole where that fits', async () => {
    const view = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__'),
      fc.integer({ min: 0, max: 150_000 }).map((length) => 'é\u0000'.repeat(length)),
      { maxKeys: 6 },
    );
    await fc.assert(
      fc.asyncProperty(view, view, async (before, after) => {
        const line = await changeRecord({ ...change, before, after }, 1_000);
        expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(maxSegmentBytes);
        const whole = JSON.stringify({ before, after }).length < maxSegmentBytes / 4;
        if (whole) expect(JSON.parse(line)).toMatchObject({ before, after });
      }),
      { numRuns: 25 },
    );
  });
});
