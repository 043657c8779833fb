import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { message } from '../support/bindings.ts';
import { expectRefused } from '../support/cell-caller.ts';
import { cites } from '../support/cites.ts';
import { register } from '../support/gateway.ts';
import { rpcResult } from '../support/grpc.ts';
import {
  expectInvalid,
  type ListedTask,
  type ListStand,
  listCells,
  listIn,
  namesIn,
  startListStand,
} from '../support/list-stand.ts';
import { cardAt } from '../support/scripted-agent.ts';
import { taskAgent } from '../support/task-agent.ts';

/** Who lists at an agent that cannot tell its callers apart is shown nothing of anybody else's. */

let stand: ListStand;

beforeAll(async () => {
  stand = await startListStand({ other: {} });
});
afterAll(() => stand.close());
beforeEach(() => stand.reset());

describe.each(listCells)('to a caller of %s, a list', (cell) => {
  it('has nothing of another caller, in the very words for what never was', async () => {
    cites('A2A-3.1.4-own-tasks', cell);
    const [alice, mallory] = [await stand.somebody(cell), await stand.somebody(cell)];
    await alice.begin(['one']);
    stand.gateway.agent.seen.splice(0);
    const empty = await mallory.ask();
    expect(listIn(empty)).toMatchObject({ tasks: [], totalSize: 0 });
    const foreign = await mallory.ask({ contextId: alice.id('c') });
    const unknown = await mallory.ask({ contextId: alice.id('z') });
    expect(foreign.all).toBe(unknown.all);
    expect(foreign.all).toBe(empty.all);
    expect(stand.gateway.agent.seen).toEqual([]);
    expect(namesIn(await alice.list())).toEqual(['one']);
  });

  it('has no page by a token of another caller, agent or filter, nor by an altered one, all in the same words', async () => {
    const [mallory, alice] = [await stand.somebody(cell), await stand.somebody(cell)];
    await alice.begin(['one', 'two']);
    const pageToken = (await alice.list({ pageSize: 1 })).nextPageToken;
    const altered = pageToken.slice(0, -1) + (pageToken.endsWith('A') ? 'B' : 'A');
    stand.gateway.agent.seen.splice(0);
    const refused = [
      await mallory.ask({ pageToken }),
      await alice.ask({ pageToken }, 'other'),
      await alice.ask({ pageToken, contextId: alice.id('c') }),
      await alice.ask({ pageToken: altered }),
      await alice.ask({ pageToken: 'never-was' }),
    ];
    expect(new Set(refused.map(({ all }) => all)).size).toBe(1);
    for (const answer of refused) expectInvalid(answer, 'pageToken', 'not a page token');
    expect(stand.gateway.agent.seen).toEqual([]);
    expect(namesIn(await alice.list({ pageToken }))).toEqual(['one']);
  });
});

describe('a list that an agent answers for', () => {
  it.each([
    ['another task', (task: ListedTask) => ({ ...task, id: 'somebody-else' })],
    ['a task and another', (task: ListedTask) => ({ ...task, task: { ...task, id: 'somebody-else' } })],
    ['no task', () => ({ contextId: 'c' })],
  ])('is withheld where the agent answers with %s', async (_, answerOf) => {
    const alice = await stand.somebody('HTTP+JSON 1.0');
    await alice.begin(['one']);
    const task = stand.tasks.get(alice.id('one'));
    if (task === undefined) throw new TypeError('no such task');
    stand.gateway.agent.script(rpcResult(answerOf(task)));
    const answer = await alice.ask();
    expectRefused('HTTP+JSON 1.0', answer, 'INVALID_AGENT_RESPONSE', { problem: 'owner' });
  });

  it('is withheld where the agent says that a task is in a context of another caller', async () => {
    const alice = await stand.somebody('HTTP+JSON 1.0');
    await alice.begin(['one'], { contextId: 'of-alice' });
    const contextId = alice.id('of-alice');
    const mallory = await stand.somebody('HTTP+JSON 1.0');
    await mallory.begin(['two']);
    stand.change(mallory.id('two'), { contextId });
    const answer = await mallory.ask();
    expectRefused('HTTP+JSON 1.0', answer, 'INVALID_AGENT_RESPONSE', { problem: 'owner' });
  });

  it('is not spoilt by a task whose id cannot be asked for where its agent is asked by path', async () => {
    const { gateway } = stand;
    const supportedInterfaces = [
      { url: `${gateway.agent.url}/rest`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
    ];
    gateway.agent.card(cardAt(gateway.agent.url, { supportedInterfaces }));
    await register(gateway, { agentId: 'by-path', ownership: 'tenant' });
    const alice = await stand.somebody('JSON-RPC 1.0');
    for (const taskId of ['plain', '../admin', 'a%2fb', 'x:cancel']) {
      gateway.agent.script(taskAgent({ taskId, contextId: 'x-1' }));
      await alice.send(message, 'by-path');
    }
    gateway.agent.script(taskAgent({ taskId: 'plain', contextId: 'x-1' }));
    expect(await alice.list({}, 'by-path')).toMatchObject({ tasks: [{ id: 'plain' }], totalSize: 1 });
  });
});
