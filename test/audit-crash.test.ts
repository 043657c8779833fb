import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onThisMachine, rpc } from './support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { bundledGateway, type GatewayProcess, newFolder, runGateway } from './support/process.ts';
import { answerJson, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';
import { findingsIn, recorded, recordsOf, usageOf } from './support/trail.ts';

const rounds = 4;
const callers = 8;
/** Answers after which the gateway is killed, differently far into a batch in each round. */
const killAfter = [150, 217, 283, 350];
/** Ten times what is said of the loss, for machines that are busy with something else. */
const longestLossMs = 5_000;

interface Acknowledged {
  requestId: string;
  atMs: number;
}

let issuer: TestIssuer;
let agent: ScriptedAgent;
let program: readonly string[];
beforeAll(async () => {
  [issuer, agent, program] = await Promise.all([startIssuer(), startScriptedAgent(), bundledGateway()]);
  agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: { id: 't', status: {} } }));
}, 60_000);
afterAll(async () => {
  await Promise.all([issuer.close(), agent.close()]);
});

describe('the trail of a gateway that is killed under load, again and again', () => {
  const dataDir = newFolder();
  const file = join(newFolder(), 'gateway.yaml');
  let token: string;

  beforeAll(async () => {
    token = await issuer.token({ scope: 'gateway:admin everything' });
    const settings = {
      publicUrl: 'http://127.0.0.1:1',
      issuers: [{ issuer: issuer.issuer, audiences: [testAudience] }],
      upstream: onThisMachine,
      listen: { port: 0 },
      dataDir,
      search: { enabled: false },
      log: { level: 'error' },
    };
    writeFileSync(file, JSON.stringify(settings));
    const { gateway, call } = await start();
    await call('/admin/permissions/everything', 'PUT', { allowedAgents: ['*'] });
    const registration = { agentId: 'agent', agentCardUrl: agent.cardUrl, ownership: 'backend' };
    expect((await call('/admin/agents', 'POST', registration)).status).toBe(201);
    gateway.kill('SIGTERM');
    await gateway.ended;
  }, 60_000);

  async function start() {
    const gateway = runGateway(['serve', '--config', file], {}, program);
    const url = await gateway.ready;
    const headers = { authorization: `Bearer ${token}`, 'a2a-version': '1.0' };
    const call = (path: string, method: string, body: unknown) =>
      fetch(url + path, {
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    return { gateway, call };
  }

  /** What each caller, who asks one thing after the other, had an answer to, until the gateway was gone. */
  async function callUntilKilled(gateway: GatewayProcess, call: Call, answers: number) {
    let count = 0;
    const { body } = rpc('GetTask', { id: 't' });
    const asking = Array.from({ length: callers }, async () => {
      const acknowledged: Acknowledged[] = [];
      try {
        for (;;) {
          const answer = await call('/agents/agent', 'POST', JSON.parse(String(body)));
          await answer.text();
          acknowledged.push({ requestId: answer.headers.get('x-request-id') ?? '', atMs: Date.now() });
          if (++count === answers) gateway.kill('SIGKILL');
        }
      } catch {
        return acknowledged; // The gateway is gone.
      }
    });
    return Promise.all(asking);
  }

  type Call = Awaited<ReturnType<typeof start>>['call'];

  it.each(killAfter.slice(0, rounds))(
    'has all but the last moment: killed after %s answers',
    async (answers) => {
      const { gateway, call } = await start();
      const byCaller = await callUntilKilled(gateway, call, answers);
      const killedAtMs = Date.now();
      await gateway.ended;
      const kept = new Set((await recordsOf({ dataDir })).map(({ requestId }) => requestId));
      for (const acknowledged of byCaller) {
        const lost = acknowledged.findIndex(({ requestId }) => !kept.has(requestId));
        if (lost === -1) continue;
        // What is lost is the end, and nothing before it.
        expect(acknowledged.slice(lost).filter(({ requestId }) => kept.has(requestId))).toEqual([]);
        expect(killedAtMs - (acknowledged[lost]?.atMs ?? 0)).toBeLessThan(longestLossMs);
      }
      expect(await findingsIn({ dataDir })).toEqual([]);
    },
  );

  it('adds up to the use that is kept beside it', async () => {
    const calls = await recordsOf({ dataDir }, { operation: 'GetTask', event: 'call' });
    const usage = await usageOf({ dataDir });
    expect(usage.reduce((sum, row) => sum + row.calls, 0)).toBe(calls.length);
    expect(calls.length).toBeGreaterThan(rounds);
  });

  it('is whole where the gateway is asked to end', async () => {
    const { gateway, call } = await start();
    const asked = await Promise.all(
      Array.from({ length: 100 }, () =>
        call('/agents/agent', 'POST', { jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 't' } }),
      ),
    );
    gateway.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
    const kept = new Set(
      (await recorded({ dataDir }, { operation: 'GetTask' })).map(({ requestId }) => requestId),
    );
    expect(asked.filter((answer) => !kept.has(answer.headers.get('x-request-id')))).toEqual([]);
    expect(await findingsIn({ dataDir })).toEqual([]);
  });
});
