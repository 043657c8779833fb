import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { agentLimits, limitMembers } from './limit-schema.ts';

const schema = z.strictObject({ ...limitMembers, agentLimits: agentLimits.exactOptional() });

describe('limits of a permission', () => {
  it.each<object>([
    {},
    { requestsPerMinute: 0, burst: 0, requestsPerDay: 0, maxOpenStreams: 0, maxBodyBytes: 0 },
    { requestsPerMinute: 1_000_000, agentLimits: {} },
    { agentLimits: { billing: 10, hr: { requestsPerDay: 5 }, constructor: 0, 'a-1': {} } },
  ])('may be %j', (limits) => {
    expect(schema.parse(limits)).toStrictEqual(limits);
  });

  it.each<object>([
    { requestsPerMinute: -1 },
    { requestsPerMinute: 1.5 },
    { requestsPerMinute: '5' },
    { requestsPerMinute: null },
    { requestsPerMinute: 1_000_001 },
    { maxBodyBytes: 200 * 1024 * 1024 },
    { agentLimits: { 'hr-*': 5 } },
    { agentLimits: { 'tag:finance': 5 } },
    { agentLimits: { Billing: 5 } },
    { agentLimits: { '': 5 } },
    { agentLimits: { billing: -1 } },
    { agentLimits: { billing: { requests: 5 } } },
  ])('are not %j', (limits) => {
    expect(schema.safeParse(limits).success).toBe(false);
  });

  it('name no agent by what every object inherits from', () => {
    const given: unknown = JSON.parse('{"agentLimits":{"__proto__":{"burst":5}}}');
    expect(schema.parse(given)).toStrictEqual({ agentLimits: {} });
  });

  it('name so many agents, and no more', () => {
    const ofAgents = (length: number) => ({
      agentLimits: Object.fromEntries(Array.from({ length }, (_, n) => [`a${n}`, 1])),
    });
    expect(schema.safeParse(ofAgents(500)).success).toBe(true);
    expect(schema.safeParse(ofAgents(501)).success).toBe(false);
  });
});
