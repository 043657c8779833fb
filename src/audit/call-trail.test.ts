import { describe, expect, it } from 'vitest';
import { secretsInMemory } from '../../test/support/secrets-in-memory.ts';
import type { AuditSegment, AuditStore, UsageDelta, UsageStore } from '../store/ports/audit.ts';
import { maxBatchRecords } from './batch.ts';
import type { CallEvent } from './call-record.ts';
import {
  type CallTrailSettings,
  createCallTrail,
  maxQueued,
  maxUnauthenticatedPerSecond,
} from './call-trail.ts';
import { createAuditSeals } from './seals.ts';
import { verifyTrail } from './verify.ts';

type Outcome = 'kept' | 'lost' | 'lost answer' | 'taken';

/** A trail over a store that does what a test says, and pauses that end when the test says. */
function makeStand(more: Partial<CallTrailSettings> = {}) {
  const kept: { segment: AuditSegment; usage: readonly UsageDelta[] }[] = [];
  const outcomes: Outcome[] = [];
  const pauses: (() => void)[] = [];
  const works: Promise<void>[] = [];
  const logged: string[] = [];
  const seals = createAuditSeals({ secrets: secretsInMemory() });
  let tries = 0;
  let ids = 0;
  let nowMs = Date.UTC(2026, 2, 10, 12);
  const closing = new AbortController();
  const audit: Pick<AuditStore, 'append' | 'sweep'> = {
    async append(segment, usage) {
      tries++;
      const outcome = outcomes.shift() ?? 'kept';
      if (outcome === 'lost') throw new Error('not written');
      if (outcome === 'taken') return false;
      if (!kept.some((one) => one.segment.seal === segment.seal)) kept.push({ segment, usage });
      if (outcome === 'lost answer') throw new Error('written, and nobody knows');
      return true;
    },
    sweep: async () => {},
  };
  const trail = createCallTrail({
    audit: audit as AuditStore,
    usage: { sweep: async () => {} } as unknown as UsageStore,
    seals,
    settings: { retentionMs: 1_000, usageRetentionMs: 1_000, flushMs: 100, onFailure: 'closed', ...more },
    clock: { nowMs: () => nowMs },
    newId: () => `chain-${++ids}`,
    log: { write: (_level, event) => void logged.push(event) },
    pause: (_ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', () => resolve());
        pauses.push(resolve);
      }),
    closing: closing.signal,
    waitUntil: (work) => void works.push(work),
  });
  return {
    trail,
    kept,
    outcomes,
    logged,
    /** How often the store was asked. */
    tries: () => tries,
    close: () => closing.abort(),
    /** Waits for the work that has begun by then. */
    async settle() {
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(works);
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** Ends the pauses of the work that is under way, or was, until it is over. */
    async flush() {
      let isOver = false;
      void works.at(-1)?.then(() => {
        isOver = true;
      });
      while (!isOver) {
        for (const end of pauses.splice(0)) end();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    records: () =>
      kept.flatMap(({ segment }) =>
        segment.records
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      ),
    async findings() {
      const found = [];
      const segments = kept.map(({ segment }) => segment);
      for await (const one of verifyTrail({ segments, heads: [], isWhole: false }, seals, nowMs))
        found.push(one);
      return found;
    },
  };
}

function anEvent(requestId: string, more: Partial<CallEvent> = {}): CallEvent {
  return {
    ...{ event: 'call', atMs: Date.UTC(2026, 2, 10, 12), requestId, isKnown: true, isUse: true },
    principal: { issuer: 'https://issuer.example', subject: 'alice' },
    ...{ agentId: 'agent', operation: 'SendMessage', decision: 'allow', httpStatus: 200, durationMs: 5 },
    ...more,
  };
}

const nobody = { principal: undefined, isKnown: false, isUse: false, decision: 'deny' } as const;

describe('the trail of calls', () => {
  it('writes what comes within a moment at once, and adds up its use', async () => {
    const stand = makeStand();
    for (const id of ['a', 'b', 'c']) stand.trail.record(anEvent(id));
    expect(stand.tries()).toBe(0);
    await stand.flush();
    expect(stand.records().map(({ requestId }) => requestId)).toEqual(['a', 'b', 'c']);
    expect(stand.kept).toMatchObject([{ segment: { sequence: 1 }, usage: [{ calls: 3, agentId: 'agent' }] }]);
  });

  it('goes on with its chain', async () => {
    const stand = makeStand();
    for (const id of ['a', 'b', 'c']) {
      stand.trail.record(anEvent(id));
      await stand.flush();
    }
    expect(stand.kept.map(({ segment }) => segment.sequence)).toEqual([1, 2, 3]);
    expect(await stand.findings()).toEqual([]);
  });

  it('lets nothing wait where nobody would be there later', async () => {
    const stand = makeStand({ flushMs: 0 });
    stand.trail.record(anEvent('a'));
    await stand.flush();
    expect(stand.records()).toHaveLength(1);
  });

  it('writes large and many records in segments that the store takes', async () => {
    const stand = makeStand();
    const long = '\u0001'.repeat(10_000);
    for (let n = 0; n < maxBatchRecords; n++)
      stand.trail.record(
        anEvent(`${n}`, {
          principal: { issuer: long, subject: `${n}${long}`, clientId: long, tenant: long },
        }),
      );
    await stand.flush();
    expect(stand.records()).toHaveLength(maxBatchRecords);
    expect(stand.records()[0]?.subject).toHaveLength(513);
    for (const { segment, usage } of stand.kept) {
      expect(new TextEncoder().encode(segment.records).length).toBeLessThanOrEqual(262_144);
      expect(usage.length).toBeLessThanOrEqual(90);
    }
    expect(await stand.findings()).toEqual([]);
  });
});

describe('a write that fails', () => {
  it.each<Outcome>(['lost', 'lost answer'])('is made again, and counts once: %s', async (outcome) => {
    const stand = makeStand();
    stand.outcomes.push(outcome, outcome);
    stand.trail.record(anEvent('a'));
    await stand.flush();
    await stand.flush();
    await stand.flush();
    await stand.flush();
    await stand.flush();
    expect(stand.records().map(({ requestId }) => requestId)).toEqual(['a']);
    expect(stand.kept).toMatchObject([{ segment: { sequence: 1 }, usage: [{ calls: 1 }] }]);
    expect(stand.tries()).toBe(3);
    expect(stand.logged).toEqual(['audit not written', 'audit written again']);
  });

  it('lets no call begin until it has been made', async () => {
    const stand = makeStand();
    stand.outcomes.push('lost');
    stand.trail.record(anEvent('a'));
    expect(() => stand.trail.admit()).not.toThrow();
    await stand.flush();
    expect(() => stand.trail.admit()).toThrow('store_unavailable');
    stand.trail.record(anEvent('b'));
    await stand.flush();
    expect(() => stand.trail.admit()).not.toThrow();
  });

  it('lets calls go on where the settings say so', async () => {
    const stand = makeStand({ onFailure: 'open' });
    stand.outcomes.push('lost');
    stand.trail.record(anEvent('a'));
    await stand.flush();
    expect(() => stand.trail.admit()).not.toThrow();
  });

  it('is made again for who closes the gateway, without a wait', async () => {
    const stand = makeStand();
    stand.outcomes.push('lost');
    stand.trail.record(anEvent('a'));
    await stand.flush();
    stand.close();
    await stand.settle();
    expect(stand.records()).toHaveLength(1);
  });

  it('is waited for by who closes the gateway until it has been made', async () => {
    const stand = makeStand();
    stand.outcomes.push('lost', 'lost answer');
    stand.trail.record(anEvent('a'));
    stand.close();
    await stand.flush();
    expect(stand.records()).toHaveLength(1);
    expect(stand.tries()).toBe(3);
  });

  it('begins another chain where somebody else has written in its place', async () => {
    const stand = makeStand();
    stand.outcomes.push('kept', 'taken');
    stand.trail.record(anEvent('a'));
    await stand.flush();
    stand.trail.record(anEvent('b'));
    await stand.flush();
    expect(stand.kept.map(({ segment }) => `${segment.chainId} ${segment.sequence}`)).toEqual([
      'chain-1 1',
      'chain-2 1',
    ]);
    expect(stand.logged).toEqual(['audit chain taken']);
  });
});

describe('what there is no room for', () => {
  it('is no call while calls have to be recorded', async () => {
    const stand = makeStand();
    for (let n = 0; n < maxQueued - 1; n++) stand.trail.record(anEvent(`${n}`));
    expect(() => stand.trail.admit()).not.toThrow();
    stand.trail.record(anEvent('last'));
    expect(() => stand.trail.admit()).toThrow('store_unavailable');
    await stand.flush();
    expect(stand.records()).toHaveLength(maxQueued);
    expect(() => stand.trail.admit()).not.toThrow();
  });

  it('is counted, where calls go on', async () => {
    const stand = makeStand({ onFailure: 'open' });
    for (let n = 0; n < maxQueued + 7; n++) stand.trail.record(anEvent(`${n}`));
    await stand.flush();
    expect(stand.records()).toHaveLength(maxQueued + 1);
    expect(stand.records()[0]).toMatchObject({ event: 'omitted', cause: 'full', count: 7 });
  });

  it('is what nobody asks, beyond a rate: a flood of it leaves its number', async () => {
    const stand = makeStand();
    for (let n = 0; n < 5_000; n++) stand.trail.record(anEvent(`${n}`, nobody));
    await stand.flush();
    const most = maxUnauthenticatedPerSecond;
    expect(stand.records()).toHaveLength(most + 1);
    expect(stand.records()[0]).toMatchObject({
      event: 'omitted',
      cause: 'unauthenticated',
      count: 5_000 - most,
    });
    stand.pass(500);
    for (let n = 0; n < 100; n++) stand.trail.record(anEvent(`${n}`, nobody));
    stand.trail.record(anEvent('known'));
    await stand.flush();
    expect(stand.records()).toHaveLength(most + 1 + most / 2 + 2);
    expect(stand.records().at(-1)).toMatchObject({ requestId: 'known' });
  });
});
