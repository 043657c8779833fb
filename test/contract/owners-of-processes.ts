import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OperationName } from '../../src/protocol/operations.ts';
import { cells } from '../requirements/clause.ts';
import { type CellCaller, cellCaller, expectRefused, operationsOf } from '../support/cell-caller.ts';
import { cites } from '../support/cites.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { runGateway } from '../support/process.ts';
import { configOf, type Member, memberOf, type OneStore } from '../support/processes-of-one-store.ts';
import { creation } from '../support/push-speech.ts';
import { type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { taskAgent } from '../support/task-agent.ts';

// Four processes are started, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

/** What holds of two gateways, each a process of its own, over one store, and of those that follow them. */
export function ownersOfProcesses(name: string, open: () => Promise<OneStore>): void {
  describe(`two processes over ${name}`, () => {
    let issuer: TestIssuer;
    let agent: ScriptedAgent;
    let tokens: Record<'admin' | 'alice' | 'mallory', string>;
    let start: () => Promise<Member>;
    let members: Member[] = [];

    beforeAll(async () => {
      const [store] = await Promise.all([
        open(),
        startIssuer().then((started) => {
          issuer = started;
        }),
        startScriptedAgent().then((started) => {
          agent = started;
        }),
      ]);
      const [admin, alice, mallory] = await Promise.all([
        issuer.token({ sub: 'admin', scope: 'gateway:admin' }),
        issuer.token(),
        issuer.token({ sub: 'mallory', client_id: 'mallory' }),
      ]);
      tokens = { admin, alice, mallory };
      agent.script(taskAgent({ taskId: 't-1', contextId: 'x-1' }));
      const config = configOf(store, issuer);
      start = async () => memberOf(runGateway(['serve', '--config', config], store.env));
      const first = await start();
      await prepare(first);
      members = [first, await start()];
    });
    afterAll(async () => {
      await stop();
      await Promise.all([issuer.close(), agent.close()]);
    });

    /** Two agents for each cell: of the one nobody has anything, of the other alice will have a task. */
    async function prepare({ fetch }: Member): Promise<void> {
      const authorized = { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' };
      const put = async (method: string, path: string, body: unknown) => {
        const answer = await fetch(path, { method, headers: authorized, body: JSON.stringify(body) });
        expect(answer.status).toBe(201);
      };
      for (const [n] of cells.entries()) {
        for (const agentId of [absentAt(n), usedAt(n)]) {
          await put('POST', '/admin/agents', { agentId, agentCardUrl: agent.cardUrl });
        }
      }
      const operations = ['send', 'stream', 'read', 'cancel', 'push'];
      await put('PUT', '/admin/permissions/demo', { allowedAgents: ['*'], operations });
    }

    async function stop(): Promise<void> {
      for (const { process } of members) process.kill('SIGKILL');
      await Promise.all(members.map(({ process }) => process.ended));
    }

    function callersOf(
      member: number,
      cell: (typeof cells)[number],
    ): Record<'alice' | 'mallory', CellCaller> {
      const gateway = members[member];
      if (gateway === undefined) throw new TypeError('there are two');
      return {
        alice: cellCaller(gateway, cell, tokens.alice),
        mallory: cellCaller(gateway, cell, tokens.mallory),
      };
    }

    /** Whichever of the two is asked: alice has her task, and to mallory it is one that never was. */
    async function expectOwned(member: number, cell: (typeof cells)[number], n: number): Promise<void> {
      const { alice, mallory } = callersOf(member, cell);
      for (const operation of aboutTasks(cell)) {
        const asked = {
          ...(operation === 'CreateTaskPushNotificationConfig' && { params: creation(cell, hook) }),
        };
        agent.seen.splice(0);
        const absent = await mallory.call(operation, { ...asked, agentId: absentAt(n) });
        const foreign = await mallory.call(operation, { ...asked, agentId: usedAt(n) });
        expectRefused(cell, foreign, 'TASK_NOT_FOUND');
        expect(foreign.all.replaceAll(usedAt(n), absentAt(n))).toBe(absent.all);
        expect(agent.seen).toEqual([]);
        const reached = await alice.call(operation, { ...asked, agentId: usedAt(n) });
        expect([operation, reached.status]).toEqual([operation, cell.startsWith('gRPC') ? 0 : 200]);
      }
      if (operationsOf(cell).includes('ListTasks')) {
        agent.seen.splice(0);
        const [nothing, foreign] = [
          await mallory.call('ListTasks', { agentId: absentAt(n) }),
          await mallory.call('ListTasks', { agentId: usedAt(n) }),
        ];
        expect(foreign.all).toBe(nothing.all);
        expect(foreign.text).not.toContain('t-1');
        expect(agent.seen).toEqual([]);
        expect((await alice.call('ListTasks', { agentId: usedAt(n) })).text).toContain('t-1');
      }
      for (const caller of [alice, mallory]) caller.close();
    }

    it.each(cells.map((cell, n) => [cell, n] as const))(
      'let each caller have its own in both of them at once, and nobody else: %s',
      async (cell, n) => {
        cites('A2A-3.3.2-not-found', 'A2A-13.1-own-tasks', cell);
        const [one, other] = [callersOf(0, cell).alice, callersOf(1, cell).alice];
        const early = await other.call('GetTask', { agentId: usedAt(n) });
        expectRefused(cell, early, 'TASK_NOT_FOUND');
        const made = await one.call('SendMessage', { agentId: usedAt(n) });
        expect(made.text).toContain('t-1');
        for (const caller of [one, other]) caller.close();
        for (const member of [1, 0]) await expectOwned(member, cell, n);
      },
    );

    it('leave it so to those that are started after they were killed', async () => {
      await stop();
      members = await Promise.all([start(), start()]);
      for (const [n, cell] of cells.entries()) await expectOwned(n % 2, cell, n);
    });
  });
}

/** Names of one length, so that answers differ in nothing else. */
function absentAt(n: number): string {
  return `agent-0${n}`;
}

function usedAt(n: number): string {
  return `agent-1${n}`;
}

function aboutTasks(cell: (typeof cells)[number]): OperationName[] {
  return operationsOf(cell).filter((operation) => !/^Send|^ListTasks$|^GetExtended/.test(operation));
}

/** Nothing is sent to it. */
const hook = { id: 'c-1', url: 'http://127.0.0.1:9999/' };
