import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ForwardedResponse } from '../src/proxy/forward.ts';
import { agentAt, type ForwardStand, forwardStand } from './support/forward-stand.ts';
import { answerJson, nextCall, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** An agent at several origins: who gets which share, who is left alone, and how it comes back. */

let stand: ForwardStand;
let one: ScriptedAgent;
let other: ScriptedAgent;

beforeEach(async () => {
  [one, other] = await Promise.all([startScriptedAgent(), startScriptedAgent()]);
  stand = forwardStand({ random: evenly() });
});
afterEach(async () => {
  await stand.close();
  await Promise.all([one.close(), other.close()]);
});

/** Chance without chance: every part of 0 to 1 equally often. */
function evenly(): () => number {
  let at = 0;
  return () => {
    at = (at + 0.618_033_988_7) % 1;
    return at;
  };
}

/** A whole call; answers its status. */
async function status(
  agent = agentAt([one.url, other.url]),
  operation: 'SendMessage' | 'GetTask' = 'SendMessage',
): Promise<number> {
  const response = await stand.call(agent, operation);
  await response.bytes(1_000);
  return response.status;
}

async function statuses(count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) seen.push(await status());
  return seen;
}

function health() {
  const [first, second] = stand.traffic.health(agentAt([one.url, other.url])).origins;
  if (first === undefined || second === undefined) throw new TypeError('there are two');
  return { first, second };
}

describe('calls', () => {
  it('are shared by weight', async () => {
    const agent = agentAt([
      { url: one.url, weight: 3 },
      { url: other.url, weight: 1 },
    ]);
    for (let call = 0; call < 200; call++) await status(agent);
    expect(Math.abs(one.seen.length - 150)).toBeLessThanOrEqual(10);
    expect(one.seen.length + other.seen.length).toBe(200);
  });

  it('go where least is under way', async () => {
    const agent = agentAt([
      { url: one.url, weight: 100 },
      { url: other.url, weight: 1 },
    ]);
    const held = nextCall(one);
    const answer = stand.call(agent, 'SendMessage');
    await held;
    for (let call = 0; call < 10; call++) await status(agent);
    expect([one.seen.length, other.seen.length]).toEqual([1, 10]);
    (await held).response.end('{}');
    await (await answer).bytes(10);
  });

  it('keep the path and the query of the interface', async () => {
    const url = new URL(`${one.url}/deep//rpc?tenant=a%20b`);
    const agent = agentAt([one.url, other.url]);
    for (let call = 0; call < 8; call++) await (await stand.call(agent, 'SendMessage', { url })).bytes(10);
    expect(other.seen.length).toBeGreaterThan(0);
    for (const { target } of [...one.seen, ...other.seen]) expect(target).toBe('/deep//rpc?tenant=a%20b');
  });
});

describe('an origin that fails', () => {
  it('is left alone, while the other takes all', async () => {
    one.script(answerJson('down', 503));
    const seen = await statuses(40);
    expect(seen.filter((status) => status === 503)).toHaveLength(5);
    expect(seen.slice(-10)).toEqual(Array(10).fill(200));
    expect(health().first).toMatchObject({
      breaker: { state: 'open', sinceMs: 1_000_000 },
      failures: 5,
      lastFailure: { atMs: 1_000_000, code: 'upstream_unavailable' },
    });
    expect(stand.logged).toMatchObject([{ event: 'agent left alone', agentId: 'agent', origin: one.url }]);
  });

  it('is tried by one call after its time, and comes back', async () => {
    one.script(answerJson('down', 503));
    await statuses(40);
    const held = nextCall(one);
    const trials = [];
    stand.clock.nowMs += 5_000;
    const { length } = one.seen;
    while (one.seen.length === length) trials.push(await startedAtEither());
    expect(health().first.breaker.state).toBe('half_open');
    expect(await statuses(10)).toEqual(Array(10).fill(200));
    expect(one.seen).toHaveLength(length + 1);
    (await held).response.end('{}');
    for (const trial of trials) await (await trial.answer).bytes(10);
    expect(health().first).toMatchObject({ breaker: { state: 'closed', sinceMs: 1_005_000 } });
    one.script(answerJson({}));
    await statuses(20);
    expect(one.seen.length).toBeGreaterThan(length + 5);
    expect(stand.logged.map(({ event }) => event)).toEqual(['agent left alone', 'agent back']);
  });

  it('stays away longer where the call that tries it fails', async () => {
    one.script(answerJson('down', 503));
    await statuses(40);
    stand.clock.nowMs += 5_000;
    await statuses(10);
    const { waitMs = 0 } = health().first.breaker;
    expect(waitMs).toBeGreaterThanOrEqual(8_000);
    expect(waitMs).toBeLessThanOrEqual(10_000);
  });

  it('is none in whose answer only the caller is at fault', async () => {
    for (const status of [400, 401, 404, 429, 500]) {
      one.script(answerJson({}, status));
      other.script(answerJson({}, status));
      for (let call = 0; call < 20; call++)
        await stand.call(agentAt([one.url, other.url]), 'SendMessage').then(
          (response) => response.bytes(10),
          () => {},
        );
    }
    expect([health().first.breaker.state, health().second.breaker.state]).toEqual(['closed', 'closed']);
  });

  it('is one whose streams break off, however well they begin', async () => {
    const agent = agentAt([one.url]);
    one.script((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n', () => response.destroy());
    });
    for (let call = 0; call < 10; call++) {
      const response = await stand.call(agent, 'SendStreamingMessage');
      await expect(drained(response)).rejects.toMatchObject({ failure: { code: 'upstream_reset' } });
    }
    await expect(stand.call(agent, 'GetTask')).rejects.toMatchObject({
      failure: { code: 'agent_circuit_open' },
    });
    expect(stand.traffic.health(agent)).toMatchObject({ openStreams: 0, origins: [{ failures: 10 }] });
  });
});

async function drained(response: ForwardedResponse): Promise<void> {
  for await (const _ of response.chunks());
}

/** A call that is under way at one of the two; answered at once by the other. */
async function startedAtEither(): Promise<{ answer: ReturnType<ForwardStand['call']> }> {
  const before = one.seen.length + other.seen.length;
  const answer = stand.call(agentAt([one.url, other.url]), 'SendMessage');
  while (one.seen.length + other.seen.length === before) await new Promise(setImmediate);
  return { answer };
}

describe('where every origin fails', () => {
  it('calls are refused, and told when the first is tried again', async () => {
    for (const agent of [one, other]) agent.script(answerJson('down', 502));
    while (health().second.breaker.state === 'closed' || health().first.breaker.state === 'closed') {
      await status();
      stand.clock.nowMs += 100;
    }
    const seen = one.seen.length + other.seen.length;
    const soonestMs = Math.min(health().first.breaker.waitMs ?? 0, health().second.breaker.waitMs ?? 0);
    await expect(status()).rejects.toMatchObject({
      failure: { code: 'agent_circuit_open', retryAfterSeconds: Math.ceil(soonestMs / 1_000) },
    });
    expect(one.seen.length + other.seen.length).toBe(seen);
    for (const agent of [one, other]) agent.script(answerJson({}));
    stand.clock.nowMs += soonestMs;
    expect(await status()).toBe(200);
  });

  it('another agent at the same origin has a breaker of its own', async () => {
    one.script(answerJson('down', 502));
    for (let call = 0; call < 5; call++) await status(agentAt([one.url]));
    await expect(status(agentAt([one.url]))).rejects.toMatchObject({
      failure: { code: 'agent_circuit_open' },
    });
    expect(await status(agentAt([one.url], { agentId: 'another' }))).toBe(502);
  });
});

describe("an agent's health", () => {
  it('is what was seen of it, and nothing where it was never called', async () => {
    const agent = agentAt([one.url]);
    const never = {
      ...{ openCalls: 0, openStreams: 0, queuedCalls: 0, retries: 0 },
      origins: [
        {
          ...{ origin: one.url, weight: 1, openCalls: 0, openStreams: 0, calls: 0, failures: 0 },
          breaker: { state: 'closed', sinceMs: 1_000_000 },
        },
      ],
    };
    expect(stand.traffic.health(agent)).toEqual(never);
    one.script((_, response) => {
      stand.clock.nowMs += 30;
      response.end('{}');
    });
    await status(agent);
    one.script(answerJson({}, 401));
    await expect(status(agent)).rejects.toMatchObject({ failure: { code: 'upstream_unauthorized' } });
    const seen = {
      ...{ calls: 2, failures: 1, lastSuccessMs: 1_000_030, headersMs: { p50: 30, p95: 30 } },
      lastFailure: { atMs: 1_000_030, code: 'upstream_unauthorized' },
    };
    const { breaker } = health().first;
    expect(stand.traffic.health(agent)).toEqual({
      ...never,
      origins: [{ ...never.origins[0], ...seen, breaker }],
    });
  });
});

describe('an agent that is registered anew', () => {
  it('keeps what is known of the origins it keeps', async () => {
    await statuses(8);
    const { calls } = health().first;
    const moved = agentAt([{ url: one.url, weight: 7 }], { revision: 2 });
    expect(stand.traffic.health(moved).origins).toMatchObject([{ origin: one.url, weight: 7, calls }]);
    expect(stand.traffic.health(agentAt([one.url, other.url], { revision: 3 })).origins[1]?.calls).toBe(0);
  });

  it("is never sent a call of the agent before it, whose credential is not the new origin's", async () => {
    const before = agentAt([one.url], { limits: { maxConcurrentCalls: 1 } });
    const held = nextCall(one);
    const first = stand.call(before, 'SendMessage');
    await held;
    const waiting = stand.call(before, 'SendMessage');
    const after = stand.call(agentAt([other.url], { revision: 2 }), 'SendMessage');
    one.script(answerJson({}));
    (await held).response.end('{}');
    for (const answer of [first, waiting, after]) await (await answer).bytes(10);
    expect([one.seen.length, other.seen.length]).toEqual([2, 1]);
  });
});
