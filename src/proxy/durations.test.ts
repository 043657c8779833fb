import { expect, it } from 'vitest';
import { Durations } from './durations.ts';

it('percentiles are of the last thousand, each a duration that was', () => {
  const durations = new Durations();
  expect(durations.percentiles([50])).toBeUndefined();
  durations.add(7);
  expect(durations.percentiles([50, 95])).toEqual({ 50: 7, 95: 7 });
  for (let ms = 1_000; ms >= 1; ms--) durations.add(ms);
  expect(durations.percentiles([50, 95, 100])).toEqual({ 50: 500, 95: 950, 100: 1_000 });
});

it('a clock set back makes no duration below nothing', () => {
  const durations = new Durations();
  durations.add(-5);
  expect(durations.percentiles([50])).toEqual({ 50: 0 });
});
