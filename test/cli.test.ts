import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { accessToken } from '../examples/caller.ts';
import { grpcCaller, grpcSettings } from './support/grpc.ts';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { type Ended, newFolder, runGateway } from './support/process.ts';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';
import { readStream } from './support/stream-reader.ts';

// Each test starts up to four processes, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

let issuer: TestIssuer;
let agent: ScriptedAgent;

beforeAll(async () => {
  [issuer, agent] = await Promise.all([startIssuer(), startScriptedAgent()]);
});

afterAll(() => Promise.all([issuer.close(), agent.close()]));

/** A configuration file of these settings: JSON is YAML. */
function configFile(settings: unknown): string {
  const file = join(newFolder(), 'gateway.yaml');
  writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
  return file;
}

/** Settings that work, for a gateway that trusts the test issuer. */
function goodSettings(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    publicUrl: 'http://127.0.0.1:1',
    issuers: [{ issuer: issuer.issuer, audiences: [testAudience] }],
    upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
    listen: { port: 0 },
    dataDir: newFolder(),
    ...members,
  };
}

function devEnvironment(members: Record<string, string> = {}): Record<string, string> {
  return { PORT: '0', A2A_GATEWAY_DATA_DIR: newFolder(), ...members };
}

type Caller = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Response>;

function callerAt(url: string, token: string): Caller {
  return (method, path, body, headers = {}) =>
    fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'a2a-version': '1.0',
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
}

function devToken(url: string, client: string): Promise<string> {
  return accessToken(`${url}/dev/issuer`, client, `${client}-secret`);
}

function message(text: string): { message: object } {
  return { message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text }] } };
}

/** One line that says what keeps it from starting, and nothing else. */
function expectRefused({ code, out, err }: Ended, lines = 1): void {
  expect({ code, out }).toEqual({ code: 1, out: [] });
  expect(err).toHaveLength(lines);
  for (const line of err) expect(line).toMatch(/^a2a-gateway: \S/);
}

describe('a2a-gateway dev', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'says ready last, and ends at %s with the streams it carries and its port',
    async (signal) => {
      const gateway = runGateway(['dev'], devEnvironment());
      const url = await gateway.ready;
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(gateway.out.at(-1)).toBe(`ready ${url}`);
      const alice = callerAt(url, await devToken(url, 'alice'));
      const response = await alice('POST', '/agents/researcher/message:stream', message('Tides'));
      const stream = readStream(response);
      await stream.until('TASK_STATE_WORKING');
      gateway.kill(signal);
      const rest = await stream.rest();
      expect(rest).toMatch(/\n: [^\n]*subscribe again\n\n$/);
      expect(rest).not.toContain('TASK_STATE_COMPLETED');
      expect(await gateway.ended).toMatchObject({ code: 0, signal: null, err: [] });
      await expect(fetch(`${url}/health`)).rejects.toThrow();
    },
  );

  it('finds at a second start what it knew at the first', async () => {
    const environment = devEnvironment();
    const first = runGateway(['dev'], environment);
    const url = await first.ready;
    const tokens = await Promise.all([devToken(url, 'admin'), devToken(url, 'alice')]);
    const [admin, alice] = [callerAt(url, tokens[0]), callerAt(url, tokens[1])];
    await admin('POST', '/admin/agents', { agentId: 'mine', agentCardUrl: agent.cardUrl });
    await admin('PUT', '/admin/permissions/team', { allowedAgents: ['mine'] });
    await admin('PATCH', '/admin/agents/echo/status', { status: 'inactive', reason: 'by hand' });
    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);

    const second = runGateway(['dev'], { ...environment, PORT: new URL(url).port });
    expect(await second.ready).toBe(url);
    expect(await (await admin('GET', '/admin/agents/mine')).json()).toMatchObject({ status: 'active' });
    expect(await (await admin('GET', '/admin/permissions/team')).json()).toMatchObject({
      allowedAgents: ['mine'],
    });
    expect(await (await admin('GET', '/admin/agents/echo')).json()).toMatchObject({
      status: 'inactive',
      statusReason: 'by hand',
    });
    const sent = await alice('POST', '/agents/writer/message:send', message('Write about the sea'));
    expect(await sent.json()).toMatchObject({ task: { status: { state: 'TASK_STATE_COMPLETED' } } });
    second.kill('SIGINT');
    expect((await second.ended).code).toBe(0);
  });

  it('serves gRPC on a port of its own, a free one where another has the usual one, and says which', async () => {
    const gateways = [runGateway(['dev'], devEnvironment()), runGateway(['dev'], devEnvironment())];
    const urls = await Promise.all(gateways.map(({ ready }) => ready));
    const addresses = gateways.map(({ out }) => /^gRPC +(\S+:\d+),/m.exec(out.join('\n'))?.[1] ?? '');
    expect(new Set(addresses).size).toBe(2);
    for (const [index, address] of addresses.entries()) {
      const token = await devToken(urls[index] ?? '', 'alice');
      const alice = grpcCaller(address, { token });
      expect(await alice.call('SendMessage', { tenant: 'echo', ...message('Hello') })).toMatchObject({
        code: status.OK,
        messages: [{ message: { parts: [{ text: 'Hello' }] } }],
      });
      alice.close();
    }
    for (const gateway of gateways) gateway.kill('SIGTERM');
    for (const { ended } of gateways) expect(await ended).toMatchObject({ code: 0, err: [] });
  });

  it('needs the key its secrets are sealed with', async () => {
    const environment = devEnvironment();
    const first = runGateway(['dev'], environment);
    await first.ready;
    first.kill('SIGTERM');
    await first.ended;
    const keyFile = join(environment.A2A_GATEWAY_DATA_DIR ?? '', 'secret.key');
    const key = readFileSync(keyFile, 'utf8');
    for (const wrong of ['not a key', Buffer.alloc(32, 7).toString('base64')]) {
      writeFileSync(keyFile, wrong);
      const ended = await runGateway(['dev'], environment).ended;
      expectRefused(ended);
      expect(ended.err[0]).not.toContain(wrong);
    }
    writeFileSync(keyFile, key);
    await expect(runGateway(['dev'], environment).ready).resolves.toMatch(/^http/);
  });
});

describe.concurrent('a start that cannot be', () => {
  it('has its port taken', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)); // TCP has a port.
    });
    const ended = await runGateway(['dev'], devEnvironment({ PORT: String(port) })).ended;
    server.close();
    expectRefused(ended);
    expect(ended.err[0]).toContain(`127.0.0.1:${port}`);
  });

  it.each([
    ['a port that is none', { PORT: 'eighty' }, /listen\.port/],
    ['a level nobody logs at', { A2A_GATEWAY_LOG_LEVEL: 'loud' }, /log\.level/],
    ['a variable nobody knows', { A2A_GATEWAY_PROT: '1' }, /A2A_GATEWAY_PROT/],
    ['what newcomer mode fixes', { A2A_GATEWAY_UPSTREAM_ALLOW_HTTP: 'false' }, /UPSTREAM_ALLOW_HTTP/],
    ['where its webhooks are', { A2A_GATEWAY_PUSH_UPSTREAM_ALLOW_HTTP: 'false' }, /PUSH_UPSTREAM_ALLOW_HTTP/],
    ['another host for gRPC', { A2A_GATEWAY_GRPC_LISTEN_HOST: '0.0.0.0' }, /GRPC_LISTEN_HOST/],
  ])('has %s', async (_, variables, named) => {
    const ended = await runGateway(['dev'], devEnvironment(variables)).ended;
    expectRefused(ended);
    expect(ended.err[0]).toMatch(named);
  });

  it('has its data folder below a file', async () => {
    const file = configFile('');
    const dataDir = join(file, 'data');
    expectRefused(await runGateway(['dev'], devEnvironment({ A2A_GATEWAY_DATA_DIR: dataDir })).ended);
    const settings = configFile(goodSettings({ dataDir }));
    expectRefused(await runGateway(['serve', '--config', settings]).ended);
  });

  it.each([
    ['no settings', '', 2, /publicUrl|issuers/],
    ['no file where one was named', undefined, 1, /cannot read/],
    ['a file that is no YAML', 'a: [1', 1, /cannot read/],
    ['a file that says one thing twice', 'dataDir: a\ndataDir: b', 1, /cannot read/],
    ['a file of something else', '- a', 1, /file/],
  ])('has %s', async (_, text, lines, named) => {
    const file = text === undefined ? join(newFolder(), 'none.yaml') : configFile(text);
    const ended = await runGateway(['serve', '--config', file], { PORT: '0' }).ended;
    expectRefused(ended, lines);
    for (const line of ended.err) expect(line).toMatch(named);
  });

  it('has no settings at all', async () => {
    expectRefused(await runGateway(['serve']).ended, 2);
  });

  it('has settings nobody knows, in the file and in the environment', async () => {
    const file = configFile(goodSettings({ dataDirectory: '/tmp', listen: { prot: 1 } }));
    const ended = await runGateway(['serve', '-c', file], { A2A_GATEWAY_PROT: '1' }).ended;
    expectRefused(ended, 3);
    for (const name of ['dataDirectory', 'listen.prot', 'A2A_GATEWAY_PROT'])
      expect(ended.err.join('\n')).toContain(name);
  });

  it('has settings that contradict each other', async () => {
    const insecure = { publicUrl: 'http://agents.example', issuers: [{ issuer: issuer.issuer }] };
    const ended = await runGateway(['serve', '-c', configFile(goodSettings(insecure))]).ended;
    expectRefused(ended, 2);
    expect(ended.err.map((line) => /setting ([\w.]+)/.exec(line)?.[1]).sort()).toEqual([
      'issuers.0',
      'publicUrl',
    ]);
  });

  it.each([
    ['a network that is none', { upstream: { allowAddresses: ['10.0.0.0/40'] } }],
    ['a host that is none', { upstream: { denyHosts: ['https://agent.example/'] } }],
    ['authorities that are not there', { upstream: { caFile: '/nowhere/ca.pem' } }],
    ['authorities that are none', { upstream: { caFile: import.meta.filename } }],
    ['a proxy that is none', { upstream: { proxy: { url: 'http://proxy.example/path' } } }],
    [
      'authorities of a proxy that are not there',
      { upstream: { proxy: { url: 'https://proxy.example', caFile: '/nowhere/ca.pem' } } },
    ],
    ['a sealing key that is too short', { secretKey: 'c2hvcnQ=' }],
    ['gRPC that nobody is told where to find', { grpc: { enabled: true } }],
    [
      'a certificate for gRPC that is not there',
      {
        grpc: {
          enabled: true,
          publicAuthority: 'grpc.example:443',
          listen: { port: 0 },
          tls: { certificateFile: '/nowhere/certificate.pem', privateKeyFile: '/nowhere/key.pem' },
        },
      },
    ],
  ])('has %s', async (_, members) => {
    expectRefused(await runGateway(['serve', '-c', configFile(goodSettings(members))]).ended);
  });
});

describe('a2a-gateway serve', () => {
  it('starts empty, says ready, and keeps nothing for newcomers', async () => {
    const gateway = runGateway(['serve', '--config', configFile(goodSettings())]);
    const url = await gateway.ready;
    expect(gateway.out).toEqual([`ready ${url}`]);
    const admin = callerAt(url, await issuer.token({ scope: 'gateway:admin' }));
    expect(await (await admin('GET', '/admin/agents')).json()).toMatchObject({ totalSize: 0 });
    expect(await (await admin('GET', '/admin/permissions')).json()).toMatchObject({ totalSize: 0 });
    expect((await fetch(`${url}/dev/issuer/.well-known/openid-configuration`)).status).toBe(404);
    gateway.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
  });

  it('says where it serves gRPC, and ends its streams', async () => {
    const grpc = { ...grpcSettings, agentAuthorities: false };
    const gateway = runGateway(['serve', '--config', configFile(goodSettings({ grpc }))]);
    const url = await gateway.ready;
    const [line = '', ...rest] = gateway.out;
    expect(line).toMatch(/^gRPC 127\.0\.0\.1:\d+$/);
    expect(rest).toEqual([`ready ${url}`]);
    const nobody = grpcCaller(line.slice('gRPC '.length));
    const { code } = await nobody.call('GetTask', { tenant: 'agent', id: 't-1' });
    expect(code).toBe(status.UNAUTHENTICATED);
    gateway.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
    nobody.close();
  });

  it('seals with the key of the environment, keeps no file of it, and starts with no other', async () => {
    const dataDir = newFolder();
    const file = configFile(goodSettings({ dataDir }));
    const withKey = (byte: number) => ({
      A2A_GATEWAY_SECRET_KEY: Buffer.alloc(32, byte).toString('hex'),
    });
    const first = runGateway(['serve', '-c', file], withKey(1));
    const admin = callerAt(await first.ready, await issuer.token({ scope: 'gateway:admin' }));
    const registered = await admin('POST', '/admin/agents', {
      agentId: 'billing',
      agentCardUrl: agent.cardUrl,
      authConfig: {
        type: 'oauth2_client_credentials',
        tokenUrl: `${issuer.issuer}/token`,
        clientId: 'gateway',
        clientSecret: 'a-secret',
      },
    });
    expect(registered.status).toBe(201);
    expect(existsSync(join(dataDir, 'secret.key'))).toBe(false);
    first.kill('SIGTERM');
    await first.ended;
    expectRefused(await runGateway(['serve', '-c', file], withKey(2)).ended);
    await expect(runGateway(['serve', '-c', file], withKey(1)).ready).resolves.toMatch(/^http/);
  });
});

describe.concurrent('a2a-gateway', () => {
  it('tells its use and its version', async () => {
    const [help, version] = await Promise.all([
      runGateway(['--help']).ended,
      runGateway(['--version']).ended,
    ]);
    expect(help).toMatchObject({ code: 0, err: [] });
    for (const command of ['dev', 'serve']) expect(help.out.join('\n')).toContain(`\n  ${command}`);
    expect(version).toMatchObject({ code: 0, out: [expect.stringMatching(/^\d+\.\d+\.\d+/)], err: [] });
  });

  it.each([[['serv']], [['serve', '--port', '1']], [[]]])('ends with 2 when misused: %j', async (args) => {
    const { code, out, err } = await runGateway(args).ended;
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err.length).toBeGreaterThan(0);
  });
});
