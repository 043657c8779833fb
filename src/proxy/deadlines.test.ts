import { describe, expect, it } from 'vitest';
import { CallDeadlines, streamDeadlines } from './deadlines.ts';

const deadlines = { headersTimeoutMs: 300, idleTimeoutMs: 300, totalTimeoutMs: 600 };
const gateways = { deadlines, streams: { idleTimeoutMs: 0, totalTimeoutMs: 0 } };

describe('the deadlines of a call', () => {
  it("are the agent's own where it has some, and the gateway's", () => {
    const own = new CallDeadlines({ deadlines: { headersTimeoutMs: 200 } }, gateways, false, 0);
    expect(own.timeouts(0)).toEqual({ ...deadlines, headersTimeoutMs: 200 });
    const none = new CallDeadlines({}, gateways, false, 0);
    expect(none.timeouts(0)).toEqual(deadlines);
  });

  it('have a total one, but for a stream', () => {
    const agent = { deadlines: { totalTimeoutMs: 100 } };
    expect(new CallDeadlines(agent, gateways, false, 0).timeouts(0)).toMatchObject({ totalTimeoutMs: 100 });
    expect(new CallDeadlines(agent, gateways, true, 0).timeouts(0)).not.toHaveProperty('totalTimeoutMs');
  });

  it('let a stream be silent for ever, but not its refusal', () => {
    const agent = { deadlines: { idleTimeoutMs: 100 } };
    const expected = { headersTimeoutMs: 300, idleTimeoutMs: 0, bytesTimeoutMs: 100 };
    expect(new CallDeadlines(agent, gateways, true, 0).timeouts(0)).toEqual(expected);
  });

  it('are those of all attempts together', () => {
    const call = new CallDeadlines({ deadlines: { totalTimeoutMs: 100 } }, gateways, false, 1_000);
    expect(call.timeouts(1_040)).toEqual({
      headersTimeoutMs: 260,
      idleTimeoutMs: 300,
      totalTimeoutMs: 60,
    });
    expect([call.leftMs(1_040), call.leftMs(1_100)]).toEqual([60, 0]);
  });

  it('do not grow where a clock is set back', () => {
    const call = new CallDeadlines({}, gateways, true, 1_000);
    expect(call.leftMs(0)).toBe(300);
  });
});

describe('the deadlines of a stream', () => {
  const gatewaysStreams = { idleTimeoutMs: 5, totalTimeoutMs: 6 };

  it("are the agent's own where it has some, none among them, and the gateway's", () => {
    const own = { deadlines: { streamIdleTimeoutMs: 0, streamTotalTimeoutMs: 7 } };
    expect(streamDeadlines(own, gatewaysStreams)).toEqual({ idleTimeoutMs: 0, totalTimeoutMs: 7 });
    const others = { deadlines: { idleTimeoutMs: 1, totalTimeoutMs: 1 } };
    for (const agent of [others, {}])
      expect(streamDeadlines(agent, gatewaysStreams)).toEqual(gatewaysStreams);
  });

  it('are those of an attempt, as far as silence goes', () => {
    const call = new CallDeadlines({}, { deadlines, streams: gatewaysStreams }, true, 0);
    expect(call.timeouts(0)).toMatchObject({ idleTimeoutMs: 5, bytesTimeoutMs: 300 });
  });
});
