import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import type { AffinityStore, NewPlace } from '../src/store/port.ts';
import { anAgent, aPermission } from './contract/store.ts';
import {
  type Binding,
  bindings,
  call,
  expectErrorEvent,
  expectRefusal,
  success,
} from './support/bindings.ts';
import type { TestGateway } from './support/gateway.ts';
import {
  answerEvents,
  answerJson,
  cardAt,
  nextCall,
  type ScriptedAgent,
  startScriptedAgent,
} from './support/scripted-agent.ts';
import { type Stand, startStand } from './support/stand.ts';
import { readStream } from './support/stream-reader.ts';

/** Where a conversation sticks, the place of what an answer shows is kept before the caller sees the answer. */

let stand: Stand;
let other: ScriptedAgent;
let gateway: Pick<TestGateway, 'fetch'>;
/** Places that were put. */
let puts: (readonly NewPlace[])[];
/** What a put waits for. */
let held: Promise<void>;
/** Resolves when one is under way. */
let putBegins: Promise<void>;
let tellPut: () => void;

beforeAll(async () => {
  [stand, other] = await Promise.all([startStand(), startScriptedAgent()]);
  const { store } = await stand.adapters();
  const card = cardAt(stand.agent.url) as unknown as ReturnType<typeof anAgent>['card']; // As a card is served.
  const urls = [stand.agent.url, other.url].map((url) => ({ url, weight: 1 }));
  for (const [agentId, affinity] of [
    ['agent', 'context'],
    ['loose', 'none'],
  ] as const)
    await store.agents.create({
      ...{ ...anAgent(agentId), card, backend: { type: 'http', urls, affinity } },
      // Places alone are looked at here, of tasks nobody began.
      ownership: 'backend',
    });
  const operations = ['send', 'stream', 'read', 'cancel', 'push'] as const;
  await store.permissions.create({
    ...aPermission('demo'),
    allowedAgents: ['*'],
    operations: [...operations],
  });
  const handle = await stand.gateway((kept) => ({ ...kept, affinities: holding(kept.affinities) }));
  const authorization = `Bearer ${await stand.issuer.token()}`;
  gateway = {
    fetch: (path, init) => {
      const headers = {
        authorization,
        'a2a-version': '1.0',
        ...Object.fromEntries(new Headers(init?.headers)),
      };
      return handle(new Request(`https://agents.test${path}`, { ...init, headers }));
    },
  };
});
beforeEach(() => {
  puts = [];
  held = Promise.resolve();
  putBegins = new Promise((resolve) => {
    tellPut = resolve;
  });
});
afterAll(async () => {
  await Promise.all([stand.close(), other.close()]);
});

function holding(affinities: AffinityStore): AffinityStore {
  return {
    get: (key) => affinities.get(key),
    async put(places, expiresAtMs) {
      puts.push(places);
      tellPut();
      await held;
      return affinities.put(places, expiresAtMs);
    },
    sweep: (nowMs) => affinities.sweep(nowMs),
  };
}

/** Both instances answer alike. */
function script(next: Parameters<ScriptedAgent['script']>[0]): void {
  for (const agent of [stand.agent, other]) agent.script(next);
}

/** Puts wait from now on. */
function hold(): { release(): void; fail(): void } {
  let release = () => {};
  let fail = () => {};
  held = new Promise((resolve, reject) => {
    release = resolve;
    fail = () => reject(new GatewayError({ code: 'store_unavailable' }));
  });
  held.catch(() => {}); // The put that waits tells of it.
  return { release, fail };
}

let taskCount = 0;
/** One never seen before. */
function newTask(): { id: string; contextId: string; status: object } {
  taskCount++;
  return { id: `t-${taskCount}`, contextId: `c-${taskCount}`, status: { state: 'TASK_STATE_WORKING' } };
}

const eventOf = (binding: Binding, result: unknown) => `data: ${success(binding, result)}\n\n`;
const sizes = () => puts.map((places) => places.length);

describe.each(bindings)('in %s', (binding) => {
  it('an answer waits until its place is kept', async () => {
    const { release } = hold();
    const body = success(binding, { task: newTask() });
    script(answerJson(body));
    let isAnswered = false;
    const answer = call(gateway, binding, 'SendMessage').finally(() => {
      isAnswered = true;
    });
    await putBegins;
    expect([isAnswered, sizes()]).toEqual([false, [2]]);
    release();
    expect(await (await answer).text()).toBe(body);
  });

  it.each(['GetTask', 'CancelTask'] as const)('an answer to %s tells its ids as well', async (operation) => {
    script(answerJson(success(binding, newTask())));
    expect((await call(gateway, binding, operation)).status).toBe(200);
    expect(sizes()).toEqual([2]);
  });

  it('an event waits, and none after it', async () => {
    const { release } = hold();
    const task = newTask();
    const events = [task, { ...task, n: 2 }].map((value) => eventOf(binding, { task: value }));
    script(answerEvents(': hi\n\n', ...events));
    const response = await call(gateway, binding, 'SendStreamingMessage');
    let read = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) read += new TextDecoder().decode(chunk);
    })();
    await putBegins;
    expect([': hi\n\n', '']).toContain(read);
    release();
    await reading;
    expect([read, sizes()]).toEqual([`: hi\n\n${events.join('')}`, [2]]);
  });

  it('ids that come one by one are kept one by one', async () => {
    const { id: taskId, contextId } = newTask();
    const agentCall = Promise.race([nextCall(stand.agent), nextCall(other)]);
    const answer = call(gateway, binding, 'SendStreamingMessage');
    const { response } = await agentCall;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const first = eventOf(binding, { message: { contextId } });
    response.write(first);
    const stream = readStream(await answer);
    expect([await stream.until('\n\n'), sizes()]).toEqual([first, [1]]);
    const second = eventOf(binding, { statusUpdate: { contextId, taskId } });
    response.end(second);
    expect([await stream.rest(), sizes()]).toEqual([second, [1, 1]]);
  });

  it('a stream is relayed byte for byte, whatever it holds', async () => {
    const task = eventOf(binding, { task: newTask() }).replaceAll('\n', '\r\n');
    const body = `: ☕\r\rdata: {"no json\n\nid: 7\ndata\n\n${task}event: x\ndata: 9007199254740993\n\ndata: half\n`;
    script(answerEvents(body));
    expect(await (await call(gateway, binding, 'SendStreamingMessage')).text()).toBe(body);
    expect(sizes()).toEqual([2]);
  });

  it('an answer whose place cannot be kept is none', async () => {
    hold().fail();
    script(answerJson(success(binding, { task: newTask() })));
    await expectRefusal(await call(gateway, binding, 'SendMessage'), binding, 'STORE_UNAVAILABLE');
  });

  it('a stream whose place cannot be kept ends before its event, and releases the agent', async () => {
    hold().fail();
    const agentCall = Promise.race([nextCall(stand.agent), nextCall(other)]);
    const answer = call(gateway, binding, 'SendStreamingMessage');
    const { response, closed } = await agentCall;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(eventOf(binding, { task: newTask() }));
    expectErrorEvent(await (await answer).text(), binding, 'STORE_UNAVAILABLE');
    await closed;
  });

  it('a caller who leaves while a place is being kept is not waited for', async () => {
    const { release } = hold();
    const agentCall = Promise.race([nextCall(stand.agent), nextCall(other)]);
    const answer = call(gateway, binding, 'SendStreamingMessage');
    const { response, closed } = await agentCall;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(eventOf(binding, { task: newTask() }));
    const reader = (await answer).body?.getReader();
    const reading = reader?.read();
    await putBegins;
    await reader?.cancel();
    await closed;
    release();
    expect(await reading).toMatchObject({ done: true });
  });

  it('a refusal of the agent tells nothing', async () => {
    const error = { code: -32001, message: 'no', data: [] };
    const isRpc = binding === 'JSON-RPC';
    script(answerJson(isRpc ? { jsonrpc: '2.0', id: 1, error } : { error, ...newTask() }, isRpc ? 200 : 404));
    await call(gateway, binding, 'SendMessage');
    expect(puts).toEqual([]);
  });

  it('an agent whose conversations stick to nothing costs the store nothing', async () => {
    script(answerJson(success(binding, { task: newTask() })));
    await call(gateway, binding, 'SendMessage', { agentId: 'loose' });
    script(answerEvents(eventOf(binding, { task: newTask() })));
    await (await call(gateway, binding, 'SendStreamingMessage', { agentId: 'loose' })).text();
    expect(puts).toEqual([]);
  });
});
