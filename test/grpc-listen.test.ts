import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, parseSettings } from '../src/config.ts';
import { createGuard } from '../src/runtimes/node/grpc/guard.ts';
import { listenGrpc } from '../src/runtimes/node/grpc/listen.ts';
import { ListenError } from '../src/runtimes/node/listen-error.ts';
import { createJsonLog } from '../src/telemetry/json-log.ts';
import { type Authority, createAuthority, type Issued } from './support/certificates.ts';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { grpcCaller, grpcSettings, rpcResult } from './support/grpc.ts';
import { frame, statusOfStream, wireCaller } from './support/grpc-wire.ts';

/** The port for gRPC itself: TLS, what keeps it from opening, what it does before it answers. */

let folder: string;
let authority: Authority;
let issued: Issued;
const files = { certificateFile: '', privateKeyFile: '' };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'a2a-grpc-'));
  authority = await createAuthority();
  issued = await authority.issue({ hosts: ['localhost', '127.0.0.1', '*.grpc.test'] });
  files.certificateFile = join(folder, 'certificate.pem');
  files.privateKeyFile = join(folder, 'key.pem');
  writeFileSync(files.certificateFile, issued.certificate);
  writeFileSync(files.privateKeyFile, issued.privateKey);
});
afterAll(() => rmSync(folder, { recursive: true }));

const log = createJsonLog('error', () => {});

function settingsOf(grpc: Record<string, unknown>) {
  const issuers = [{ issuer: 'https://login.example', audiences: ['https://agents.example'] }];
  return parseSettings(
    { publicUrl: 'https://agents.example', issuers, grpc: { ...grpcSettings, ...grpc } },
    {},
  ).grpc;
}

describe('gRPC with TLS', () => {
  let gateway: TestGateway;
  let token: string;

  beforeAll(async () => {
    gateway = await startGateway({ settings: { grpc: { ...grpcSettings, tls: files } } });
    token = await gateway.issuer.token();
    gateway.agent.script(rpcResult({ id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } }));
  });
  afterAll(() => gateway.close());

  it('is served to who trusts the certificate, at the authority of an agent', async () => {
    cites('A2A-10.3-routing', 'A2A-7.1-tls', 'gRPC 1.0');
    const trusting = credentials.createSsl(Buffer.from(authority.certificate));
    const alice = grpcCaller(gateway.grpcAddress, {
      token,
      credentials: trusting,
      authority: 'agent.grpc.test',
      channel: { 'grpc.ssl_target_name_override': 'agent.grpc.test' },
    });
    expect((await alice.call('GetTask', { id: 't-1' })).code).toBe(status.OK);
    alice.close();
  });

  it('is not to be had without it', async () => {
    const plain = grpcCaller(gateway.grpcAddress, { token });
    expect((await plain.call('GetTask', { tenant: 'agent', id: 't-1' }, { deadlineMs: 5_000 })).code).toBe(
      status.UNAVAILABLE,
    );
    plain.close();
  });

  it('speaks nothing but HTTP/2', async () => {
    const [host = '', port] = gateway.grpcAddress.split(':');
    const ca = authority.certificate;
    const refused = new Promise<Error>((resolve, reject) => {
      const socket = connectTls({ host, port: Number(port), ca, ALPNProtocols: ['http/1.1'] }, () =>
        reject(new Error('taken')),
      );
      socket.once('error', resolve);
    });
    await expect(refused).resolves.toBeInstanceOf(Error);
  });
});

describe('the health of the port for gRPC', () => {
  const check = '/grpc.health.v1.Health/Check';

  it('is told to anyone, of the whole and of each service, and of no other', async () => {
    const gateway = await startGateway({ settings: { grpc: grpcSettings }, registration: null });
    const probe = wireCaller(gateway.grpcAddress, '');
    const asked = ['', 'lf.a2a.v1.A2AService', 'a2a.v1.A2AService', 'a2a.v1', '\xff'].map(async (service) => {
      const name = Buffer.from(service, 'latin1');
      const request = name.length === 0 ? name : Buffer.concat([Buffer.of(0x0a, name.length), name]);
      const stream = probe.begin('GetTask', { ':path': check });
      stream.end(frame(request));
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      return [await statusOfStream(stream), Buffer.concat(pieces).toString('hex')];
    });
    const serving = [status.OK, '00000000020801'];
    expect(await Promise.all(asked)).toEqual([
      serving,
      serving,
      serving,
      [status.NOT_FOUND, ''],
      [status.NOT_FOUND, ''],
    ]);
    probe.close();
    await gateway.close();
  });
});

describe('the port for gRPC', () => {
  it('that is taken is told in one line, with the setting', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)); // TCP has a port.
    });
    const opening = listenGrpc(settingsOf({ listen: { port } }), log);
    await expect(opening).rejects.toThrow(ListenError);
    await expect(opening).rejects.toThrow(/^cannot listen on 127\.0\.0\.1:\d+: .*grpc\.listen\.port/);
    other.close();
  });

  it.each([
    [
      'no certificate there',
      () => ({ ...files, certificateFile: join(folder, 'none.pem') }),
      'certificateFile',
    ],
    ['no key there', () => ({ ...files, privateKeyFile: join(folder, 'none.pem') }), 'privateKeyFile'],
    ['a certificate that is none', () => ({ ...files, certificateFile: import.meta.filename }), 'tls'],
  ])('does not open with %s', async (_, tls, named) => {
    const opening = listenGrpc(settingsOf({ tls: tls() }), log);
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(named);
  });

  it('does not open with the key of another certificate', async () => {
    const other = join(folder, 'other.pem');
    writeFileSync(other, (await authority.issue()).privateKey);
    const opening = listenGrpc(settingsOf({ tls: { ...files, privateKeyFile: other } }), log);
    await expect(opening).rejects.toThrow(ConfigError);
  });

  it('lets those wait who come before it serves, and ends them where it never does', async () => {
    const server = await listenGrpc(settingsOf({}), log);
    const early = wireCaller(server.address, 'token');
    const ended = statusOfStream(early.begin('GetTask'));
    await new Promise((resolve) => early.session.once('connect', resolve));
    await server.close();
    expect(await ended).toBeUndefined();
    early.close();
  });
});

describe('a call that does not finish sending', () => {
  it('is refused in time', async () => {
    const options = { maxMetadataBytes: 1_000, requestTimeoutMs: 20 };
    const server = new Server({ interceptors: [createGuard(options)] });
    const path = '/lf.a2a.v1.A2AService/GetTask';
    const bytes = (message: Buffer) => message;
    let handled = 0;
    server.register(path, () => void handled++, bytes, bytes, 'serverStream');
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const slow = wireCaller(`127.0.0.1:${port}`, 'token');
    expect(await statusOfStream(slow.begin('GetTask'))).toBe(status.RESOURCE_EXHAUSTED);
    expect(handled).toBe(0);
    slow.close();
    server.forceShutdown();
  });
});
