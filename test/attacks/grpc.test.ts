import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grpcMethod } from '../../src/grpc/methods.ts';
import { register, startGateway, type TestGateway } from '../support/gateway.ts';
import { type GrpcCaller, grpcCaller, grpcSettings, rpcResult } from '../support/grpc.ts';
import { frame, statusOfStream, wireCaller } from '../support/grpc-wire.ts';

/** Attacks on the port for gRPC: by routing, by tokens, by size. */

const maxBodyBytes = 65_536;
let gateway: TestGateway;
let token: string;
let alice: GrpcCaller;

beforeAll(async () => {
  gateway = await startGateway({
    settings: { grpc: grpcSettings, limits: { maxBodyBytes } },
  });
  await register(gateway, { agentId: 'hidden' });
  token = await gateway.issuer.token();
  alice = grpcCaller(gateway.grpcAddress, { token });
  gateway.agent.script(rpcResult(task));
});
afterAll(async () => {
  alice.close();
  await gateway.close();
});

const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };
const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
const getTask = { tenant: 'agent', id: 't-1' };

/** That the port still serves everyone else. */
async function expectServing(): Promise<void> {
  gateway.agent.script(rpcResult(task));
  const other = grpcCaller(gateway.grpcAddress, { token });
  expect((await other.call('GetTask', getTask)).code).toBe(status.OK);
  other.close();
}

async function unseen(attack: () => Promise<unknown>): Promise<void> {
  const { length } = gateway.agent.seen;
  await attack();
  expect(gateway.agent.seen.slice(length)).toEqual([]);
}

describe('a tenant', () => {
  it('of an agent that is hidden does not get past one that is not, by whatever way both are named', () =>
    unseen(async () => {
      const atAgent = grpcCaller(gateway.grpcAddress, { token, authority: 'agent.grpc.test' });
      const conflict = await atAgent.call('GetTask', { tenant: 'hidden', id: 't-1' });
      expect(conflict.code).toBe(status.INVALID_ARGUMENT);
      atAgent.close();
      const atHidden = grpcCaller(gateway.grpcAddress, { token, authority: 'hidden.grpc.test' });
      expect((await atHidden.call('GetTask', { id: 't-1' })).code).toBe(status.PERMISSION_DENIED);
      expect((await atHidden.call('GetTask', { tenant: 'agent', id: 't-1' })).code).toBe(
        status.INVALID_ARGUMENT,
      );
      atHidden.close();
    }));

  it('given twice counts as the last, for routing and for the agent alike', () =>
    unseen(async () => {
      const bytes = grpcMethod('GetTask', '1.0')?.encodeRequest(getTask) ?? new Uint8Array();
      const second = grpcMethod('GetTask', '1.0')?.encodeRequest({ tenant: 'hidden' }) ?? new Uint8Array();
      const outcome = await alice.raw('/lf.a2a.v1.A2AService/GetTask', Buffer.concat([bytes, second]));
      expect(outcome.code).toBe(status.PERMISSION_DENIED);
    }));

  it('of somebody else inside a push configuration never reaches the agent', () =>
    unseen(async () => {
      const taskPushNotificationConfig = { url: 'https://127.0.0.1/1', tenant: 'other' };
      const request = { tenant: 'agent', message, configuration: { taskPushNotificationConfig } };
      const { code, details } = await alice.call('SendMessage', request);
      expect(code).toBe(status.INVALID_ARGUMENT);
      expect(details).toContainEqual(expect.objectContaining({ reason: 'MEMBER_REFUSED' }));
    }));
});

describe('an authority', () => {
  it.each([
    'a b',
    'agent.grpc.test\u00e9',
    'agent.grpc.test/../hidden',
    'x'.repeat(10_000),
    '@hidden.grpc.test',
    '[::1',
  ])('that is none names no agent: %j', async (authority) => {
    await unseen(async () => {
      const mallory = wireCaller(gateway.grpcAddress, token);
      const stream = mallory.send('GetTask', { id: 't-1' }, { ':authority': authority });
      const code = await statusOfStream(stream);
      expect([undefined, status.INVALID_ARGUMENT]).toContain(code);
      mallory.close();
    });
    await expectServing();
  });
});

describe('a token over gRPC', () => {
  it.each([
    ['of another issuer', () => gateway.issuer.token({ iss: 'https://elsewhere.example' })],
    ['that has expired', () => gateway.issuer.token({ exp: 1 })],
    ['for another audience', () => gateway.issuer.token({ aud: 'https://elsewhere.example' })],
    ['without a signature', async () => `${btoa('{"alg":"none"}')}.${btoa('{"sub":"alice"}')}.`],
  ])('%s is refused', (_, make) =>
    unseen(async () => {
      const mallory = grpcCaller(gateway.grpcAddress, { token: await make() });
      expect((await mallory.call('GetTask', getTask)).code).toBe(status.UNAUTHENTICATED);
      mallory.close();
    }),
  );

  it.each(['1.0', '0.3'] as const)('is wanted by every method of %s', (version) =>
    unseen(async () => {
      const nobody = grpcCaller(gateway.grpcAddress, { authority: 'agent.grpc.test' });
      const { operations } = await import('../../src/protocol/operations.ts');
      for (const { name } of operations) {
        const path = grpcMethod(name, version)?.path;
        if (path === undefined) continue;
        const { code } = await nobody.raw(path, minimal(name, version));
        expect({ path, code }).toEqual({ path, code: status.UNAUTHENTICATED });
      }
      nobody.close();
    }),
  );

  it('given twice is none', () =>
    unseen(async () => {
      const good = `Bearer ${token}`;
      const { code } = await alice.call('GetTask', getTask, {
        metadata: { authorization: `${good}, ${good}` },
      });
      expect(code).toBe(status.UNAUTHENTICATED);
    }));

  it('does not open the port of somebody the metadata says to be', async () => {
    const metadata = { 'x-forwarded-user': 'admin', 'x-principal': 'admin', host: 'hidden.grpc.test' };
    const { code } = await alice.call('GetTask', { tenant: 'hidden', id: 't-1' }, { metadata });
    expect(code).toBe(status.PERMISSION_DENIED);
  });
});

/** The least by which a method is reached: 0.3 reads names before it asks who calls. */
function minimal(name: Parameters<typeof grpcMethod>[0], version: '1.0' | '0.3'): Uint8Array {
  const config = 'tasks/t-1/pushNotificationConfigs/p-1';
  const named = name.includes('Get') || name.includes('Delete') ? config : 'tasks/t-1';
  const pushNotificationConfig = { id: 'p-1', url: 'https://127.0.0.1/1' };
  const isPush = name.includes('Push');
  const legacy = {
    name: isPush ? named : 'tasks/t-1',
    parent: 'tasks/t-1',
    configId: 'p-1',
    ...(name.startsWith('Create') && { config: { name: config, pushNotificationConfig } }),
    message: { messageId: 'm-1', role: 'ROLE_USER', content: [{ text: 'hello' }] },
  };
  return grpcMethod(name, version)?.encodeRequest(version === '0.3' ? legacy : {}) ?? new Uint8Array();
}

describe('a message too large', () => {
  const large = { tenant: 'agent', message: { ...message, parts: [{ text: 'x'.repeat(2 * maxBodyBytes) }] } };

  it('is refused', () =>
    unseen(async () => {
      expect((await alice.call('SendMessage', large)).code).toBe(status.RESOURCE_EXHAUSTED);
    }));

  it('is refused by what it says of its size, before it has come', () =>
    unseen(async () => {
      const mallory = wireCaller(gateway.grpcAddress, token);
      const stream = mallory.begin('SendMessage');
      const head = Buffer.alloc(5);
      head.writeUInt32BE(0xffff_ffff, 1);
      stream.write(head);
      expect(await statusOfStream(stream)).toBe(status.RESOURCE_EXHAUSTED);
      mallory.close();
    }));

  it('is refused though it is small until it is unpacked', () =>
    unseen(async () => {
      const mallory = wireCaller(gateway.grpcAddress, token);
      const stream = mallory.begin('SendMessage', { 'grpc-encoding': 'gzip' });
      stream.end(frame(gzipSync(Buffer.alloc(64 * maxBodyBytes)), 1));
      expect(await statusOfStream(stream)).toBe(status.RESOURCE_EXHAUSTED);
      mallory.close();
    }));

  it.each(['identity', 'br', 'gzip'])(
    'or one that is not what it is said to be packed by is no harm: %s',
    async (encoding) => {
      await unseen(async () => {
        const mallory = wireCaller(gateway.grpcAddress, token);
        const stream = mallory.begin('SendMessage', { 'grpc-encoding': encoding });
        stream.end(frame(Buffer.from('not packed at all'), 1));
        expect(await statusOfStream(stream)).not.toBe(status.OK);
        mallory.close();
      });
      await expectServing();
    },
  );
});
