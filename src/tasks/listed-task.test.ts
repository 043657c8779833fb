import { expect, it } from 'vitest';
import { fits, listed } from './listed-task.ts';

const task = { id: 't', status: {}, artifacts: [1], history: [1, 2, 3], later: 'member' };

it('a task is listed with artifacts only where they are asked for, and then also where it has none', () => {
  expect(listed(task, { includeArtifacts: false })).toEqual({
    ...{ id: 't', status: {}, history: [1, 2, 3], later: 'member' },
  });
  expect(listed(task, { includeArtifacts: true })).toEqual(task);
  expect(listed({ id: 't' }, { includeArtifacts: true })).toEqual({ id: 't', artifacts: [] });
});

it.each([
  [0, undefined],
  [1, [3]],
  [3, [1, 2, 3]],
  [9, [1, 2, 3]],
])('of its history a task is listed with the latest %d at most', (historyLength, history) => {
  expect(listed(task, { includeArtifacts: false, historyLength }).history).toEqual(history);
  expect(listed({ id: 't' }, { includeArtifacts: false, historyLength })).toEqual({ id: 't' });
});

it('a task fits a filter all of whose members it fits, its time included', () => {
  const seen = { taskId: 't', contextId: 'c', state: 'TASK_STATE_WORKING', statusAtMs: 5 };
  const filter = { contextId: 'c', state: 'TASK_STATE_WORKING', statusFromMs: 5 } as const;
  expect(fits(seen, {})).toBe(true);
  expect(fits(seen, filter)).toBe(true);
  const others = [{ contextId: 'd' }, { state: 'TASK_STATE_FAILED' as const }, { statusFromMs: 6 }];
  for (const other of others) expect(fits(seen, { ...filter, ...other })).toBe(false);
});
