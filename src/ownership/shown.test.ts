import { describe, expect, it } from 'vitest';
import { toShown } from './shown.ts';

const nowMs = Date.UTC(2026, 5, 1, 12);
const state = 'TASK_STATE_WORKING';

describe('what sightings show together', () => {
  it('is each task and context once, the last status of each', () => {
    const sightings = [
      { taskId: 't', contextId: 'c', state: 'TASK_STATE_SUBMITTED', timestamp: '2026-06-01T11:00:00Z' },
      { contextId: 'd' },
      { taskId: 't', contextId: 'c', state, timestamp: '2026-06-01T11:00:01Z' },
      { taskId: 't', contextId: 'c' },
      { taskId: 'u' },
    ];
    expect(toShown(sightings, nowMs)).toEqual({
      tasks: [
        { taskId: 't', contextId: 'c', state, statusAtMs: Date.UTC(2026, 5, 1, 11, 0, 1) },
        { taskId: 'u' },
      ],
      contextIds: ['c', 'd'],
    });
  });

  const dated = (timestamp: string) =>
    toShown([{ taskId: 't', state, timestamp }], nowMs).tasks[0]?.statusAtMs;

  it.each([
    ['2026-06-01T11:59:59.123Z', Date.UTC(2026, 5, 1, 11, 59, 59, 123)],
    ['2026-06-01T11:59:59.123456789Z', Date.UTC(2026, 5, 1, 11, 59, 59, 123)],
    ['2026-06-01T13:59:59+02:00', Date.UTC(2026, 5, 1, 11, 59, 59)],
    ['2026-06-01T13:59:59+0200', Date.UTC(2026, 5, 1, 11, 59, 59)],
    ['2026-06-01T11:59:59.123456', Date.UTC(2026, 5, 1, 11, 59, 59, 123)],
    ['2026-06-01T12:04:00Z', Date.UTC(2026, 5, 1, 12, 4)],
  ])('is dated as its agent dates it, whatever its clock and its manner: %s', (timestamp, expected) => {
    expect(dated(timestamp)).toBe(expected);
  });

  it.each(['2026-06-01T12:06:00Z', '9999-01-01T00:00:00Z', '1969-12-31T23:59:59Z', 'yesterday', ''])(
    'has no date that cannot be: %s',
    (timestamp) => {
      expect(dated(timestamp)).toBeUndefined();
    },
  );
});
