import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternCovers } from '../access/permission.ts';
import { parseSamplePermission } from './sample-permission.ts';

const row = { scope: 'billing:read', allowedAgents: ['billing'], description: 'Reading bills' };

describe('a row of the permission table', () => {
  it('keeps its scope, its agents and its description', () => {
    expect(parseSamplePermission(row)).toEqual({ value: { ...row, leftOut: [] } });
  });

  it('keeps a * and names an agent once', () => {
    const given = { ...row, allowedAgents: ['*', 'billing', 'billing'] };
    expect(parseSamplePermission(given)).toMatchObject({ value: { allowedAgents: ['*', 'billing'] } });
  });

  it('keeps its limits', () => {
    const limits = { requestsPerMinute: 60, agentLimits: { billing: 5 } };
    expect(parseSamplePermission({ ...row, ...limits })).toEqual({
      value: { ...row, ...limits, leftOut: [] },
    });
  });

  it.each([
    { requestsPerMinute: 0 },
    { requestsPerMinute: null, agentLimits: {} },
    { agentLimits: { billing: 0 } },
  ])('has no limit in %j, as 0 is none in the sample', (members) => {
    expect(parseSamplePermission({ ...row, ...members })).toEqual({ value: { ...row, leftOut: [] } });
  });

  it.each<[object, RegExp, object]>([
    [{ requestsPerMinute: 1.5 }, /^requestsPerMinute/, {}],
    [{ requestsPerMinute: -1 }, /^requestsPerMinute/, {}],
    [{ requestsPerMinute: 'many' }, /^requestsPerMinute/, {}],
    [{ requestsPerMinute: 9, agentLimits: { billing: 0 } }, /billing/, { requestsPerMinute: 9 }],
    [{ agentLimits: { 'Not An Id': 5, billing: 5 } }, /Not An Id/, { agentLimits: { billing: 5 } }],
    [{ agentLimits: { '*': 5, 'tag:x': 5, billing: 'x' } }, /\*/, {}],
  ])('leaves out what is no limit here, and says so: %j', (members, note, limits) => {
    const parsed = parseSamplePermission({ ...row, ...members });
    if ('skipped' in parsed) throw new Error(parsed.skipped);
    const { leftOut, ...kept } = parsed.value;
    expect(kept).toEqual({ ...row, ...limits });
    expect(leftOut[0]).toMatch(note);
  });

  it.each(['tag:finance', 'Billing', 'a/b', 'hr-?', ''])(
    'leaves out an agent that would mean something else here, or nothing: %j',
    (entry) => {
      expect(parseSamplePermission({ ...row, allowedAgents: ['billing', entry] })).toMatchObject({
        value: { allowedAgents: ['billing'], leftOut: [expect.stringContaining('allowedAgents')] },
      });
    },
  );

  it.each([
    [{ scope: undefined }, /no scope/],
    [{ scope: 'resource/read' }, /scope/],
    [{ scope: '..' }, /scope/],
    [{ scope: 'a b' }, /scope/],
    [{ scope: 'group:admins' }, /scope/],
    [{ scope: 'client:x' }, /scope/],
    [{ allowedAgents: 'billing' }, /allowedAgents/],
    [{ allowedAgents: [1] }, /allowedAgents/],
    [{ allowedAgents: undefined }, /allowedAgents/],
  ])('is skipped for %j', (members, reason) => {
    expect(parseSamplePermission({ ...row, ...members })).toEqual({
      skipped: expect.stringMatching(reason),
    });
  });

  it('never throws, whatever its shape', () => {
    fc.assert(fc.property(fc.anything(), (given) => void parseSamplePermission(given)));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(row)), fc.anything()), (given) => {
        parseSamplePermission(given);
      }),
    );
  });

  it('never grants by a tag what it granted by an id', () => {
    const entries = fc.array(fc.oneof(fc.string(), fc.constantFrom('tag:finance', '*', 'hr-*', 'billing')));
    fc.assert(
      fc.property(entries, (allowedAgents) => {
        const parsed = parseSamplePermission({ ...row, allowedAgents });
        if ('skipped' in parsed) return;
        const tagged = { agentId: 'zzz-untouched', tags: ['finance'] };
        const byTag = parsed.value.allowedAgents.filter((entry) => patternCovers(entry, tagged));
        expect(byTag.every((entry) => entry.includes('*'))).toBe(true);
      }),
    );
  });
});
