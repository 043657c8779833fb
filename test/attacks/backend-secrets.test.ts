import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cites } from '../support/cites.ts';
import { permit, register, rpc, startGateway, type TestGateway } from '../support/gateway.ts';
import { cardAt } from '../support/scripted-agent.ts';

/** A backend that fails in every way there is, to bring what it was presented with into a log, an answer or a file. */

const secret = 'correct-horse-battery-staple';
const secretSpellings = [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(`gateway:${secret}`).toString('base64').replace(/=+$/, ''),
];

const credentials: readonly (readonly [string, Record<string, unknown>])[] = [
  ['a token', { type: 'bearer', token: secret }],
  ['a key in a header', { type: 'api_key', name: 'x-api-key', apiKey: secret }],
  ['a key in a query', { type: 'api_key', in: 'query', name: 'key', apiKey: secret }],
  ['a password', { type: 'basic', username: 'gateway', password: secret }],
];

function answer(head: string, body = ''): (socket: Socket) => void {
  return (socket) => socket.end(`HTTP/1.1 ${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}

/** What the backend does once it has read the beginning of a request; it may repeat what it read. */
const misdeeds: Readonly<Record<string, (socket: Socket, request: string) => void>> = {
  'hangs up': (socket) => socket.destroy(),
  'resets the connection': (socket) => socket.resetAndDestroy(),
  'says nothing': () => {},
  'answers no HTTP, but the request': (socket, request) => socket.end(request),
  'breaks off in its headers': (socket, request) =>
    socket.end(`HTTP/1.1 200 OK\r\nx-seen: ${request.split('\r\n')[0]}`),
  'breaks off in its body': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{'),
  'resets in its body': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{', () =>
      socket.resetAndDestroy(),
    );
  },
  'sends too many headers': (socket, request) =>
    socket.end(`HTTP/1.1 200 OK\r\nx-seen: ${request.split('\r\n')[0]}${'x'.repeat(40_000)}\r\n\r\n`),
  'answers encoded': answer('200 OK\r\ncontent-encoding: gzip', 'xx'),
  'answers HTML': (socket, request) => answer('200 OK\r\ncontent-type: text/html', request)(socket),
  'answers 401': (socket, request) =>
    answer(
      `401 Unauthorized\r\nwww-authenticate: Bearer realm="${request.split('\r\n')[0]}"`,
      request,
    )(socket),
  'answers 503': (socket) => answer('503 Busy\r\nretry-after: 7')(socket),
  'redirects to where it was called': (socket, request) =>
    answer(`307 There\r\nlocation: ${request.split(' ')[1]}`, request)(socket),
};

let gateway: TestGateway;
let backend: Server;
let misdeed: (socket: Socket, request: string) => void = () => {};
let backendUrl: string;
const requests: string[] = [];

beforeAll(async () => {
  gateway = await startGateway({
    registration: null,
    settings: { deadlines: { headersTimeoutMs: 200, idleTimeoutMs: 200 } },
  });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
  backend = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      requests.push(bytes.toString('latin1'));
      misdeed(socket, bytes.toString('latin1'));
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const address = backend.address();
  backendUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(async () => {
  await gateway.close();
  backend.close();
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
}

function expectSecrecy(said: readonly string[]): void {
  const told = [...said, JSON.stringify(gateway.logged), ...filesOf(gateway.dataDir)];
  for (const text of told)
    for (const spelling of secretSpellings) expect(text.includes(spelling)).toBe(false);
}

async function said(answered: Promise<Response>): Promise<string> {
  const response = await answered;
  return JSON.stringify([...response.headers]) + (await response.text());
}

describe.each(credentials)('%s', (what, authConfig) => {
  const agentId = what.replaceAll(' ', '-');

  beforeAll(async () => {
    gateway.agent.card(cardAt(backendUrl));
    await register(gateway, { agentId, backendUrl, authConfig });
  });

  it.each(Object.keys(misdeeds))('stays with the gateway where the backend %s', async (name) => {
    cites('A2A-13.4-secrets');
    requests.splice(0);
    misdeed = misdeeds[name] ?? misdeed;
    const told: string[] = [];
    do {
      const answers = await Promise.all([
        said(gateway.fetch(`/agents/${agentId}/tasks/t-1`)),
        said(gateway.fetch(`/agents/${agentId}`, rpc('SendMessage', { message: { messageId: 'm' } }))),
        said(
          gateway.fetch(`/agents/${agentId}`, rpc('SendStreamingMessage', { message: { messageId: 'm' } })),
        ),
      ]);
      told.push(...answers);
      // On a busy machine a call may be given up before the backend has heard of it: then there was nothing to be told.
    } while (requests.length < 3);
    for (const request of requests)
      expect(secretSpellings.some((spelling) => request.includes(spelling))).toBe(true);
    expectSecrecy(told);
  });

  it('stays with the gateway where nobody listens any more, or the address is refused', async () => {
    const elsewhere = `${agentId}-gone`;
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const address = closed.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    await new Promise((resolve) => closed.close(resolve));
    gateway.agent.card(cardAt(url));
    await register(gateway, { agentId: elsewhere, backendUrl: url, authConfig });
    expectSecrecy([
      await said(gateway.fetch(`/agents/${elsewhere}/tasks/t-1`)),
      await said(gateway.admin('POST', `/admin/agents/${elsewhere}/sync`)),
      await said(gateway.admin('GET', '/admin/agents')),
    ]);
  });

  it('stays with the gateway where the card is fetched with it, and fails', async () => {
    misdeed = misdeeds['redirects to where it was called'] ?? misdeed;
    const body = {
      ...{ agentId: `${agentId}-card`, agentCardUrl: `${backendUrl}/card.json`, authConfig },
      backend: { type: 'http', authenticateCard: true },
    };
    expectSecrecy([
      await said(gateway.admin('POST', '/admin/agents', body)),
      await said(gateway.admin('POST', '/admin/agents?validateOnly=true', body)),
    ]);
  });
});
