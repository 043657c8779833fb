import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { contextWith } from '../../../test/support/lambda-events.ts';
import { startDeadline } from './deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([
  ['five seconds before the end', 60_000, 55_000],
  ['with the last quarter left where that is less', 8_000, 6_000],
  ['at once where nothing is left', 0, 0],
])('fires %s', (_, remainingMs, firesAtMs) => {
  const { signal } = startDeadline(contextWith(remainingMs));
  vi.advanceTimersByTime(Math.max(0, firesAtMs - 1));
  expect(signal.aborted).toBe(firesAtMs === 0);
  vi.advanceTimersByTime(1);
  expect(signal.reason.failure).toEqual({ code: 'upstream_timeout', phase: 'deadline' });
});

it('never fires once it is disposed of', () => {
  const { signal, dispose } = startDeadline(contextWith());
  dispose();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(signal.aborted).toBe(false);
});
