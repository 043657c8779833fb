import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cell, cells } from './requirements/clause.ts';
import { message } from './support/bindings.ts';
import { type CellCaller, cellCaller, expectRefused } from './support/cell-caller.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { grpcSettings } from './support/grpc.ts';
import { legacyCardAt, legacyMessage } from './support/legacy.ts';
import { protoMessage } from './support/legacy-proto.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

/** Messages that have to name a skill, whatever their caller speaks and whatever the agent. */

let gateway: TestGateway;
let token: string;

const agents = ['of-1', 'of-0'];

beforeAll(async () => {
  gateway = await startGateway({ registration: null, settings: { grpc: grpcSettings } });
  token = await gateway.issuer.token({ scope: 'demo more' });
  const { card, url } = gateway.agent;
  card(cardAt(url));
  await register(gateway, { agentId: 'of-1' });
  card(legacyCardAt(url));
  await register(gateway, { agentId: 'of-0' });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  gateway.agent.seen.splice(0);
  gateway.agent.script(answerJson({ error: {} }, 400));
  await permit(gateway, 'more', { allowedAgents: [] });
});

const operations = ['send', 'stream', 'read', 'push'];
const allowing = (skills: string[]) => ({
  allowedAgents: ['*'],
  operations,
  allowedSkills: { 'of-1': skills, 'of-0': skills },
});

function messageOf(cell: Cell): Readonly<Record<string, unknown>> {
  if (cell.endsWith('1.0')) return message;
  return cell === 'JSON-RPC 0.3' ? legacyMessage : protoMessage;
}

/** A message with this metadata. */
function naming(
  cell: Cell,
  metadata: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> {
  return { message: { ...messageOf(cell), ...(metadata !== undefined && { metadata }) } };
}

describe.each(cells)('%s', (cell) => {
  let caller: CellCaller;
  beforeAll(() => {
    caller = cellCaller(gateway, cell, token);
  });
  afterAll(() => caller.close());

  describe.each(agents)('to an agent %s', (agentId) => {
    it.each(['SendMessage', 'SendStreamingMessage'] as const)(
      '%s goes through with a skill that is allowed, and with no other',
      async (operation) => {
        await permit(gateway, 'demo', allowing(['pay', 'report-*']));
        for (const skillId of ['pay', 'report-', 'report-2026']) {
          await caller.call(operation, { agentId, params: naming(cell, { skillId }) });
          const [seen] = gateway.agent.seen.splice(0);
          const sent = JSON.parse(seen?.body || '{}');
          expect((sent.params ?? sent).message?.metadata).toEqual({ skillId });
        }
        for (const skillId of ['Pay', 'pay ', 'pays', 'repor', 'refund', '*', 'constructor']) {
          const answer = await caller.call(operation, { agentId, params: naming(cell, { skillId }) });
          expectRefused(cell, answer, 'SKILL_FORBIDDEN', { problem: 'other' });
        }
        for (const metadata of [undefined, {}, { skillId: '' }, { about: 'pay' }]) {
          const answer = await caller.call(operation, { agentId, params: naming(cell, metadata) });
          expectRefused(cell, answer, 'SKILL_FORBIDDEN', { problem: 'missing' });
        }
        expect(gateway.agent.seen).toEqual([]);
      },
    );
  });

  it('with an empty list of skills sends nothing, and reads all the same', async () => {
    await permit(gateway, 'demo', allowing([]));
    const params = naming(cell, { skillId: 'pay' });
    const answer = await caller.call('SendMessage', { agentId: 'of-1', params });
    expectRefused(cell, answer, 'SKILL_FORBIDDEN', { problem: 'other' });
    await caller.call('GetTask', { agentId: 'of-1' });
    expect(gateway.agent.seen).toHaveLength(1);
  });

  it('needs no skill where another permission asks for none, nor at an agent that is not named', async () => {
    await permit(gateway, 'demo', { ...allowing(['pay']), allowedSkills: { 'of-0': ['pay'] } });
    await caller.call('SendMessage', { agentId: 'of-1', params: naming(cell, undefined) });
    await permit(gateway, 'demo', allowing(['pay']));
    await permit(gateway, 'more', { allowedAgents: ['of-1'], operations: ['send'] });
    await caller.call('SendMessage', { agentId: 'of-1', params: naming(cell, undefined) });
    expect(gateway.agent.seen).toHaveLength(2);
    // Sending is not streaming: the other permission does not grant that.
    const answer = await caller.call('SendStreamingMessage', {
      agentId: 'of-1',
      params: naming(cell, undefined),
    });
    expectRefused(cell, answer, 'SKILL_FORBIDDEN', { problem: 'missing' });
  });

  it('names a skill in a message that goes on with a task too', async () => {
    await permit(gateway, 'demo', allowing(['pay']));
    const params = { message: { ...messageOf(cell), taskId: 't-1', contextId: 'c-1' } };
    const answer = await caller.call('SendMessage', { agentId: 'of-1', params });
    expectRefused(cell, answer, 'SKILL_FORBIDDEN', { problem: 'missing' });
  });
});
