import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Binding, bindings, call, message } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from './support/gateway.ts';
import { testAudience } from './support/issuer.ts';
import { type RememberedTask, remember, taskOf } from './support/remembering-agent.ts';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** An agent at two places that keeps its conversations in memory: each stays where it began, for its caller alone. */

const subjects = ['alice', 'bob', 'carol'] as const;
type Subject = (typeof subjects)[number];

let one: TestGateway;
let other: TestGateway;
let second: ScriptedAgent;
const tokens = new Map<string, string>();

beforeAll(async () => {
  second = await startScriptedAgent();
  one = await startGateway({ registration: null });
  other = await startGateway({
    settings: { dataDir: one.dataDir },
    registration: null,
    otherIssuers: [{ issuer: one.issuer.issuer, audiences: [testAudience] }],
  });
  remember(one.agent, 'first');
  remember(second, 'second');
  const urls = [one.agent.url, second.url].map((url) => ({ url }));
  await register(one, { backend: { type: 'http', urls, affinity: 'context' } });
  await register(one, {
    agentId: 'shared',
    ownership: 'client',
    backend: { type: 'http', urls, affinity: 'context' },
  });
  await permit(one, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read', 'cancel'] });
  for (const sub of subjects) tokens.set(sub, await one.issuer.token({ sub, client_id: sub }));
});
afterAll(async () => {
  await other.close();
  await Promise.all([one.close(), second.close()]);
});

/** A gateway, as one caller sees it. */
function as(subject: Subject, gateway: TestGateway = one): Pick<TestGateway, 'fetch'> {
  return withHeaders(gateway, { authorization: `Bearer ${tokens.get(subject)}` });
}

type Caller = ReturnType<typeof as>;
type IdName = 'contextId' | 'taskId';

/** One conversation of one caller, and what is known of it. */
interface Conversation {
  subject: Subject;
  binding: Binding;
  task: RememberedTask;
  /** Messages sent so far. */
  turns: number;
}

async function begin(subject: Subject, binding: Binding): Promise<Conversation> {
  const task = await taskOf(call(as(subject), binding, 'SendMessage'));
  if (task === undefined) throw new Error('a first message was refused');
  return { subject, binding, task, turns: 1 };
}

/** Sends another message of the conversation, which names it by these ids. */
function send(
  caller: Caller,
  { binding, task }: Conversation,
  operation: 'SendMessage' | 'SendStreamingMessage',
  ...names: IdName[]
): Promise<Response> {
  const ids = { contextId: task.contextId, taskId: task.id };
  const named = Object.fromEntries(names.map((name) => [name, ids[name]]));
  return call(caller, binding, operation, { params: { message: { ...message, ...named } } });
}

/** Asks for the task, or to cancel it; in HTTP+JSON only the path names it, though there is a body. */
function ask(
  caller: Caller,
  { binding, task }: Conversation,
  operation: 'GetTask' | 'CancelTask',
): Promise<Response> {
  if (binding === 'JSON-RPC') return call(caller, binding, operation, { params: { id: task.id } });
  const path = `/agents/agent/tasks/${task.id}`;
  if (operation === 'GetTask') return caller.fetch(path);
  const headers = { 'content-type': 'application/json' };
  return caller.fetch(`${path}:cancel`, { method: 'POST', headers, body: '{}' });
}

/** Goes on with it in each way there is; its instance must remember all of it each time. */
async function goOn(conversation: Conversation, gateway: TestGateway): Promise<void> {
  const { instance } = conversation.task.metadata;
  const caller = as(conversation.subject, gateway);
  const expectTask = async (answer: Promise<Response>, turns: number) =>
    expect((await taskOf(answer))?.metadata).toEqual({ instance, turns });
  await expectTask(send(caller, conversation, 'SendMessage', 'contextId', 'taskId'), ++conversation.turns);
  await expectTask(ask(caller, conversation, 'GetTask'), conversation.turns);
  await expectTask(send(caller, conversation, 'SendStreamingMessage', 'contextId'), ++conversation.turns);
  await expectTask(send(caller, conversation, 'SendMessage', 'taskId'), ++conversation.turns);
  await expectTask(ask(caller, conversation, 'CancelTask'), conversation.turns);
}

describe('forty conversations of three callers', () => {
  let conversations: Conversation[];
  beforeAll(async () => {
    const beginnings = Array.from({ length: 40 }, (_, n) =>
      begin(subjects[n % 3] ?? 'alice', bindings[n % 2] ?? 'JSON-RPC'),
    );
    conversations = await Promise.all(beginnings);
  });

  it('are at both instances', () => {
    const instances = conversations.map(({ task }) => task.metadata.instance);
    expect(new Set(instances)).toEqual(new Set(['first', 'second']));
  });

  it('keep their instance, side by side', async () => {
    await Promise.all(conversations.map((conversation) => goOn(conversation, one)));
  });

  it('keep it through another gateway on the same store', async () => {
    await Promise.all(conversations.map((conversation, n) => goOn(conversation, n % 2 === 0 ? one : other)));
  });

  it('keep it when the gateway starts again', async () => {
    await one.restart();
    await Promise.all(conversations.map((conversation) => goOn(conversation, one)));
  });

  it('are listed where they are', async () => {
    for (const { subject, task } of conversations.slice(0, 8)) {
      const path = `/agents/agent/tasks?contextId=${task.contextId}`;
      const { tasks } = (await (await as(subject).fetch(path)).json()) as { tasks: RememberedTask[] };
      expect(tasks.map(({ id }) => id)).toContain(task.id);
    }
  });

  it('stay where they are while another caller names them', async () => {
    const hers = conversations.filter(({ subject }) => subject === 'alice');
    const bob = as('bob');
    for (const conversation of hers) {
      // A conversation of his own under this name, wherever there is room.
      await taskOf(send(bob, conversation, 'SendMessage', 'contextId'));
      await taskOf(ask(bob, conversation, 'GetTask'));
    }
    for (const conversation of hers) {
      const { instance } = conversation.task.metadata;
      const found = await taskOf(send(as('alice'), conversation, 'SendMessage', 'contextId'));
      expect(found?.metadata.instance).toBe(instance);
    }
  });
});

describe('tasks that several callers share', () => {
  it('are found where they are by each of them, and are not taken for forgotten', async () => {
    const [alice, bob] = await Promise.all(
      ['alice', 'bob'].map(async (sub) => {
        const token = await one.issuer.token({ sub, client_id: 'team' });
        return withHeaders(one, { authorization: `Bearer ${token}` });
      }),
    );
    if (alice === undefined || bob === undefined) throw new TypeError('there are two');
    const agentId = 'shared';
    const begun = await Promise.all(
      Array.from({ length: 16 }, () => taskOf(call(alice, 'JSON-RPC', 'SendMessage', { agentId }))),
    );
    expect(new Set(begun.map((task) => task?.metadata.instance)).size).toBe(2);
    const list = async (caller: Caller) => {
      const answer = await call(caller, 'JSON-RPC', 'ListTasks', { agentId, params: {} });
      const { result } = (await answer.json()) as { result: { tasks: RememberedTask[] } };
      return result.tasks.map(({ id }) => id).toSorted();
    };
    const ids = begun.map((task) => task?.id ?? '').toSorted();
    expect(await list(bob)).toEqual(ids);
    expect(await list(alice)).toEqual(ids);
    for (const task of begun) {
      const params = { message: { ...message, contextId: task?.contextId } };
      const gone = await taskOf(call(bob, 'JSON-RPC', 'SendMessage', { agentId, params }));
      expect(gone?.metadata).toEqual({ instance: task?.metadata.instance, turns: 2 });
    }
  });
});
