import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { message } from '../support/bindings.ts';
import { rpc } from '../support/gateway.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { type GatewayProcess, runGateway } from '../support/process.ts';
import { configOf, type OneStore } from '../support/processes-of-one-store.ts';
import { answerJson, type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { readStream } from '../support/stream-reader.ts';

// Two processes are started, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const callsAtOnce = 60;
const task = { task: { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } } };
const event = `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result: task })}\n\n`;

/** What holds of two gateways, each a process of its own, over one store that counts for both. */
export function limitsOfProcesses(name: string, open: () => Promise<OneStore>): void {
  describe(`callers of two processes over ${name}`, () => {
    let issuer: TestIssuer;
    let agent: ScriptedAgent;
    let processes: GatewayProcess[];
    let start: () => GatewayProcess;
    let urls: string[];

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
      const settings = { ...store.settings, callerLimits: { counters: 'store' } };
      const config = configOf({ ...store, settings }, issuer);
      start = () => runGateway(['serve', '--config', config], store.env);
      processes = [start()];
      urls = await Promise.all(processes.map(({ ready }) => ready));
      await admin('POST', '/admin/agents', {
        agentId: 'agent',
        agentCardUrl: agent.cardUrl,
        ownership: 'backend',
      });
      for (const [scope, limits] of Object.entries(limitsByScope)) {
        const grants = { allowedAgents: ['agent'], operations: ['send', 'stream'] };
        await admin('PUT', `/admin/permissions/${scope}`, { ...grants, ...limits });
      }
      processes.push(start());
      urls = await Promise.all(processes.map(({ ready }) => ready));
    });
    afterAll(async () => {
      for (const process of processes) process.kill('SIGKILL');
      await Promise.all(processes.map(({ ended }) => ended));
      await Promise.all([issuer.close(), agent.close()]);
    });

    async function admin(method: string, path: string, body: unknown): Promise<void> {
      const token = await issuer.token({ sub: 'admin', scope: 'gateway:admin' });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(urls[0] + path, { method, headers, body: JSON.stringify(body) });
      expect(answer.status).toBe(201);
    }

    async function callerOf(scope: string, sub = scope) {
      const token = await issuer.token({ sub, client_id: sub, scope });
      return (process: number, method: string): Promise<Response> => {
        const { headers, ...init } = rpc(method, { message });
        const all = { ...headers, authorization: `Bearer ${token}`, 'a2a-version': '1.0' };
        return fetch(`${urls[process]}/agents/agent`, { ...init, headers: all });
      };
    }

    async function statusesOf(answers: Promise<Response>[]): Promise<number[]> {
      return Promise.all(
        answers.map(async (answering) => {
          const answer = await answering;
          await answer.arrayBuffer();
          return answer.status;
        }),
      );
    }

    it.each(['minute', 'burst', 'day'] as const)(
      'have no more than the limit of both together: %s',
      async (scope) => {
        agent.seen.splice(0);
        agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: task }));
        const call = await callerOf(scope);
        const answers = Array.from({ length: callsAtOnce }, (_, n) => call(n % 2, 'SendMessage'));
        const statuses = await statusesOf(answers);
        expect(new Set(statuses)).toEqual(new Set([200, 429]));
        const passed = statuses.filter((status) => status === 200).length;
        // A burst gets more as time goes by: never more than its minute.
        if (scope === 'burst') expect(passed).toBeLessThanOrEqual(20);
        else expect(passed).toBe(10);
        expect(agent.seen).toHaveLength(passed);
        if (scope === 'burst') return;
        for (const process of [0, 1]) expect((await call(process, 'SendMessage')).status).toBe(429);
      },
    );

    it('have each their own', async () => {
      agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: task }));
      const [call, other] = [await callerOf('minute', 'kim'), await callerOf('minute', 'lee')];
      await statusesOf(Array.from({ length: 15 }, (_, n) => call(n % 2, 'SendMessage')));
      expect(await statusesOf([other(0, 'SendMessage'), other(1, 'SendMessage')])).toEqual([200, 200]);
    });

    it('have no more streams open than there may be, whichever process has them', async () => {
      const call = await callerOf('streams');
      agent.script((_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(event);
      });
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) => call(n % 2, 'SendStreamingMessage')),
      );
      const [first, ...others] = answers.filter(({ status }) => status === 200).map(readStream);
      expect(others).toHaveLength(2);
      for (const process of [0, 1]) expect((await call(process, 'SendStreamingMessage')).status).toBe(429);
      await first?.leave();
      // The process notices that the caller has left, and tells the store.
      let again = await call(1, 'SendStreamingMessage');
      while (again.status === 429) again = await call(1, 'SendStreamingMessage');
      expect(again.status).toBe(200);
      for (const stream of [readStream(again), ...others]) await stream.leave();
    });

    it('have the quota of a day that is left, after all have been killed', async () => {
      for (const process of processes) process.kill('SIGKILL');
      await Promise.all(processes.map(({ ended }) => ended));
      processes = [start()];
      urls = await Promise.all(processes.map(({ ready }) => ready));
      const call = await callerOf('day');
      expect((await call(0, 'SendMessage')).status).toBe(429);
    });
  });
}

const limitsByScope = {
  minute: { requestsPerMinute: 10 },
  burst: { requestsPerMinute: 20, burst: 5 },
  day: { requestsPerDay: 10 },
  streams: { maxOpenStreams: 3 },
};
