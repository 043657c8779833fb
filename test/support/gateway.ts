import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { parseSettings } from '../../src/config.ts';
import { createLog } from '../../src/runtimes/node/log.ts';
import { type Running, serve } from '../../src/runtimes/node/serve.ts';
import { startIssuer, type TestIssuer, testAudience } from './issuer.ts';
import { type ScriptedAgent, startScriptedAgent } from './scripted-agent.ts';

/** A gateway on a real socket with a test issuer before it and a scripted agent, `agent`, behind. */
export interface TestGateway {
  url: string;
  /** Where it serves gRPC, as far as the settings have it do so. */
  grpcAddress: string;
  issuer: TestIssuer;
  agent: ScriptedAgent;
  dataDir: string;
  /** What was logged, one parsed line each. */
  logged: Record<string, unknown>[];
  /** Calls the gateway as `alice` unless the headers say otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Calls it as an administrator, with a JSON body. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Starts the gateway again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  /** Joined over the defaults, one level deep. */
  settings?: Record<string, unknown>;
  /** Trusted beside the test issuer, and listed before it. */
  firstIssuers?: readonly Record<string, unknown>[];
  /** Trusted beside the test issuer. */
  otherIssuers?: readonly Record<string, unknown>[];
  /** Registration members beside id and card; `null` registers nothing. Default: none, permitted to scope `demo`. */
  registration?: Record<string, unknown> | null;
}

/** Where agents and webhooks of tests are. */
export const onThisMachine = { allowHttp: true, allowAddresses: ['127.0.0.0/8', '::1/128'] };

const everyOperation = ['send', 'stream', 'read', 'cancel', 'push'];

export async function startGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const [issuer, agent] = await Promise.all([startIssuer(), startScriptedAgent()]);
  const dataDir = mkdtempSync(join(tmpdir(), 'a2a-gateway-'));
  const logged: Record<string, unknown>[] = [];
  const sink: DestinationStream = {
    write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>),
  };
  const settings = parseSettings(
    {
      publicUrl: 'http://127.0.0.1:1', // Callers of the tests take the port from `url`; cards name this one.
      issuers: [
        ...(options.firstIssuers ?? []),
        { issuer: issuer.issuer, audiences: [testAudience] },
        ...(options.otherIssuers ?? []),
      ],
      upstream: onThisMachine,
      listen: { port: 0 },
      dataDir,
      // Off, so that what they do in the background is not in the log; tests of them say what they need.
      search: { enabled: false },
      health: { probeIntervalMs: 0 },
      // So that what one test lets fail is not kept from the next.
      breaker: { consecutiveFailures: 1_000_000, minimumCalls: 1_000_000 },
      ...options.settings,
      // So that events are what the agent sent, without ids; tests of the replay say how much of it they want.
      streams: { replay: { maxStreamBytes: 0 }, ...(options.settings?.streams as object | undefined) },
      push: { upstream: onThisMachine, ...(options.settings?.push as object | undefined) },
    },
    {},
  );
  const start = () => serve(settings, createLog('debug', sink));
  let running: Running = await start();
  const adminToken = await issuer.token({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' });
  const token = await issuer.token();

  const gateway: TestGateway = {
    get url() {
      return running.url;
    },
    get grpcAddress() {
      return running.grpcAddress ?? '';
    },
    issuer,
    agent,
    dataDir,
    logged,
    fetch(path, init = {}) {
      const headers = new Headers({ authorization: `Bearer ${token}`, 'a2a-version': '1.0' });
      for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
      return fetch(running.url + path, { ...init, headers });
    },
    admin(method, path, body, headers = {}) {
      return fetch(running.url + path, {
        method,
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
    },
    async restart() {
      await running.close();
      running = await start();
    },
    async close() {
      await running.close();
      await Promise.all([issuer.close(), agent.close()]);
      rmSync(dataDir, { recursive: true });
    },
  };
  if (options.registration !== null) await registerAgent(gateway, options.registration);
  return gateway;
}

async function registerAgent(gateway: TestGateway, members: Record<string, unknown> = {}): Promise<void> {
  await register(gateway, members);
  await permit(gateway, 'demo', { allowedAgents: ['agent'], operations: everyOperation });
}

/**
 * Registers an agent, with the card the scripted agent serves now unless the members say otherwise. Whose its tasks are is
 * its own to say: tests make up ids the gateway never saw, and those of owners say `principal`.
 */
export async function register(gateway: TestGateway, members: Record<string, unknown> = {}): Promise<void> {
  const body = { agentId: 'agent', agentCardUrl: gateway.agent.cardUrl, ownership: 'backend', ...members };
  const registered = await gateway.admin('POST', '/admin/agents', body);
  if (registered.status !== 201) throw new Error(`not registered: ${await registered.text()}`);
}

/** Sets what a scope, a group or a client is granted. */
export async function permit(gateway: TestGateway, scope: string, permission: unknown): Promise<void> {
  const spelled = encodeURIComponent(scope).replaceAll('%3A', ':');
  const answer = await gateway.admin('PUT', `/admin/permissions/${spelled}`, permission);
  if (!answer.ok) throw new Error(`not permitted: ${await answer.text()}`);
}

/** A gateway all calls to which have these headers, over any others of the same name. */
export function withHeaders(
  gateway: Pick<TestGateway, 'fetch'>,
  headers: Record<string, string>,
): Pick<TestGateway, 'fetch'> {
  return {
    fetch: (path, init) =>
      gateway.fetch(path, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(init?.headers)), ...headers },
      }),
  };
}

/** A JSON-RPC request body. */
export function rpc(method: string, params?: unknown, id: unknown = 1): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) }),
  };
}

/**
 * Sends bytes as written, a text as UTF-8, and answers all that came back. The request must bring the gateway to close
 * the connection: half-closing it from here would be taken for a caller who left.
 */
export async function sendRaw(url: string, request: string | Uint8Array): Promise<string> {
  const { connect } = await import('node:net');
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    // Whoever refuses early may hang up while the request is still on its way; the answer counts.
    socket.on('error', (error) => (received === '' ? reject(error) : undefined));
  });
}
