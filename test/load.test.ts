import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ForwardedResponse } from '../src/proxy/forward.ts';
import type { Agent } from '../src/registry/agent.ts';
import { bindings, call, success } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { agentAt, type ForwardStand, forwardStand, load, patientBreaker } from './support/forward-stand.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { answerJson, nextCall, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** More calls than an agent or the process may have: who waits, who is turned away, and that nothing is lost. */

let stand: ForwardStand;
let agent: ScriptedAgent;
let other: ScriptedAgent;
/** What the held agent owes an answer. */
let held: (() => void)[];

beforeEach(async () => {
  [agent, other] = await Promise.all([startScriptedAgent(), startScriptedAgent()]);
  held = [];
  agent.script((_, response) => held.push(() => response.end('{}')));
  stand = forwardStand();
});
afterEach(async () => {
  await stand.close();
  await Promise.all([agent.close(), other.close()]);
});

async function whole(answer: Promise<ForwardedResponse>): Promise<void> {
  await (await answer).bytes(1_000);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

function heldAgent(limits: NonNullable<Agent['limits']>): Agent {
  return agentAt([agent.url], { limits });
}

const overloaded = { failure: { code: 'agent_overloaded', retryAfterSeconds: 5 } };
const idle = { openCalls: 0, openStreams: 0, queuedCalls: 0 };

describe('an agent that hangs', () => {
  it('gets as many calls as it may have; the queue holds the rest, and the next is turned away', async () => {
    const hanging = heldAgent({ maxConcurrentCalls: 500, maxQueuedCalls: 100 });
    const calls = Array.from({ length: 600 }, () => whole(stand.call(hanging, 'SendMessage')));
    await expect(stand.call(hanging, 'SendMessage')).rejects.toMatchObject(overloaded);
    await until(() => held.length === 500);
    expect(stand.traffic.health(hanging)).toMatchObject({ openCalls: 500, queuedCalls: 100 });
    await whole(stand.call(agentAt([other.url], { agentId: 'other' }), 'SendMessage'));
    expect(agent.seen).toHaveLength(500);
    agent.script(answerJson({}));
    for (const answer of held) answer();
    await Promise.all(calls);
    expect(agent.seen).toHaveLength(600);
    expect(stand.traffic.health(hanging)).toMatchObject(idle);
  });

  it('keeps no place of the process for those who wait', async () => {
    await stand.close();
    stand = forwardStand({ load: { ...load, maxConcurrentCalls: 2, maxQueuedCalls: 0 } });
    const hanging = heldAgent({ maxConcurrentCalls: 1 });
    const calls = Array.from({ length: 5 }, () => whole(stand.call(hanging, 'SendMessage')));
    await until(() => held.length === 1);
    await whole(stand.call(agentAt([other.url], { agentId: 'other' }), 'SendMessage'));
    agent.script(answerJson({}));
    held[0]?.();
    await Promise.all(calls);
  });

  it('is not asked on behalf of a caller who has left the queue', async () => {
    const hanging = heldAgent({ maxConcurrentCalls: 1 });
    const first = whole(stand.call(hanging, 'SendMessage'));
    const caller = new AbortController();
    const leaving = stand.call(hanging, 'SendMessage', { caller });
    const last = whole(stand.call(hanging, 'SendMessage'));
    caller.abort();
    await expect(leaving).rejects.toMatchObject({ failure: { code: 'caller_left' } });
    expect(stand.traffic.health(hanging)).toMatchObject({ openCalls: 1, queuedCalls: 1 });
    await until(() => held.length === 1);
    agent.script(answerJson({}));
    held[0]?.();
    await Promise.all([first, last]);
    expect(agent.seen).toHaveLength(2);
  });

  it('is waited for no longer than its queue allows', async () => {
    const hanging = heldAgent({ maxConcurrentCalls: 1, queueTimeoutMs: 1_500 });
    const first = whole(stand.call(hanging, 'SendMessage'));
    await until(() => held.length === 1);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const waiting = stand.call(hanging, 'SendMessage').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_500);
    vi.useRealTimers();
    expect(await waiting).toMatchObject({ failure: { code: 'agent_overloaded', retryAfterSeconds: 2 } });
    held[0]?.();
    await first;
  });
});

describe('the process', () => {
  it('turns away what is more than it may have, whatever the agent', async () => {
    await stand.close();
    stand = forwardStand({ load: { ...load, maxConcurrentCalls: 1, maxQueuedCalls: 0 } });
    const first = whole(stand.call(agentAt([agent.url]), 'SendMessage'));
    await until(() => held.length === 1);
    const another = agentAt([other.url], { agentId: 'other' });
    await expect(stand.call(another, 'SendMessage')).rejects.toMatchObject({
      failure: { code: 'gateway_overloaded', retryAfterSeconds: 5 },
    });
    expect(stand.traffic.health(another)).toMatchObject(idle);
    held[0]?.();
    await first;
    await whole(stand.call(another, 'SendMessage'));
  });

  it('forgets the agent that was called longest ago, but none with a call under way', async () => {
    await stand.close();
    stand = forwardStand({ maxAgents: 2 });
    const busy = heldAgent({});
    const first = whole(stand.call(busy, 'SendMessage'));
    await until(() => held.length === 1);
    const [second, third] = ['second', 'third'].map((agentId) => agentAt([other.url], { agentId }));
    if (second === undefined || third === undefined) throw new TypeError('there are two');
    for (const next of [second, third]) await whole(stand.call(next, 'SendMessage'));
    const calls = [busy, second, third].map((at) => stand.traffic.health(at).origins[0]?.calls);
    expect(calls).toEqual([1, 0, 1]);
    held[0]?.();
    await first;
  });
});

describe('a place', () => {
  const stream = 'data: 1\n\n';

  it('of a stream is held until its end', async () => {
    const streaming = heldAgent({});
    const next = nextCall(agent);
    const answer = stand.call(streaming, 'SendStreamingMessage');
    (await next).response.writeHead(200, { 'content-type': 'text/event-stream' }).write(stream);
    const chunks = (await answer).chunks()[Symbol.asyncIterator]();
    await chunks.next();
    expect(stand.traffic.health(streaming)).toMatchObject({ openStreams: 1, openCalls: 0 });
    (await next).response.end();
    expect(await chunks.next()).toMatchObject({ done: true });
    expect(stand.traffic.health(streaming)).toMatchObject(idle);
  });

  it('is let go exactly once, however a call ends', async () => {
    const ends = [
      'read',
      'close',
      'close twice',
      'read and close',
      'reset',
      'cut',
      'too large',
      'leave',
    ] as const;
    await stand.close();
    stand = forwardStand({ breaker: patientBreaker });
    const one = fc.record({ end: fc.constantFrom(...ends), streams: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 12 }), async (calls) => {
        const limited = heldAgent({ maxConcurrentCalls: 3, maxOpenStreams: 2, queueTimeoutMs: 60_000 });
        await Promise.all(calls.map(({ end, streams }) => runTo(end, streams, limited)));
        expect(stand.traffic.health(limited)).toMatchObject({
          ...idle,
          origins: [{ openCalls: 0, openStreams: 0 }],
        });
      }),
      { numRuns: 40 },
    );
  });

  type End = 'read' | 'close' | 'close twice' | 'read and close' | 'reset' | 'cut' | 'too large' | 'leave';

  /** Makes one call end in one way; the agent reads from the body what it is to do. */
  async function runTo(end: End, streams: boolean, limited: Agent): Promise<void> {
    agent.script(({ body }, response) => {
      if (body === 'reset') response.destroy();
      else if (body === 'cut') response.writeHead(200).write(stream, () => response.destroy());
      else if (body === 'leave') held.push(() => response.end());
      else response.end(stream);
    });
    const caller = new AbortController();
    const answer = stand.call(limited, streams ? 'SendStreamingMessage' : 'SendMessage', {
      body: end,
      caller,
    });
    if (end === 'leave') caller.abort();
    await answer.then((response) => finish(response, end, streams)).catch(() => {});
  }

  async function finish(response: ForwardedResponse, end: End, streams: boolean): Promise<void> {
    if (end.startsWith('close')) response.close();
    else if (!streams) await response.bytes(end === 'too large' ? 1 : 1_000);
    else for await (const _ of response.chunks()) if (end === 'too large') break;
    if (end !== 'read') response.close();
  }
});

describe('a caller that is turned away', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({
      registration: { limits: { maxConcurrentCalls: 1, maxQueuedCalls: 0, queueTimeoutMs: 3_000 } },
    });
    await register(gateway, { agentId: 'other' });
    await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'read'] });
  });
  afterAll(() => gateway.close());

  it.each(bindings)('is told so, and when to come again, in %s', async (binding) => {
    cites('A2A-13.4-overload', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const next = nextCall(gateway.agent);
    const first = call(gateway, binding, 'SendMessage');
    const { response } = await next;
    const refused = await call(gateway, binding, 'SendMessage');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '3']);
    const { error } = (await refused.json()) as { error: { code: number } };
    expect(error.code).toBe(binding === 'JSON-RPC' ? -32095 : 503);
    gateway.agent.script(answerJson(success(binding, {})));
    expect((await call(gateway, binding, 'SendMessage', { agentId: 'other' })).status).toBe(200);
    response.writeHead(200, { 'content-type': 'application/json' }).end(success(binding, {}));
    expect((await first).status).toBe(200);
    expect((await call(gateway, binding, 'SendMessage')).status).toBe(200);
  });
});
