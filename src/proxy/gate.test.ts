import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GatewayError } from '../failure.ts';
import { Gate, type Lane, type LoadLimits } from './gate.ts';

const limits: LoadLimits = {
  maxConcurrentCalls: 1,
  maxOpenStreams: 1,
  maxQueuedCalls: 2,
  queueTimeoutMs: 5_000,
};

const overloaded = { failure: { code: 'agent_overloaded', retryAfterSeconds: 5 } };

function open(): Gate {
  return new Gate('agent_overloaded');
}

const patient = () => new AbortController();

afterEach(() => {
  vi.useRealTimers();
});

describe('a gate', () => {
  it('gives a place at once, then makes wait, then turns away', async () => {
    const gate = open();
    expect(gate.enter('calls', limits, patient())).toBeUndefined();
    const waiting = [gate.enter('calls', limits, patient()), gate.enter('calls', limits, patient())];
    expect(() => gate.enter('calls', limits, patient())).toThrow(expect.objectContaining(overloaded));
    expect([gate.taken('calls'), gate.queued]).toEqual([1, 2]);
    for (const next of waiting) {
      gate.leave('calls');
      await next;
      expect(gate.taken('calls')).toBe(1);
    }
    gate.leave('calls');
    expect(gate.isIdle).toBe(true);
  });

  it('has places for streams that calls do not take', () => {
    const gate = open();
    gate.enter('calls', limits, patient());
    expect(gate.enter('streams', limits, patient())).toBeUndefined();
  });

  it('has one queue for both', async () => {
    const gate = open();
    const lanes = ['calls', 'streams'] as const;
    for (const lane of lanes) gate.enter(lane, limits, patient());
    const waiting = lanes.map((lane) => gate.enter(lane, limits, patient()));
    expect(() => gate.enter('streams', limits, patient())).toThrow(GatewayError);
    for (const lane of lanes) gate.leave(lane);
    await Promise.all(waiting);
  });

  it('turns away who has waited too long', async () => {
    vi.useFakeTimers();
    const gate = open();
    gate.enter('calls', limits, patient());
    const waiting = expect(gate.enter('calls', limits, patient())).rejects.toMatchObject(overloaded);
    await vi.advanceTimersByTimeAsync(5_000);
    await waiting;
    expect([gate.queued, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('lets a caller who leaves out of the queue, with what the signal says', async () => {
    const gate = open();
    gate.enter('calls', limits, patient());
    const caller = new AbortController();
    const waiting = expect(gate.enter('calls', limits, caller)).rejects.toMatchObject({
      failure: { code: 'upstream_timeout', phase: 'deadline' },
    });
    caller.abort(new GatewayError({ code: 'upstream_timeout', phase: 'deadline' }));
    await waiting;
    expect(gate.queued).toBe(0);
    await expect(gate.enter('calls', limits, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      failure: { code: 'caller_left' },
    });
  });

  it('serves who waits first when the limit grows', async () => {
    const gate = open();
    gate.enter('calls', limits, patient());
    const first = gate.enter('calls', limits, patient());
    const more = { ...limits, maxConcurrentCalls: 2 };
    const second = gate.enter('calls', more, patient());
    await first;
    expect([gate.taken('calls'), gate.queued]).toEqual([2, 1]);
    gate.leave('calls');
    await second;
  });
});

describe('whatever happens at a gate', () => {
  const step = fc.record({
    does: fc.constantFrom('enter', 'leave', 'give up', 'wait'),
    lane: fc.constantFrom<Lane>('calls', 'streams'),
    which: fc.nat(),
  });

  it('no limit is exceeded, nobody is overtaken, and in the end every place is free', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        vi.useFakeTimers();
        const gate = open();
        const several = { ...limits, maxConcurrentCalls: 3, maxOpenStreams: 2, maxQueuedCalls: 4 };
        const inside: Lane[] = [];
        const waiting: { lane: Lane; caller: AbortController; number: number }[] = [];
        let number = 0;

        async function enter(lane: Lane): Promise<void> {
          const caller = new AbortController();
          const self = { lane, caller, number: number++ };
          try {
            const wait = gate.enter(lane, several, caller);
            if (wait !== undefined) waiting.push(self);
            await wait;
            const ahead = waiting.filter((other) => other.lane === lane && other.number < self.number);
            expect(ahead).toEqual([]);
            inside.push(lane);
          } catch (error) {
            if (!(error instanceof GatewayError)) throw error;
          } finally {
            if (waiting.includes(self)) waiting.splice(waiting.indexOf(self), 1);
          }
        }

        const entering: Promise<void>[] = [];
        for (const { does, lane, which } of steps) {
          if (does === 'enter') entering.push(enter(lane));
          if (does === 'leave' && inside.length > 0)
            gate.leave(inside.splice(which % inside.length, 1)[0] ?? 'calls');
          if (does === 'give up') waiting[which % Math.max(1, waiting.length)]?.caller.abort();
          if (does === 'wait') await vi.advanceTimersByTimeAsync(which % 10_000);
          await vi.advanceTimersByTimeAsync(0);
          expect(gate.taken('calls')).toBeLessThanOrEqual(3);
          expect(gate.taken('streams')).toBeLessThanOrEqual(2);
          expect(gate.queued).toBeLessThanOrEqual(4);
          expect(gate.queued).toBe(waiting.length);
        }
        await vi.advanceTimersByTimeAsync(5_000);
        await Promise.all(entering);
        for (const lane of inside) gate.leave(lane);
        expect([gate.isIdle, vi.getTimerCount()]).toEqual([true, 0]);
      }),
      { numRuns: 60 },
    );
  });
});
