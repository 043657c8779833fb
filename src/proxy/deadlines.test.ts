import { describe, expect, it } from 'vitest';
import { CallDeadlines } from './deadlines.ts';

const gateways = { headersTimeoutMs: 300, idleTimeoutMs: 300, totalTimeoutMs: 600 };

describe('the deadlines of a call', () => {
  it("are the agent's own where it has some, and the gateway's", () => {
    const own = new CallDeadlines({ deadlines: { headersTimeoutMs: 200 } }, gateways, false, 0);
    expect(own.timeouts(0)).toEqual({ ...gateways, headersTimeoutMs: 200 });
    const none = new CallDeadlines({}, gateways, false, 0);
    expect(none.timeouts(0)).toEqual(gateways);
  });

  it('have a total one, but for a stream', () => {
    const agent = { deadlines: { totalTimeoutMs: 100 } };
    expect(new CallDeadlines(agent, gateways, false, 0).timeouts(0)).toMatchObject({ totalTimeoutMs: 100 });
    expect(new CallDeadlines(agent, gateways, true, 0).timeouts(0)).not.toHaveProperty('totalTimeoutMs');
  });

  it('are those of all attempts together', () => {
    const deadlines = new CallDeadlines({ deadlines: { totalTimeoutMs: 100 } }, gateways, false, 1_000);
    expect(deadlines.timeouts(1_040)).toEqual({
      headersTimeoutMs: 260,
      idleTimeoutMs: 300,
      totalTimeoutMs: 60,
    });
    expect([deadlines.leftMs(1_040), deadlines.leftMs(1_100)]).toEqual([60, 0]);
  });

  it('do not grow where a clock is set back', () => {
    const deadlines = new CallDeadlines({}, gateways, true, 1_000);
    expect(deadlines.leftMs(0)).toBe(300);
  });
});
