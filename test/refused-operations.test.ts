import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationName } from '../src/protocol/operations.ts';
import { cells } from './requirements/clause.ts';
import {
  type CellCaller,
  cellCaller,
  expectRefused,
  inlinePushesOf,
  operationsOf,
} from './support/cell-caller.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { grpcSettings } from './support/grpc.ts';
import { legacyCardAt } from './support/legacy.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

/**
 * What a permission does not grant and what a card does not declare is refused before the agent hears of it, whatever its
 * caller speaks and whatever the agent.
 */

const everyOperation = ['send', 'stream', 'read', 'cancel', 'push', 'card'];
let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({ registration: null, settings: { grpc: grpcSettings } });
  token = await gateway.issuer.token();
  const { card, url } = gateway.agent;
  card(cardAt(url));
  await register(gateway, { agentId: 'full-of-1' });
  card(cardAt(url, { capabilities: {} }));
  await register(gateway, { agentId: 'plain-of-1' });
  card(cardAt(url, { capabilities: { streaming: true } }));
  await register(gateway, { agentId: 'streaming-of-1' });
  card(legacyCardAt(url));
  await register(gateway, { agentId: 'full-of-0' });
  const noExtendedCard = { supportsAuthenticatedExtendedCard: false };
  card(legacyCardAt(url, { capabilities: {}, ...noExtendedCard }));
  await register(gateway, { agentId: 'plain-of-0' });
  card(legacyCardAt(url, { capabilities: { streaming: true }, ...noExtendedCard }));
  await register(gateway, { agentId: 'streaming-of-0' });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.agent.seen.splice(0));

/** The permission each operation needs. */
const needed = {
  SendMessage: 'send',
  SendStreamingMessage: 'stream',
  GetTask: 'read',
  ListTasks: 'read',
  CancelTask: 'cancel',
  SubscribeToTask: 'read',
  CreateTaskPushNotificationConfig: 'push',
  GetTaskPushNotificationConfig: 'push',
  ListTaskPushNotificationConfigs: 'push',
  DeleteTaskPushNotificationConfig: 'push',
  GetExtendedAgentCard: 'card',
} as const satisfies Record<OperationName, string>;

/** An operation, the permission it needs, and with what where it is not the least it can be asked with. */
type Asked = [OperationName, permission: string, params?: Readonly<Record<string, unknown>>];

describe.each(cells)('%s', (cell) => {
  let caller: CellCaller;
  beforeAll(() => {
    caller = cellCaller(gateway, cell, token);
  });
  afterAll(() => caller.close());

  const plain = operationsOf(cell).map((operation): Asked => [operation, needed[operation]]);
  const inline = (['SendMessage', 'SendStreamingMessage'] as const).flatMap((operation) =>
    inlinePushesOf(cell).map((params): Asked => [operation, 'push', params]),
  );

  /** Webhooks are looked for here first, and a message must bring its own by the name of its binding. */
  function isForAgent([operation, , params]: Asked): boolean {
    const isMisplaced =
      cell === 'HTTP+JSON 0.3' && JSON.stringify(params)?.includes('pushNotificationConfig');
    return !isMisplaced && !/^(?:Get|Delete)TaskPush/.test(operation);
  }

  describe.each(['full-of-1', 'full-of-0'])('a permission for %s', (agentId) => {
    it('that grants everything lets every operation through', async () => {
      await permit(gateway, 'demo', { allowedAgents: ['*'], operations: everyOperation });
      gateway.agent.script(answerJson({ error: {} }, 400));
      const asked = [...plain, ...inline].filter(([name]) => name !== 'ListTasks' || agentId === 'full-of-1');
      for (const [operation, , params] of asked) {
        const { error } = await caller.call(operation, { agentId, params });
        expect(JSON.stringify(error.details ?? [])).not.toContain('FORBIDDEN');
      }
      expect(gateway.agent.seen).toHaveLength(asked.filter(isForAgent).length);
    });

    // Whoever may do anything else may read the card.
    const refusable = [...plain, ...inline].filter(([, permission]) => permission !== 'card');

    it.each(refusable)('for %s without %s is refused', async (operation, permission, params) => {
      cites('A2A-13.1-authorize', cell);
      const operations = everyOperation.filter((granted) => granted !== permission);
      await permit(gateway, 'demo', { allowedAgents: ['*'], operations });
      const answer = await caller.call(operation, { agentId, params });
      expect(answer.header('www-authenticate')).toBeUndefined();
      expectRefused(cell, answer, 'OPERATION_FORBIDDEN', { operation: permission });
      expect(gateway.agent.seen).toEqual([]);
    });
  });

  it('is refused everything but the card with `card` alone', async () => {
    await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['card'] });
    const agentId = 'full-of-1';
    gateway.agent.script(answerJson({ error: {} }, 400));
    for (const [operation, permission, params] of plain) {
      const answer = await caller.call(operation, { agentId, params });
      if (permission === 'card') expect(JSON.stringify(answer.error)).not.toContain('FORBIDDEN');
      else expectRefused(cell, answer, 'OPERATION_FORBIDDEN', { operation: permission });
    }
    expect(gateway.agent.seen).toHaveLength(1);
  });

  it('has its permissions judged before what the card declares', async () => {
    cites('A2A-13.1-before-lookup');
    await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send'] });
    const refused = plain.filter(([, permission]) => permission !== 'send' && permission !== 'card');
    for (const [operation, permission, params] of refused) {
      const answer = await caller.call(operation, { agentId: 'plain-of-1', params });
      expectRefused(cell, answer, 'OPERATION_FORBIDDEN', { operation: permission });
    }
  });

  describe.each(['of-1', 'of-0'])('a card %s', (kind) => {
    beforeAll(() => permit(gateway, 'demo', { allowedAgents: ['*'], operations: everyOperation }));

    function citeDeclared(): void {
      if (cell.endsWith('0.3')) cites('A2A-3.3.4-legacy', cell);
      else cites('A2A-3.3.4-streaming', 'A2A-3.3.4-push', 'A2A-3.3.4-extended-card', cell);
    }

    it.each<[string, OperationName, agent: string]>([
      ['streaming', 'SendStreamingMessage', 'plain'],
      ['streaming', 'SubscribeToTask', 'plain'],
      ['extendedAgentCard', 'GetExtendedAgentCard', 'plain'],
      ['extendedAgentCard', 'GetExtendedAgentCard', 'streaming'],
    ])('that does not declare %s refuses %s, where the agent is %s', async (capability, operation, agent) => {
      citeDeclared();
      const answer = await caller.call(operation, { agentId: `${agent}-${kind}` });
      expectRefused(cell, answer, 'UNSUPPORTED_OPERATION', { capability });
      expect(gateway.agent.seen).toEqual([]);
    });

    const pushes = [...plain.filter(([, permission]) => permission === 'push'), ...inline];
    it.each(pushes)('that does not declare push refuses %s', async (operation, _, params) => {
      citeDeclared();
      const answer = await caller.call(operation, { agentId: `streaming-${kind}`, params });
      expectRefused(cell, answer, 'PUSH_NOTIFICATION_NOT_SUPPORTED');
      expect(gateway.agent.seen).toEqual([]);
    });

    it('that declares nothing still takes what needs no declaring', async () => {
      gateway.agent.script(answerJson({}));
      for (const operation of ['SendMessage', 'GetTask', 'CancelTask'] as const) {
        await caller.call(operation, { agentId: `plain-${kind}` });
      }
      expect(gateway.agent.seen).toHaveLength(3);
    });
  });
});
