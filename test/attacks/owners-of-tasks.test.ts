import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/protocol/operations.ts';
import { type Cell, cells } from '../requirements/clause.ts';
import { answeredHere, hookUrl, message } from '../support/bindings.ts';
import {
  type CellAnswer,
  type CellCaller,
  type CellCallOptions,
  cellCaller,
  expectRefused,
  operationsOf,
} from '../support/cell-caller.ts';
import { cites } from '../support/cites.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcSettings } from '../support/grpc.ts';
import { legacyMessage } from '../support/legacy.ts';
import { protoMessage } from '../support/legacy-proto.ts';
import { taskAgent } from '../support/task-agent.ts';

/** Two callers, one credential at the agent: in every way to speak, one fails on what the other has. */

let gateway: TestGateway;

/** Ids of one length. At the first nobody has anything; at the second alice has a task, which mallory knows all of. */
const agents = { empty: 'agent-0', used: 'agent-1' } as const;
const ids = { taskId: 't-1', contextId: 'x-1' };

beforeAll(async () => {
  gateway = await startGateway({ settings: { grpc: grpcSettings }, registration: null });
  for (const agentId of Object.values(agents)) await register(gateway, { agentId, ownership: 'principal' });
  await permit(gateway, 'demo', {
    allowedAgents: ['*'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  gateway.agent.script(taskAgent(ids));
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

/** Those about a task. A list is not about any, and the card neither. */
const aboutTasks = (cell: Cell): OperationName[] =>
  operationsOf(cell).filter((operation) => !/^Send|^ListTasks$|^GetExtended/.test(operation));

type Message = readonly [how: string, params: Record<string, unknown>];

/** Messages that name a task, in each place the cell has for it. */
function messagesOf(cell: Cell): readonly Message[] {
  if (cell === 'JSON-RPC 0.3') {
    return [
      ['its task', { message: { ...legacyMessage, taskId: 't-1' } }],
      ['a reference', { message: { ...legacyMessage, referenceTaskIds: ['t-0', 't-1'] } }],
      ['its webhook', inline(legacyMessage, 'pushNotificationConfig')],
    ];
  }
  if (cell.endsWith('0.3')) {
    const ofTask: Message = ['its task', { message: { ...protoMessage, taskId: 't-1' } }];
    if (cell.startsWith('gRPC')) return [ofTask];
    return [
      ofTask,
      ['its task, by other names', { request: { ...protoMessage, task_id: 't-1' } }],
      ['a reference', { message: { ...protoMessage, referenceTaskIds: ['t-1'] } }],
      ['its webhook', inline(protoMessage, 'pushNotification')],
      ['its webhook, by another name', inline(protoMessage, 'push_notification')],
    ];
  }
  return [
    ['its task', { message: { ...message, taskId: 't-1' } }],
    ['a reference', { message: { ...message, referenceTaskIds: ['t-1'] } }],
    ['its webhook', inline(message, 'taskPushNotificationConfig')],
  ];
}

function inline(said: object, name: string): Record<string, unknown> {
  return { message: said, configuration: { [name]: { id: 'c-2', url: hookUrl, taskId: 't-1' } } };
}

describe.each(cells)('to a caller of %s', (cell) => {
  let alice: CellCaller;
  let mallory: CellCaller;
  beforeAll(async () => {
    alice = cellCaller(gateway, cell, await gateway.issuer.token());
    mallory = cellCaller(gateway, cell, await gateway.issuer.token({ sub: 'mallory', client_id: 'mallory' }));
    const begun = await alice.call('SendMessage', { agentId: agents.used });
    expect(begun.text).toContain('t-1');
    gateway.agent.seen.splice(0);
  });
  afterAll(() => {
    for (const caller of [alice, mallory]) caller.close();
  });

  /** What is told of alice's task and of one that never was: one answer, and the agent is not asked. */
  async function answerTo(operation: OperationName, options: CellCallOptions = {}): Promise<CellAnswer> {
    const answers = [];
    for (const agentId of Object.values(agents)) {
      const answer = await mallory.call(operation, { ...options, agentId });
      answers.push({ ...answer, all: answer.all.replaceAll(agentId, '{agentId}') });
    }
    const [absent, foreign] = answers;
    if (absent === undefined || foreign === undefined) throw new TypeError('there are two');
    expect(foreign.all).toBe(absent.all);
    expect(gateway.agent.seen).toEqual([]);
    return foreign;
  }

  it.each(aboutTasks(cell))("another's task looks like one that never was: %s", async (operation) => {
    cites('A2A-3.3.2-not-found', 'A2A-13.1-own-tasks', cell);
    expectRefused(cell, await answerTo(operation), 'TASK_NOT_FOUND');
  });

  const sending = operationsOf(cell).filter((operation) => operation.startsWith('Send'));
  const messages = sending.flatMap((operation) =>
    messagesOf(cell).map(([how, params]) => [operation, how, params] as const),
  );

  it.each(messages)("so does another's task that a message names: %s, %s", async (operation, _, params) => {
    cites('A2A-3.3.2-not-found', 'A2A-13.1-own-tasks', cell);
    expectRefused(cell, await answerTo(operation, { params }), 'TASK_NOT_FOUND');
  });

  function expectSuccess({ status, error }: CellAnswer, operation: OperationName): void {
    expect(status).toBe(cell.startsWith('gRPC') ? 0 : 200);
    expect(error.details ?? []).toEqual([]);
    expect(gateway.agent.seen).toHaveLength(answeredHere.includes(operation) ? 0 : 1);
  }

  // Webhooks are not posted to from here: theirs are tests of their own.
  const goingOn = aboutTasks(cell).filter((operation) => !operation.includes('Push'));
  const own = messages.filter(([, how]) => !how.includes('webhook'));

  it.each(goingOn)("one has what is one's own: %s", async (operation) => {
    const answer = await alice.call(operation, { agentId: agents.used });
    expectSuccess(answer, operation);
  });

  it.each(own)('and goes on with it: %s, %s', async (operation, _, params) => {
    const known = JSON.parse(JSON.stringify(params).replace('"t-0",', '')) as Record<string, unknown>;
    const answer = await alice.call(operation, { agentId: agents.used, params: known });
    expectSuccess(answer, operation);
  });
});
