import { createServer as createHttpServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gateway } from '../src/gateway.ts';
import { bindings, call, expectErrorEvent, expectRefusal } from './support/bindings.ts';
import { type Authority, createAuthority } from './support/certificates.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';
import { publicUrl, type Stand, startStand } from './support/stand.ts';

/**
 * Every way an agent's network can fail a call, and what the caller is told. That it was told in time is shown by which
 * deadline fired, not by a clock: the gateway's own are of an hour, those that fire are the agents'.
 */

let stand: Stand;
let gateway: Gateway;
let authority: Authority;
let headers: { authorization: string; 'a2a-version': string };
const servers: { server: Server; sockets: Set<Socket> }[] = [];

const hour = 3_600_000;

/** Names lead to loopback, but for one that leads nowhere. */
async function resolve(host: string): Promise<{ address: string; family: number }[]> {
  if (host === 'nowhere.test') throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  return [{ address: '127.0.0.1', family: 4 }];
}

beforeAll(async () => {
  authority = await createAuthority();
  stand = await startStand(
    { deadlines: { headersTimeoutMs: hour, idleTimeoutMs: hour, totalTimeoutMs: hour } },
    { resolve, ca: [authority.certificate], connectTimeoutMs: hour },
  );
  gateway = await stand.gateway();
  headers = { authorization: `Bearer ${await stand.issuer.token()}`, 'a2a-version': '1.0' };
  const grant = { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] };
  expect((await admin('PUT', '/admin/permissions/demo', grant)).ok).toBe(true);
});
afterAll(async () => {
  for (const { server, sockets } of servers) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  await stand.close();
});

async function admin(method: string, path: string, body: unknown): Promise<Response> {
  const token = await stand.issuer.token({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' });
  const init = { method, body: JSON.stringify(body) };
  const json = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return gateway(new Request(new URL(path, publicUrl), { ...init, headers: json }));
}

/** As the helpers of the bindings call a gateway. */
const caller = {
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const all = { ...headers, ...Object.fromEntries(new Headers(init.headers)) };
    return gateway(new Request(new URL(path, publicUrl), { ...init, headers: all }));
  },
};

async function portOf(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port; // A TCP server that listens has one.
}

async function plain(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await portOf(createHttpServer(listener))}`;
}

/** Takes connections and says nothing, ever. */
async function silent(scheme: 'http' | 'https'): Promise<string> {
  return `${scheme}://127.0.0.1:${await portOf(createTcpServer(() => {}))}`;
}

async function refusing(): Promise<string> {
  const server = createTcpServer();
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function certified(options: { hosts?: string[]; expired?: boolean }, host = '127.0.0.1') {
  const { certificate, privateKey } = await authority.issue(options);
  const server = createTlsServer({ cert: certificate, key: privateKey }, (_, response) => response.end('{}'));
  return `https://${host}:${await portOf(server)}`;
}

/** Sends a piece every few milliseconds, none of which is the last. */
const trickle: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":"');
  const timer = setInterval(() => response.write('a'), 5);
  response.once('close', () => clearInterval(timer));
};

interface Fault {
  title: string;
  origin(): Promise<string>;
  deadlines?: Record<string, number>;
  reason: string;
  metadata?: Record<string, string>;
}

const faults: Fault[] = [
  { title: 'refuses connections', origin: refusing, reason: 'UPSTREAM_UNREACHABLE' },
  {
    title: 'has a name that leads nowhere',
    origin: async () => 'http://nowhere.test:8080',
    reason: 'UPSTREAM_UNREACHABLE',
  },
  {
    title: 'takes the connection and never speaks TLS',
    origin: () => silent('https'),
    deadlines: { connectTimeoutMs: 150 },
    reason: 'UPSTREAM_TIMEOUT',
    metadata: { phase: 'connect' },
  },
  {
    title: 'takes the call and never answers',
    origin: () => silent('http'),
    deadlines: { headersTimeoutMs: 150 },
    reason: 'UPSTREAM_TIMEOUT',
    metadata: { phase: 'headers' },
  },
  {
    title: 'answers headers and then nothing',
    origin: () =>
      plain((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()),
    deadlines: { idleTimeoutMs: 150 },
    reason: 'UPSTREAM_TIMEOUT',
    metadata: { phase: 'body' },
  },
  {
    title: 'answers drop by drop',
    origin: () => plain(trickle),
    deadlines: { idleTimeoutMs: 150 },
    reason: 'UPSTREAM_TIMEOUT',
    metadata: { phase: 'body' },
  },
  {
    title: 'answers drop by drop, with time for each drop',
    origin: () => plain(trickle),
    deadlines: { totalTimeoutMs: 150 },
    reason: 'UPSTREAM_TIMEOUT',
    metadata: { phase: 'total' },
  },
  {
    title: 'lets a whole call no time to think',
    origin: () => silent('http'),
    deadlines: { totalTimeoutMs: 150 },
    reason: 'UPSTREAM_TIMEOUT',
    metadata: { phase: 'total' },
  },
  {
    title: 'hangs up before its answer',
    origin: () => plain((_, response) => response.destroy()),
    reason: 'UPSTREAM_RESET',
  },
  {
    title: 'hangs up within its answer',
    origin: () =>
      plain((_, response) => {
        response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy());
      }),
    reason: 'UPSTREAM_RESET',
  },
  {
    title: 'has a certificate that has expired',
    origin: () => certified({ expired: true }),
    reason: 'UPSTREAM_TLS_FAILED',
  },
  {
    title: 'has a certificate for another host',
    origin: () => certified({ hosts: ['other.test'] }, 'agent.test'),
    reason: 'UPSTREAM_TLS_FAILED',
  },
  {
    title: 'is down behind a load balancer that says so in HTML',
    origin: () =>
      plain((_, response) => {
        response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway at 10.0.0.7</h1>');
      }),
    reason: 'UPSTREAM_UNAVAILABLE',
    metadata: { status: '502' },
  },
];

let registered = 0;

/** Registers an agent whose card is well and whose interfaces are at an origin. */
async function registerAt(origin: string, deadlines: Record<string, number> = {}): Promise<string> {
  const agentId = `agent-${++registered}`;
  stand.agent.card(cardAt(origin));
  const members = { agentCardUrl: stand.agent.cardUrl, backendUrl: origin, deadlines };
  const answer = await admin('POST', '/admin/agents', { agentId, ...members });
  expect([answer.status, await answer.text()]).toEqual([201, expect.any(String)]);
  return agentId;
}

describe.each(faults)('an agent that $title', ({ origin, deadlines, reason, metadata }) => {
  let agentId: string;

  beforeAll(async () => {
    agentId = await registerAt(await origin(), deadlines);
  });

  it.each(bindings)('fails a call with its own code in %s', async (binding) => {
    cites('A2A-5.4-unavailable', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const response = await call(caller, binding, 'SendMessage', { agentId });
    await expectRefusal(response, binding, reason, metadata);
  });
});

describe('an agent whose stream', () => {
  function streaming(listener: (response: ServerResponse) => void): Promise<string> {
    return plain((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      listener(response);
    });
  }

  it.each(bindings)('is cut in the middle of an event ends with an error event in %s', async (binding) => {
    cites('A2A-9.4.2-broken', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const origin = await streaming((response) => {
      response.write('data: 1\n\ndata: {"half":', () => response.destroy());
    });
    const agentId = await registerAt(origin);
    const response = await call(caller, binding, 'SendStreamingMessage', { agentId });
    const text = await response.text();
    expect(text.startsWith('data: 1\n\nevent: error\n')).toBe(true);
    expectErrorEvent(text.slice('data: 1\n\n'.length), binding, 'UPSTREAM_RESET');
  });

  it.each(bindings)('falls silent ends with an error event in %s', async (binding) => {
    const agentId = await registerAt(await streaming((response) => response.write('data: 1\n\n')), {
      streamIdleTimeoutMs: 150,
    });
    const response = await call(caller, binding, 'SendStreamingMessage', { agentId });
    const text = await response.text();
    expectErrorEvent(text.slice('data: 1\n\n'.length), binding, 'UPSTREAM_STALLED', { idleTimeoutMs: '150' });
  });

  it('lasts is not ended by what a whole call may take', async () => {
    cites('A2A-3.1.2-no-total');
    const origin = await streaming((response) => {
      let sent = 0;
      const timer = setInterval(() => {
        response.write('data: 1\n\n');
        if (++sent < 20) return;
        clearInterval(timer);
        response.end();
      }, 5);
    });
    const agentId = await registerAt(origin, { totalTimeoutMs: 20 });
    const text = await (await call(caller, 'JSON-RPC', 'SendStreamingMessage', { agentId })).text();
    expect(text.split('data: 1\n\n')).toHaveLength(21);
  });
});

describe('an agent that keeps failing', () => {
  let strict: TestGateway;

  beforeAll(async () => {
    strict = await startGateway({ settings: { breaker: { consecutiveFailures: 3 } } });
    await permit(strict, 'demo', { allowedAgents: ['*'], operations: ['send'] });
  });
  afterAll(() => strict.close());

  it.each(bindings)('is left alone, and callers are told when to come again, in %s', async (binding) => {
    const agentId = binding === 'JSON-RPC' ? 'rpc' : 'rest';
    await register(strict, { agentId });
    strict.agent.seen.splice(0);
    strict.agent.script(answerJson('<h1>down</h1>', 504, 'text/html'));
    for (let failed = 0; failed < 3; failed++) {
      const response = await call(strict, binding, 'SendMessage', { agentId });
      await expectRefusal(response, binding, 'UPSTREAM_UNAVAILABLE', { status: '504' });
    }
    const response = await call(strict, binding, 'SendMessage', { agentId });
    const retryAfterSeconds = response.headers.get('retry-after') ?? '';
    expect(['4', '5']).toContain(retryAfterSeconds);
    await expectRefusal(response, binding, 'AGENT_CIRCUIT_OPEN', { retryAfterSeconds });
    expect(strict.agent.seen).toHaveLength(3);
    const left = strict.logged.filter(({ msg }) => msg === 'agent left alone');
    expect(left.at(-1)).toMatchObject({ agentId, origin: strict.agent.url });
  });
});
