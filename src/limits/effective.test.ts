import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallerLimits } from '../access/permission.ts';
import { type EffectiveLimits, effectiveLimits } from './effective.ts';

const members = ['requestsPerMinute', 'burst', 'requestsPerDay', 'maxOpenStreams', 'maxBodyBytes'] as const;
/** All but the burst, which belongs to its minute. */
const plain = members.filter((member) => member !== 'burst');

const number = fc.option(fc.nat(20), { nil: undefined });
const limits = fc
  .record({
    requestsPerMinute: number,
    burst: number,
    requestsPerDay: number,
    maxOpenStreams: number,
    maxBodyBytes: number,
  })
  .map((given): CallerLimits => JSON.parse(JSON.stringify(given)));
const permission = fc
  .tuple(limits, fc.option(fc.oneof(fc.nat(20), limits), { nil: undefined }))
  .map(([own, ofAgent]) => ({ ...own, ...(ofAgent !== undefined && { agentLimits: { agent: ofAgent } }) }));
const permissions = fc.array(permission, { minLength: 1, maxLength: 4 });

function most(limits: EffectiveLimits, member: (typeof members)[number]): number {
  return limits[member] ?? Number.POSITIVE_INFINITY;
}

describe('what a caller may do with an agent', () => {
  it('is of each member the most that one of its permissions gives', () => {
    fc.assert(
      fc.property(permissions, limits, (permissions, defaults) => {
        const all = effectiveLimits(permissions, 'agent', defaults);
        const each = permissions.map((one) => effectiveLimits([one], 'agent', defaults));
        for (const member of plain) {
          expect(most(all, member)).toBe(Math.max(...each.map((one) => most(one, member))));
        }
      }),
    );
  });

  it('is never less for another permission, and the same in whatever order they come', () => {
    fc.assert(
      fc.property(permissions, permission, limits, (permissions, more, defaults) => {
        const before = effectiveLimits(permissions, 'agent', defaults);
        const after = effectiveLimits([more, ...permissions], 'agent', defaults);
        for (const member of members)
          expect(most(after, member)).toBeGreaterThanOrEqual(most(before, member));
        expect(effectiveLimits([...permissions, more], 'agent', defaults)).toEqual(after);
      }),
    );
  });

  it('has at once no more than a minute, and no more than one permission has at once', () => {
    fc.assert(
      fc.property(permissions, limits, (permissions, defaults) => {
        const all = effectiveLimits(permissions, 'agent', defaults);
        expect(most(all, 'burst')).toBeLessThanOrEqual(most(all, 'requestsPerMinute'));
        const bursts = permissions.map((one) => most(effectiveLimits([one], 'agent', defaults), 'burst'));
        expect(most(all, 'burst')).toBe(Math.max(...bursts));
      }),
    );
  });

  it('is what the gateway says where the permission says nothing', () => {
    const defaults = { requestsPerMinute: 7, maxOpenStreams: 2 };
    expect(effectiveLimits([{}], 'agent', defaults)).toEqual({ ...defaults, burst: 7 });
    expect(effectiveLimits([], 'agent', defaults)).toEqual({ ...defaults, burst: 7 });
    expect(effectiveLimits([{ requestsPerMinute: 1 }, {}], 'agent', {})).toEqual({});
  });

  it('may be nothing, and a permission that gives some gives some', () => {
    expect(effectiveLimits([{ requestsPerMinute: 0 }], 'agent', {})).toEqual({
      requestsPerMinute: 0,
      burst: 0,
    });
    for (const none of [{ burst: 0 }, { requestsPerMinute: 9, burst: 0 }])
      expect(effectiveLimits([none], 'agent', {})).toEqual({ requestsPerMinute: 0, burst: 0 });
    const both = [{ maxOpenStreams: 0 }, { maxOpenStreams: 2 }];
    expect(effectiveLimits(both, 'agent', {})).toEqual({ maxOpenStreams: 2 });
  });

  it('is what is said of the agent, in the place of all else: a number of requests alone', () => {
    const own = { requestsPerMinute: 100, requestsPerDay: 50 };
    const ofAgent = (limits: number | CallerLimits) => [{ ...own, agentLimits: { agent: limits } }];
    expect(effectiveLimits(ofAgent(10), 'agent', {})).toEqual({ ...own, requestsPerMinute: 10, burst: 10 });
    expect(effectiveLimits(ofAgent({ maxOpenStreams: 1 }), 'agent', {})).toEqual({ maxOpenStreams: 1 });
    expect(effectiveLimits(ofAgent(10), 'other', {})).toEqual({ ...own, burst: 100 });
  });

  it('is not less by what one permission says of an agent that another gives more of', () => {
    const permissions = [{ requestsPerMinute: 100 }, { requestsPerMinute: 500, agentLimits: { agent: 3 } }];
    expect(effectiveLimits(permissions, 'agent', {}).requestsPerMinute).toBe(100);
  });

  it('knows an agent that is called as something every object has', () => {
    for (const agentId of ['constructor', 'valueof', 'tostring'])
      expect(effectiveLimits([{ requestsPerMinute: 5, agentLimits: {} }], agentId, {})).toEqual({
        requestsPerMinute: 5,
        burst: 5,
      });
  });
});
