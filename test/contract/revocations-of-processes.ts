import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Cell, cells } from '../requirements/clause.ts';
import { refusalOf } from '../support/bindings.ts';
import { type CellAnswer, cellCaller, expectRefused } from '../support/cell-caller.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { runGateway } from '../support/process.ts';
import { configOf, type Member, memberOf, type OneStore } from '../support/processes-of-one-store.ts';
import { type ScriptedAgent, type SeenRequest, startScriptedAgent } from '../support/scripted-agent.ts';
import { working } from '../support/task-agent.ts';

// Two processes are started, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

/** What an administrator takes away takes effect so long after the answer at the latest, in every process. */
const effectiveWithinMs = 5_000;

interface Change {
  /** Of the agent, the permission, the principal, the client and the token alike. */
  name: string;
  reason: string;
  metadata: Record<string, string>;
  make(admin: Admin, issuer: string): Promise<Response>;
}

type Admin = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Response>;

const isRevoked = { reason: 'TOKEN_INVALID', metadata: { problem: 'revoked' } };
const revoke = (body: (issuer: string) => unknown) => (admin: Admin, issuer: string) =>
  admin('POST', '/admin/revocations', body(issuer));

const changes: readonly Change[] = [
  {
    name: 'principal',
    ...isRevoked,
    make: revoke((issuer) => ({ kind: 'principal', issuer, subject: 'principal' })),
  },
  {
    name: 'client',
    ...isRevoked,
    make: revoke((issuer) => ({ kind: 'client', issuer, clientId: 'client' })),
  },
  { name: 'token', ...isRevoked, make: revoke((issuer) => ({ kind: 'token', issuer, tokenId: 'token' })) },
  {
    name: 'sign-out',
    ...isRevoked,
    make: revoke((issuer) => ({
      ...{ kind: 'principal', issuer, subject: 'sign-out' },
      issuedBefore: new Date().toISOString(),
    })),
  },
  {
    name: 'permission-removed',
    reason: 'AGENT_FORBIDDEN',
    metadata: {},
    make: (admin) => admin('DELETE', '/admin/permissions/permission-removed'),
  },
  {
    name: 'permission-less',
    reason: 'OPERATION_FORBIDDEN',
    metadata: { operation: 'stream' },
    make: (admin) =>
      admin('PUT', '/admin/permissions/permission-less', {
        allowedAgents: ['permission-less'],
        operations: ['read'],
      }),
  },
  {
    name: 'agent-denied',
    reason: 'AGENT_FORBIDDEN',
    metadata: {},
    make: (admin) =>
      admin('PUT', '/admin/permissions/client:agent-denied', {
        allowedAgents: [],
        deniedAgents: ['agent-denied'],
      }),
  },
  {
    name: 'skill-less',
    reason: 'SKILL_FORBIDDEN',
    metadata: { problem: 'missing' },
    make: (admin) =>
      admin('PUT', '/admin/permissions/skill-less', {
        allowedAgents: ['skill-less'],
        operations: ['send', 'stream'],
        allowedSkills: { 'skill-less': ['say'] },
      }),
  },
  {
    name: 'agent-inactive',
    reason: 'AGENT_INACTIVE',
    metadata: { status: 'inactive' },
    async make(admin) {
      const { headers } = await admin('GET', '/admin/agents/agent-inactive');
      const match = { 'if-match': headers.get('etag') ?? '' };
      return admin('PATCH', '/admin/agents/agent-inactive/status', { status: 'inactive' }, match);
    },
  },
  {
    name: 'agent-deleted',
    reason: 'AGENT_FORBIDDEN',
    metadata: {},
    async make(admin) {
      const { headers } = await admin('GET', '/admin/agents/agent-deleted');
      return admin('DELETE', '/admin/agents/agent-deleted', undefined, {
        'if-match': headers.get('etag') ?? '',
      });
    },
  },
];

/** What is taken away by one process ends in another, over one store: calls are refused there and open streams ended. */
export function revocationsOfProcesses(name: string, open: () => Promise<OneStore>): void {
  describe(`two processes over ${name}`, () => {
    let issuer: TestIssuer;
    let agent: ScriptedAgent;
    let one: Member;
    let other: Member;
    let admin: Admin;
    let streaming: Streaming;

    beforeAll(async () => {
      [issuer, agent] = await Promise.all([startIssuer(), startScriptedAgent()]);
      const store = await open();
      const config = configOf(store, issuer);
      const start = () => memberOf(runGateway(['serve', '--config', config], store.env));
      one = await start();
      other = await start();
      const token = await issuer.token({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' });
      admin = (method, path, body, headers = {}) =>
        one.fetch(path, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
      for (const { name } of changes) await prepare(name);
      streaming = new Streaming(agent);
    });
    afterAll(async () => {
      for (const { process } of [one, other]) process.kill('SIGKILL');
      await Promise.all([issuer.close(), agent.close()]);
    });

    async function prepare(name: string): Promise<void> {
      const registered = await admin('POST', '/admin/agents', { agentId: name, agentCardUrl: agent.cardUrl });
      const operations = ['send', 'stream', 'read'];
      const permitted = await admin('PUT', `/admin/permissions/${name}`, {
        allowedAgents: [name],
        operations,
      });
      expect([registered.status, permitted.status]).toEqual([201, 201]);
    }

    it.each(changes)('end what is open and refuse what comes: $name', async (change) => {
      const { name, reason, metadata, make } = change;
      const nowSeconds = Math.floor(Date.now() / 1_000);
      const claims = { sub: name, client_id: name, jti: name, scope: name, iat: nowSeconds - 60 };
      const token = await issuer.token(claims);
      const callers = cells.map((cell) => ({ cell, caller: cellCaller(other, cell, token) }));
      const opened = streaming.opened(cells.length);
      const streams = callers.map(({ cell, caller }) => ({
        cell,
        answer: caller.call('SendStreamingMessage', { agentId: name }),
      }));
      const closed = await opened;
      const made = await make(admin, issuer.issuer);
      expect(made.status).toBeLessThan(300);
      const madeAtMs = performance.now();
      const ended = await Promise.all(streams.map(async ({ cell, answer }) => ({ cell, ...(await answer) })));
      const tookMs = performance.now() - madeAtMs;
      for (const { cell, ...answer } of ended) expectEnded(cell, answer, reason, metadata);
      // The calls to the agent have ended with them.
      await closed.all;
      expect(tookMs).toBeLessThan(effectiveWithinMs);
      const refused = reason === 'OPERATION_FORBIDDEN' ? { operation: 'send' } : metadata;
      for (const { cell, caller } of callers) {
        expectRefused(cell, await caller.call('SendMessage', { agentId: name }), reason, refused);
        caller.close();
      }
    });
  });
}

/** The last event of a stream, as a refusal. */
function expectEnded(cell: Cell, answer: CellAnswer, reason: string, metadata: Record<string, string>): void {
  if (cell.startsWith('gRPC')) {
    expectRefused(cell, answer, reason, metadata);
    return;
  }
  expect(answer.status).toBe(200);
  const [, data = ''] = /\nevent: error\ndata: (.*)\n\n$/.exec(answer.text) ?? [];
  const { error, ...bare } = JSON.parse(data);
  const { code, status, data: listed, details } = error ?? bare;
  const { rpc, rest } = refusalOf(reason);
  const told = { code: status ?? code, details: details ?? listed };
  const httpStatus = cell.startsWith('JSON-RPC') ? rpc[0] : rest[0];
  expectRefused(cell, { ...answer, status: httpStatus, error: told }, reason, metadata);
}

/** An agent whose streams tell of a task, and go on until the gateway ends them. */
class Streaming {
  #opened: { count: number; resolve(closed: { all: Promise<unknown> }): void } | undefined;
  #closed: Promise<void>[] = [];

  constructor(agent: ScriptedAgent) {
    agent.script((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${firstEvent(request)}\n\n`);
      this.#closed.push(new Promise((resolve) => response.once('close', resolve)));
      if (this.#closed.length === this.#opened?.count)
        this.#opened.resolve({ all: Promise.all(this.#closed) });
    });
  }

  /** Resolves when so many more are open. `all`: when all of them are closed. */
  opened(count: number): Promise<{ all: Promise<unknown> }> {
    this.#closed = [];
    return new Promise((resolve) => {
      this.#opened = { count, resolve };
    });
  }
}

function firstEvent({ target, body }: SeenRequest): string {
  const result = { task: { id: 't-1', contextId: 'x-1', status: working } };
  return JSON.stringify(target === '/rpc' ? { jsonrpc: '2.0', id: JSON.parse(body).id, result } : result);
}
