import { describe, expect, it } from 'vitest';
import { parseTaskListRequest } from './list-request.ts';

describe('a question for tasks', () => {
  it('asks for the latest 50 of all where it says nothing, in whatever spelling of nothing', () => {
    const all = { filter: {}, pageSize: 50, includeArtifacts: false };
    const nothing = ['contextId', 'status', 'statusTimestampAfter', 'pageToken'];
    for (const absent of ['', null]) {
      expect(parseTaskListRequest(Object.fromEntries(nothing.map((name) => [name, absent])))).toEqual(all);
    }
    const nulls = { pageSize: null, historyLength: null, includeArtifacts: null };
    for (const given of [{}, nulls, { status: 'TASK_STATE_UNSPECIFIED' }, { later: 'member' }])
      expect(parseTaskListRequest(given)).toEqual(all);
  });

  it('is read in all its members', () => {
    const given = {
      ...{ contextId: 'c-1', status: 'TASK_STATE_WORKING', statusTimestampAfter: '1970-01-01T00:00:01.5Z' },
      ...{ pageSize: 100, pageToken: 't', historyLength: 0, includeArtifacts: true },
    };
    expect(parseTaskListRequest(given)).toEqual({
      filter: { contextId: 'c-1', state: 'TASK_STATE_WORKING', statusFromMs: 1_500 },
      ...{ pageSize: 100, pageToken: 't', historyLength: 0, includeArtifacts: true },
    });
  });

  it.each([
    ['pageSize', [0, -1, 101, 1.5, '10', true, 1e300]],
    ['status', ['working', 'TASK_STATE_', 'constructor', 2, {}]],
    ['statusTimestampAfter', ['yesterday', '2026-13-01T00:00:00Z', 1_700_000_000, '1']],
    ['historyLength', [-1, 0.5, '1', 2 ** 31]],
    ['contextId', [1, {}, 'c'.repeat(1_025)]],
    ['pageToken', [1, [], 't'.repeat(20_000)]],
    ['includeArtifacts', ['true', 1]],
  ])('is refused by name for a %s that is none', (parameter, values) => {
    for (const value of values) {
      const read = () => parseTaskListRequest({ [parameter]: value });
      expect(read, JSON.stringify(value)?.slice(0, 50)).toThrow(
        expect.objectContaining({
          failure: expect.objectContaining({ code: 'parameter_invalid', parameter }),
        }),
      );
    }
  });
});
