import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Gateway } from '../../src/gateway.ts';
import { openGrpc } from '../../src/runtimes/node/serve.ts';
import type { Store } from '../../src/store/port.ts';
import { openDriver, type SqlDriver } from '../../src/store/sqlite/driver.ts';
import type { UpstreamOptions } from '../../src/upstream/undici-upstream.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcSettings } from '../support/grpc.ts';
import { clientCredentials } from '../support/management.ts';
import { cardAt } from '../support/scripted-agent.ts';
import { publicUrl, type Stand, startStand } from '../support/stand.ts';
import type { Scene } from './ask.ts';

export const everything = { allowedAgents: ['*'], operations: ['send', 'stream', 'read', 'cancel', 'push'] };

/** Small enough to be passed with little. */
export const limits = { maxBodyBytes: 4_096, maxAnswerBytes: 8_192, maxEventBytes: 8_192 };

/** An agent's deadline that passes in a test. */
export const briefMs = 150;

/** A gateway on a socket with `agent`, all of whose operations alice may call. */
export async function gatewayWith(settings: Record<string, unknown> = {}): Promise<TestGateway> {
  const gateway = await startGateway({ settings: { grpc: grpcSettings, ...settings } });
  await permit(gateway, 'demo', everything);
  return gateway;
}

/** What most failures share: agents of every kind that can go wrong, and a permission to call them all. */
export async function commonScene(): Promise<Scene> {
  const gateway = await gatewayWith({ limits });
  const servers: Server[] = [];
  const add = async (agentId: string, members: Record<string, unknown> = {}, card: unknown = undefined) => {
    gateway.agent.card((card ?? cardAt(gateway.agent.url)) as Record<string, unknown>);
    await register(gateway, { agentId, ...members });
  };
  const addAt = (agentId: string, origin: string) => add(agentId, { backendUrl: origin }, cardAt(origin));
  await add('plain', {}, cardAt(gateway.agent.url, { capabilities: {} }));
  await add('keeper', { ownership: 'principal' });
  await add('brief', { deadlines: { headersTimeoutMs: briefMs } });
  await add('falters', { deadlines: { streamIdleTimeoutMs: briefMs } });
  await add('busy', { limits: { maxConcurrentCalls: 1, maxQueuedCalls: 0 } });
  await add('poor', { authConfig: clientCredentials(gateway) });
  await add('asleep');
  await setStatus(gateway, 'asleep', 'inactive');
  await addAt('away', await originOfNobody());
  await addAt('uncertified', `https://127.0.0.1:${await portOf(servers, uncertifiedServer())}`);
  gateway.agent.card(cardAt(gateway.agent.url));
  return {
    ...gateway,
    get grpcAddress() {
      return gateway.grpcAddress;
    },
    async close() {
      for (const server of servers) server.close();
      await gateway.close();
    },
  };
}

export async function setStatus(
  gateway: Pick<TestGateway, 'admin'>,
  agentId: string,
  status: string,
): Promise<Response> {
  const found = await gateway.admin('GET', `/admin/agents/${agentId}`);
  const headers = { 'if-match': found.headers.get('etag') ?? '' };
  return gateway.admin('PATCH', `/admin/agents/${agentId}/status`, { status }, headers);
}

function uncertifiedServer(): Server {
  const file = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
  return createTlsServer({ cert: file('agent-cert.pem'), key: file('agent-key.pem') }, () => {});
}

async function portOf(servers: Server[], server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port; // A TCP server that listens has one.
}

async function originOfNobody(): Promise<string> {
  const servers: Server[] = [];
  const port = await portOf(servers, createServer());
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

export interface StandSceneOptions {
  /** How names resolve. */
  resolve?: UpstreamOptions['resolve'];
  /** What the gateway has in place of the store, once the scene is set. */
  worn?: (store: Store) => Store;
  settings?: Record<string, unknown>;
}

/** A gateway in this process, over HTTP without a socket and over gRPC with one, with `agent`, which alice may call. */
export async function standScene({
  resolve,
  worn,
  settings = {},
}: StandSceneOptions = {}): Promise<Scene & { stand: Stand }> {
  const stand = await startStand({ grpc: grpcSettings, ...settings }, resolve && { resolve });
  const grpc = await openGrpc(stand.settings, stand.log);
  const adminToken = await stand.issuer.token({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' });
  const token = await stand.issuer.token();
  const send = (gateway: Gateway, bearer: string, path: string, init: RequestInit = {}) => {
    const headers = new Headers({ authorization: `Bearer ${bearer}`, 'a2a-version': '1.0' });
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    return gateway(new Request(new URL(path, publicUrl), { ...init, headers }));
  };
  const setting = await stand.gateway();
  const scene = {
    ...{ stand, agent: stand.agent, issuer: stand.issuer, logged: stand.logged },
    grpcAddress: grpc.address,
    admin: (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      send(setting, adminToken, path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    fetch: (path: string, init?: RequestInit) => send(setting, token, path, init),
    async close() {
      await grpc.close();
      await stand.close();
    },
  };
  await register({ ...scene, agent: stand.agent } as unknown as TestGateway);
  await permit(scene as unknown as TestGateway, 'demo', everything);
  const gateway = worn === undefined ? setting : await stand.gateway(worn);
  grpc.serve(gateway, stand.settings);
  scene.fetch = (path, init) => send(gateway, token, path, init);
  return scene;
}

/** Does something to a gateway's file behind its back. */
export function inFile(
  { dataDir }: { dataDir: string },
  work: (driver: SqlDriver) => void,
  file = 'gateway.db',
): void {
  const driver = openDriver(join(dataDir, file));
  work(driver);
  driver.close();
}

/** Loses a table, as a file does that is damaged or was put back half. */
export function loseTable(gateway: { dataDir: string }, table: string, file?: string): void {
  inFile(gateway, (driver) => driver.exec(`PRAGMA foreign_keys = OFF; DROP TABLE ${table}`), file);
}
