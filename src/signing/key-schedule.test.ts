import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maturesAfterMs, retiresAfterMs, rotatesAfterMs, scheduleOf } from './key-schedule.ts';

const start = Date.parse('2030-01-01T00:00:00Z');
const minuteMs = 60_000;

function keysAt(...times: readonly number[]): { name: string; createdAtMs: number }[] {
  return times.map((afterMs, index) => ({ name: `key-${index}`, createdAtMs: start + afterMs }));
}

const keys = fc
  .uniqueArray(fc.integer({ min: 0, max: 200 * 24 * 60 }), { maxLength: 6 })
  .map((minutes) => keysAt(...minutes.map((minute) => minute * minuteMs)));
const later = fc.integer({ min: 0, max: 400 * 24 * 60 }).map((minute) => start + minute * minuteMs);

describe('the keys of the gateway', () => {
  it('are none at first, and one is due', () => {
    expect(scheduleOf([], start)).toEqual({ signing: undefined, published: [], retired: [], isDue: true });
  });

  it('sign at once where there is but one', () => {
    const [only] = keysAt(0);
    expect(scheduleOf(keysAt(0), start)).toMatchObject({ signing: only, published: [only], isDue: false });
  });

  it('of two processes that began together sign by the one that is known longest, until the newer is known too', () => {
    const [first, second] = keysAt(0, 1_000);
    const both = keysAt(0, 1_000);
    expect(scheduleOf(both, start + 2_000).signing).toEqual(first);
    expect(scheduleOf(both, start + maturesAfterMs).signing).toEqual(first);
    expect(scheduleOf(both, start + maturesAfterMs + 1_000).signing).toEqual(second);
  });

  it('are followed by another after ninety days, published before it signs and the old one after', () => {
    const [old, next] = keysAt(0, rotatesAfterMs);
    expect(scheduleOf(keysAt(0), start + rotatesAfterMs - 1).isDue).toBe(false);
    expect(scheduleOf(keysAt(0), start + rotatesAfterMs).isDue).toBe(true);
    const at = (ms: number) => scheduleOf(keysAt(0, rotatesAfterMs), start + rotatesAfterMs + ms);
    expect(at(maturesAfterMs - 1)).toEqual({
      signing: old,
      published: [next, old],
      retired: [],
      isDue: false,
    });
    expect(at(maturesAfterMs)).toEqual({ signing: next, published: [next, old], retired: [], isDue: false });
    const end = maturesAfterMs + retiresAfterMs;
    expect(at(end - 1).published).toEqual([next, old]);
    expect(at(end)).toEqual({ signing: next, published: [next], retired: [old], isDue: false });
  });

  it('are each published or retired, and the one that signs is published', () => {
    fc.assert(
      fc.property(keys, later, (given, nowMs) => {
        const { signing, published, retired } = scheduleOf(given, nowMs);
        expect(new Set([...published, ...retired])).toEqual(new Set(given));
        expect(published.length + retired.length).toBe(given.length);
        if (given.length > 0) expect(published).toContain(signing);
      }),
    );
  });

  it('are published for all the life of what they signed, and long enough before they do', () => {
    fc.assert(
      fc.property(keys, later, fc.integer({ min: 0, max: 60_000 }), (given, nowMs, lifeMs) => {
        const existing = given.filter(({ createdAtMs }) => createdAtMs <= nowMs);
        const { signing } = scheduleOf(existing, nowMs);
        if (signing === undefined) return;
        // Whatever was made meanwhile.
        const then = given.filter(({ createdAtMs }) => createdAtMs <= nowMs + lifeMs);
        expect(scheduleOf(then, nowMs + lifeMs).published).toContainEqual(signing);
        const isYoung = nowMs - signing.createdAtMs < maturesAfterMs;
        if (isYoung) expect(existing.every((key) => key.createdAtMs >= signing.createdAtMs)).toBe(true);
      }),
    );
  });

  it('are judged alike in whatever order they are listed', () => {
    fc.assert(
      fc.property(keys, later, (given, nowMs) => {
        expect(scheduleOf(given.toReversed(), nowMs)).toEqual(scheduleOf(given, nowMs));
      }),
    );
  });
});
