import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import type { Gateway } from '../src/gateway.ts';
import { anAgent, aPermission } from './contract/store.ts';
import { bindings, call, expectErrorEvent, expectRefusal, message, success } from './support/bindings.ts';
import { startGateway, type TestGateway, withHeaders } from './support/gateway.ts';
import { testAudience } from './support/issuer.ts';
import { answerEvents, answerJson, cardAt, nextCall } from './support/scripted-agent.ts';
import { type Stand, startStand } from './support/stand.ts';
import { readStream } from './support/stream-reader.ts';
import { taskAgent } from './support/task-agent.ts';

/** Whose a task is holds in every process over one store, and from before its caller has seen it. */

type Caller = Pick<TestGateway, 'fetch'>;

describe('two processes over one store', () => {
  let one: TestGateway;
  let other: TestGateway;

  beforeAll(async () => {
    one = await startGateway({ registration: { ownership: 'principal' } });
    const otherIssuers = [{ issuer: one.issuer.issuer, audiences: [testAudience] }];
    other = await startGateway({ settings: { dataDir: one.dataDir }, otherIssuers, registration: null });
  });
  afterAll(async () => {
    await other.close();
    await one.close();
  });
  beforeEach(() => void one.agent.seen.splice(0));

  async function as(subject: string, gateway: Caller): Promise<Caller> {
    const token = await one.issuer.token({ sub: subject, client_id: subject });
    return withHeaders(gateway, { authorization: `Bearer ${token}` });
  }

  const get = (caller: Caller, id: string) => call(caller, 'JSON-RPC', 'GetTask', { params: { id } });

  async function expectAlices(id: string): Promise<void> {
    for (const gateway of [one, other]) {
      one.agent.seen.splice(0);
      await expectRefusal(await get(await as('mallory', gateway), id), 'JSON-RPC', 'TASK_NOT_FOUND');
      expect(one.agent.seen).toEqual([]);
      expect(await (await get(await as('alice', gateway), id)).json()).toMatchObject({ result: { id } });
    }
  }

  it('have the same owners, after a restart too', async () => {
    one.agent.script(taskAgent({ taskId: 't-1', contextId: 'x-1' }));
    await call(await as('alice', one), 'HTTP+JSON', 'SendMessage');
    await expectAlices('t-1');
    await one.restart();
    await expectAlices('t-1');
  });

  it('know of a task by the first event of a stream that shows it', async () => {
    const held = nextCall(one.agent);
    const answer = call(await as('alice', one), 'HTTP+JSON', 'SendStreamingMessage');
    const { response } = await held;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"task":{"id":"t-2","contextId":"x-2"}}\n\n');
    const stream = readStream(await answer);
    await stream.until('\n\n');
    one.agent.script(taskAgent({ taskId: 't-2', contextId: 'x-2' }));
    await expectAlices('t-2');
    response.end();
    await stream.rest();
  });

  it('let one of many have a context, whichever of the two they ask', async () => {
    one.agent.script(answerJson({ message: { messageId: 'm-2', role: 'ROLE_AGENT', parts: [] } }));
    const params = { message: { ...message, contextId: 'raced-for' } };
    const answers = Array.from({ length: 10 }, async (_, n) => {
      const caller = await as(`racer-${n}`, n % 2 === 0 ? one : other);
      return (await call(caller, 'HTTP+JSON', 'SendMessage', { params })).status;
    });
    expect((await Promise.all(answers)).filter((status) => status === 200)).toHaveLength(1);
    expect(one.agent.seen).toHaveLength(1);
  });
});

describe.each(bindings)('what cannot be recorded in %s', (binding) => {
  let stand: Stand;
  let caller: Caller;

  beforeAll(async () => {
    stand = await startStand();
    const { store } = await stand.adapters();
    const card = cardAt(stand.agent.url) as unknown as ReturnType<typeof anAgent>['card']; // As a card is served.
    await store.agents.create({ ...anAgent('agent'), agentCardUrl: stand.agent.cardUrl, card });
    const operations = ['send', 'stream'] as const;
    await store.permissions.create({
      ...aPermission('demo'),
      allowedAgents: ['*'],
      operations: [...operations],
    });
    const down = () => Promise.reject(new GatewayError({ code: 'store_unavailable' }));
    const handle: Gateway = await stand.gateway((kept) => ({
      ...kept,
      ownership: {
        held: (...args) => kept.ownership.held(...args),
        take: down,
        tasks: down,
        forget: down,
        sweep: down,
      },
    }));
    const authorization = `Bearer ${await stand.issuer.token()}`;
    caller = {
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
  afterAll(() => stand.close());

  const task = { task: { id: 't-1', contextId: 'x-1' } };

  it('is not shown: who had seen it could not go on with it', async () => {
    stand.agent.script(answerJson(success(binding, task)));
    await expectRefusal(await call(caller, binding, 'SendMessage'), binding, 'STORE_UNAVAILABLE');
  });

  it('is not shown in a stream', async () => {
    stand.agent.script(answerEvents(`data: ${success(binding, task)}\n\n`));
    const answer = await call(caller, binding, 'SendStreamingMessage');
    expectErrorEvent(await answer.text(), binding, 'STORE_UNAVAILABLE');
  });

  it('is shown where it names nothing', async () => {
    const reply = { message: { messageId: 'm-2', role: 'ROLE_AGENT', parts: [{ text: 'yes' }] } };
    stand.agent.script(answerJson(success(binding, reply)));
    expect((await call(caller, binding, 'SendMessage')).status).toBe(200);
  });

  it('makes a message fail that brings a context, before the agent is asked', async () => {
    stand.agent.seen.splice(0);
    const params = { message: { ...message, contextId: 'new' } };
    await expectRefusal(await call(caller, binding, 'SendMessage', { params }), binding, 'STORE_UNAVAILABLE');
    expect(stand.agent.seen).toEqual([]);
  });
});
