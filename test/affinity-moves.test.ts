import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Binding, bindings, call, expectRefusal, message } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { memoryOf, type RememberedTask, taskOf } from './support/remembering-agent.ts';
import { answerJson, type Script, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** What becomes of conversations whose instance goes down: tasks stay with it, what is bound to nothing goes on elsewhere. */

let gateway: TestGateway;
let second: ScriptedAgent;
let memories: { first: Script; second: Script };

beforeEach(async () => {
  [gateway, second] = await Promise.all([
    startGateway({ registration: null, settings: { breaker: { consecutiveFailures: 3 } } }),
    startScriptedAgent(),
  ]);
  memories = { first: memoryOf('first'), second: memoryOf('second') };
  gateway.agent.script(memories.first);
  second.script(memories.second);
  const urls = [gateway.agent.url, second.url].map((url) => ({ url }));
  await register(gateway, { backend: { type: 'http', urls, affinity: 'context' } });
  await permit(gateway, 'demo', {
    allowedAgents: ['agent'],
    operations: ['send', 'stream', 'read', 'cancel'],
  });
});
afterEach(() => Promise.all([gateway.close(), second.close()]));

function send(binding: Binding, ids: { contextId?: string; taskId?: string } = {}): Promise<Response> {
  return call(gateway, binding, 'SendMessage', { params: { message: { ...message, ...ids } } });
}

/** A conversation at the second instance; chance decides, so there may be some at the first before it. */
async function beginAtSecond(binding: Binding): Promise<RememberedTask> {
  for (let begun = 0; begun < 100; begun++) {
    const task = await taskOf(send(binding));
    if (task?.metadata.instance === 'second') return task;
  }
  throw new Error('a hundred conversations, and none at the second instance');
}

function ask(binding: Binding, { id }: RememberedTask): Promise<Response> {
  if (binding === 'JSON-RPC') return call(gateway, binding, 'GetTask', { params: { id } });
  return gateway.fetch(`/agents/agent/tasks/${id}`);
}

describe.each(bindings)('where nobody listens any more, in %s', (binding) => {
  it('a task is unreachable, then left alone, and never asked for at the other instance', async () => {
    const task = await beginAtSecond(binding);
    await second.close();
    const { length } = gateway.agent.seen;
    // A read is tried three times, at the one place there is.
    await expectRefusal(await ask(binding, task), binding, 'UPSTREAM_UNREACHABLE');
    const response = await ask(binding, task);
    const retryAfterSeconds = response.headers.get('retry-after') ?? '';
    await expectRefusal(response, binding, 'AGENT_CIRCUIT_OPEN', { retryAfterSeconds });
    const message = await send(binding, { contextId: task.contextId, taskId: task.id });
    expect(message.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(gateway.agent.seen).toHaveLength(length);
    second = await startScriptedAgent();
  });

  it('a conversation goes on at the other instance, and its new tasks are found there', async () => {
    const { contextId } = await beginAtSecond(binding);
    await second.close();
    const moved = await taskOf(send(binding, { contextId }));
    expect(moved?.metadata).toEqual({ instance: 'first', turns: 1 });
    expect((await taskOf(send(binding, { contextId })))?.metadata).toEqual({ instance: 'first', turns: 2 });
    expect((await taskOf(ask(binding, moved as RememberedTask)))?.id).toBe(moved?.id);
    second = await startScriptedAgent();
  });
});

describe.each(bindings)('where an instance is down for a while, in %s', (binding) => {
  it('a conversation stays where it moved to, and the tasks of before are where they were', async () => {
    const before = await beginAtSecond(binding);
    const { contextId } = before;
    second.script(answerJson('<h1>down</h1>', 503, 'text/html'));
    // It was there: whether it took the message nobody knows, so the message goes nowhere else.
    for (let failed = 0; failed < 3; failed++)
      await expectRefusal(await send(binding, { contextId }), binding, 'UPSTREAM_UNAVAILABLE', {
        status: '503',
      });
    expect((await taskOf(send(binding, { contextId })))?.metadata).toEqual({ instance: 'first', turns: 1 });
    second.script(memories.second);
    // Forgets what it thought of the instance.
    await gateway.restart();
    expect((await taskOf(send(binding, { contextId })))?.metadata).toEqual({ instance: 'first', turns: 2 });
    expect((await taskOf(ask(binding, before)))?.metadata.instance).toBe('second');
  });
});
