import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { permit, register, rpc, startGateway, type TestGateway } from '../support/gateway.ts';
import {
  answerEvents,
  answerJson,
  cardAt,
  type HeldCall,
  nextCall,
  type Script,
} from '../support/scripted-agent.ts';
import { readStream } from '../support/stream-reader.ts';

/** Streams that are translated, of agents that are slow, silent or broken, to callers who leave. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    settings: { streams: { keepAliveMs: 20 }, load: { maxConcurrentCalls: 1, maxOpenStreams: 1 } },
    registration: null,
  });
  for (const protocolBinding of ['JSONRPC', 'HTTP+JSON']) {
    const supportedInterfaces = [{ url: gateway.agent.url, protocolBinding, protocolVersion: '0.3' }];
    gateway.agent.card(cardAt(gateway.agent.url, { supportedInterfaces }));
    await register(gateway, { agentId: protocolBinding === 'JSONRPC' ? 'rpc' : 'rest' });
  }
  await permit(gateway, 'demo', { allowedAgents: ['rpc', 'rest'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };
const legacyTask = { ...task, kind: 'task', status: { state: 'working' } };
const update = {
  kind: 'status-update',
  taskId: 't-1',
  contextId: 'c-1',
  status: { state: 'working' },
  final: false,
};
const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'a' }] };

const event = (result: unknown) => `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n\n`;

function subscribe(init: RequestInit = {}): Promise<Response> {
  return gateway.fetch('/agents/rpc', { ...rpc('SubscribeToTask', { id: 't-1' }), ...init });
}

function stream(init: RequestInit = {}): Promise<Response> {
  return gateway.fetch('/agents/rpc', { ...rpc('SendStreamingMessage', { message }), ...init });
}

/** That the one place for a call and the one for a stream are free. */
async function expectFree(): Promise<void> {
  gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: legacyTask }));
  const got = await gateway.fetch('/agents/rpc', rpc('GetTask', { id: 't-1' }));
  expect(await got.json()).toMatchObject({ result: task });
  gateway.agent.script(answerEvents(event(legacyTask)));
  expect(await (await stream()).text()).toContain('"task"');
}

/** The calls of an agent, each held as it comes. */
function heldCalls(): () => Promise<HeldCall> {
  const calls: HeldCall[] = [];
  let wake = () => {};
  gateway.agent.script((request, response) => {
    const closed = new Promise<void>((close) => response.once('close', close));
    calls.push({ request, response, closed });
    wake();
  });
  return async () => {
    for (;;) {
      const call = calls.shift();
      if (call !== undefined) return call;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

describe('a subscription whose first event does not come', () => {
  it('is answered and kept alive', async () => {
    const held = nextCall(gateway.agent);
    const answer = subscribe();
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const events = readStream(await answer);
    await events.until(': keep-alive\n\n');
    response.write(event(legacyTask));
    expect(await events.until('data: ')).toContain('data: ');
    await events.leave();
    await closed;
    await expectFree();
  });

  it('ends with the caller', async () => {
    const held = nextCall(gateway.agent);
    const left = new AbortController();
    const answer = subscribe({ signal: left.signal });
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    left.abort();
    await expect(answer).rejects.toThrow('aborted');
    await closed;
    await expectFree();
  });
});

describe('a task that is asked for before the first update', () => {
  it('is not to be had by who may not read tasks', async () => {
    await permit(gateway, 'watch', { allowedAgents: ['rpc'], operations: ['stream'] });
    const token = await gateway.issuer.token({ scope: 'watch' });
    gateway.agent.script(answerEvents(event(update)));
    const answer = await stream({
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    expect(await answer.text()).toContain(JSON.stringify({ task }));
    expect(gateway.agent.seen).toHaveLength(1);
  });

  it('and never told is given up, and the stream goes on with what the update says', async () => {
    const next = heldCalls();
    const answer = stream();
    const streaming = await next();
    streaming.response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event(update));
    const asked = await next();
    expect(asked.request.body).toContain('tasks/get');
    await asked.closed;
    const events = readStream(await answer);
    await events.until(JSON.stringify({ task }));
    await events.until('"statusUpdate"');
    await events.leave();
    await streaming.closed;
    await expectFree();
  });
});

const deep = `${'['.repeat(50_000)}1.0${']'.repeat(50_000)}`;
const deepAnswer = `{"jsonrpc":"2.0","id":1,"result":{"kind":"task","id":"t-1","status":{},"metadata":{"a":${deep}}}}`;
const huge = { ...legacyTask, metadata: { x: 'x'.repeat(5_000_000) } };
const hangUp: Script = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  response.destroy();
};

describe.each([
  ['a subscription', subscribe],
  ['a streaming send', stream],
])('an agent that answers %s with', (_title, ask) => {
  it.each<[string, Script, reason: string]>([
    ['what is no JSON', answerEvents('data: {\n\n'), 'INVALID_AGENT_RESPONSE'],
    ['a string without end', answerEvents(`data: "${'x'.repeat(500)}\n\n`), 'INVALID_AGENT_RESPONSE'],
    ['what is no event', answerEvents(event({ kind: 'x' })), 'INVALID_AGENT_RESPONSE'],
    ['HTML', answerJson('<p>no</p>', 200, 'text/html'), 'INVALID_AGENT_RESPONSE'],
    ['a huge single answer', answerJson({ jsonrpc: '2.0', id: 1, result: huge }), 'INVALID_AGENT_RESPONSE'],
    ['lists in lists of plain numbers', answerJson(deepAnswer.replace('1.0', '1')), 'INVALID_AGENT_RESPONSE'],
    ['lists in lists', answerJson(deepAnswer), 'INVALID_AGENT_RESPONSE'],
    ['lists in lists in an event', answerEvents(`data: ${deepAnswer}\n\n`), 'INVALID_AGENT_RESPONSE'],
    ['half a stream', hangUp, 'UPSTREAM_RESET'],
  ])('%s is the one at fault, and leaves no place taken', async (_what, script, reason) => {
    gateway.agent.script(script);
    expect(await (await ask()).text()).toContain(`"reason":"${reason}"`);
    await expectFree();
  });
});
