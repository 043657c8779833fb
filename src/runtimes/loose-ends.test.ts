import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LooseEnds } from './loose-ends.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('waits for what was begun, and leaves no timer behind', async () => {
  const looseEnds = new LooseEnds();
  let finish = () => {};
  let isSettled = false;
  looseEnds.add(
    new Promise((resolve) => {
      finish = resolve;
    }),
  );
  const settled = looseEnds.settle().then(() => {
    isSettled = true;
  });
  await Promise.resolve();
  expect(isSettled).toBe(false);
  finish();
  await settled;
  expect(vi.getTimerCount()).toBe(0);
});

it('does not wait longer than it is told, for what never ends', async () => {
  const looseEnds = new LooseEnds();
  looseEnds.add(new Promise(() => {}));
  const settled = looseEnds.settle(1_000);
  vi.advanceTimersByTime(1_000);
  await settled;
});

it('waits for nothing where there is nothing', async () => {
  const looseEnds = new LooseEnds();
  looseEnds.add(Promise.resolve());
  await looseEnds.settle();
  await looseEnds.settle(0);
  expect(vi.getTimerCount()).toBe(0);
});
