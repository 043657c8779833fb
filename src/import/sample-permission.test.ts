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

  it('leaves out limits, and says so', () => {
    const given = { ...row, requestsPerMinute: 60, agentLimits: { billing: 5 } };
    const leftOut = [expect.stringMatching(/^requestsPerMinute: /), expect.stringMatching(/^agentLimits: /)];
    expect(parseSamplePermission(given)).toEqual({ value: { ...row, leftOut } });
  });

  it.each([{ requestsPerMinute: 0 }, { requestsPerMinute: null, agentLimits: {} }])(
    'has no limit to leave out in %j',
    (members) => {
      expect(parseSamplePermission({ ...row, ...members })).toMatchObject({ value: { leftOut: [] } });
    },
  );

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
