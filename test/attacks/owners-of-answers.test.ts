import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/protocol/operations.ts';
import { type Cell, cells } from '../requirements/clause.ts';
import { type CellAnswer, type CellCaller, cellCaller, expectRefused } from '../support/cell-caller.ts';
import { cites } from '../support/cites.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcSettings } from '../support/grpc.ts';
import { answering, taskAgent, working } from '../support/task-agent.ts';

/** An agent that takes callers for one another: what it shows of another's is withheld. */

let gateway: TestGateway;
beforeAll(async () => {
  const registration = { ownership: 'principal' };
  gateway = await startGateway({ settings: { grpc: grpcSettings }, registration });
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

const secret = 'of-alice-alone';
const reply = { messageId: 'm-2', role: 'ROLE_AGENT', parts: [{ text: secret }] };

/** Results that show a task or context of alice, and what she said, to who asks for something of their own. */
const shown: readonly [how: string, result: object][] = [
  ['a task', { task: { id: 't-1', contextId: 'own', status: working, metadata: { secret } } }],
  ['a context', { task: { id: 'own', contextId: 'x-1', status: working, metadata: { secret } } }],
  ['a message', { message: { ...reply, contextId: 'x-1' } }],
  ['a message about a task', { message: { ...reply, taskId: 't-1' } }],
];

const updates: readonly [how: string, event: object][] = [
  ['a status', { statusUpdate: { taskId: 't-1', contextId: 'x-1', status: working, metadata: { secret } } }],
  [
    'an artifact',
    { artifactUpdate: { taskId: 't-1', artifact: { artifactId: 'a', parts: [{ text: secret }] } } },
  ],
];

describe.each(cells)('to a caller of %s', (cell: Cell) => {
  let alice: CellCaller;
  let mallory: CellCaller;
  beforeAll(async () => {
    alice = cellCaller(gateway, cell, await gateway.issuer.token());
    mallory = cellCaller(gateway, cell, await gateway.issuer.token({ sub: 'mallory', client_id: 'mallory' }));
    gateway.agent.script(taskAgent({ taskId: 't-1', contextId: 'x-1' }));
    expect((await alice.call('SendMessage')).text).toContain('t-1');
    gateway.agent.seen.splice(0);
  });
  afterAll(() => {
    for (const caller of [alice, mallory]) caller.close();
  });

  const toldIn = ({ text, error }: CellAnswer) => JSON.stringify([text, error]);

  function expectWithheld(answer: CellAnswer): void {
    expectRefused(cell, answer, 'INVALID_AGENT_RESPONSE', { problem: 'owner' });
    expect(answer.all).not.toContain(secret);
  }

  it.each(shown)("another's is withheld from an answer: %s", async (_, result) => {
    cites('A2A-13.1-own-tasks', cell);
    gateway.agent.script(answering(() => result));
    expectWithheld(await mallory.call('SendMessage'));
    expect(gateway.agent.seen).toHaveLength(1);
  });

  it.each([...shown, ...updates])(
    "another's is withheld from a stream that began well: %s",
    async (_, event) => {
      const own = { task: { id: `own-${cell}`, contextId: `own-${cell}`, status: working } };
      gateway.agent.script((request, response) => {
        const spelled = (result: object) => {
          if (request.target !== '/rpc') return JSON.stringify(result);
          return JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(request.body).id, result });
        };
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(`data: ${spelled(own)}\n\ndata: ${spelled(event)}\n\n`);
      });
      const answer = await mallory.call('SendStreamingMessage');
      expect(answer.all).not.toContain(secret);
      expect(toldIn(answer)).toContain('INVALID_AGENT_RESPONSE');
    },
  );

  const asked: readonly OperationName[] = ['GetTask', 'CancelTask', 'SubscribeToTask'];

  it.each(asked)('what is asked about one task is not answered with another: %s', async (operation) => {
    cites('A2A-13.1-own-tasks', cell);
    // Hers as well, so that it is not the owner who tells the two apart.
    gateway.agent.script(taskAgent({ taskId: 't-2', contextId: 'x-2' }));
    expect((await alice.call('SendMessage')).text).toContain('t-2');
    expect(toldIn(await alice.call(operation))).toContain('INVALID_AGENT_RESPONSE');
  });

  it('a list of push configurations shows those of no other task', async () => {
    const configs = [{ taskId: 't-9', id: 'c-1', url: `https://${secret}.example/1` }];
    gateway.agent.script(answering(() => ({ configs, nextPageToken: '' })));
    const answer = await alice.call('ListTaskPushNotificationConfigs');
    expect(answer.all).not.toContain(secret);
  });

  it('the agent may show a task of its caller under every name', async () => {
    gateway.agent.script(
      taskAgent({ taskId: 't-1', contextId: 'x-1' }, { history: [{ ...reply, taskId: 'u' }] }),
    );
    expect((await alice.call('GetTask')).text).toContain('t-1');
  });
});
