import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, parseSettings } from '../../src/config.ts';
import { newcomerSettings } from '../../src/runtimes/node/newcomer.ts';
import { permit, rpc, startGateway, type TestGateway } from '../support/gateway.ts';
import { type GrpcCallerOptions, grpcCaller, grpcSettings } from '../support/grpc.ts';
import { errorInfo, exchange, rawRequest } from '../support/raw.ts';
import { answerJson } from '../support/scripted-agent.ts';

/** Whoever gets at the principal of requests without a token from elsewhere than a program on this machine. */

const call = rpc('ListTasks');
const headers = { 'a2a-version': '1.0', 'content-type': 'application/json' };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({
    settings: {
      testing: { anonymous: { scopes: ['kit'] } },
      cors: { allowOrigins: ['*'] },
      grpc: { ...grpcSettings, publicAuthority: 'localhost:50051' },
    },
  });
  gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: {} }));
  await permit(gateway, 'kit', { allowedAgents: ['agent'], operations: ['read'] });
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

/** A call without a token, its Host and all else given. */
async function callWith(more: readonly string[]): Promise<number> {
  const body = String(call.body);
  const given = [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), ...more];
  const request = rawRequest('POST /agents/agent', [...given, `content-length: ${body.length}`], body);
  return (await exchange(gateway.url, request)).status;
}

describe('a request without a token', () => {
  it.each(['127.0.0.1', 'localhost', 'localhost:8080', '127.8.9.10:1', '[::1]:8080', 'agent.localhost:8080'])(
    'sent to %s has the test principal',
    async (host) => {
      expect(await callWith([`host: ${host}`])).toBe(200);
      expect(gateway.agent.seen).toHaveLength(1);
      expect(gateway.logged.at(-1)).toMatchObject({
        msg: 'request',
        issuer: 'urn:a2a-gateway:anonymous',
        subject: 'anonymous',
      });
    },
  );

  it.each([
    ['after DNS rebinding', 'host: attacker.example'],
    ['after DNS rebinding to a port', 'host: attacker.example:8080'],
    ['by a name that begins like loopback', 'host: 127.0.0.1.attacker.example'],
    ['by a name that ends like loopback', 'host: attackerlocalhost'],
    ['by a name below one that begins like loopback', 'host: localhost.attacker.example'],
    ['by the address of all interfaces', 'host: 0.0.0.0'],
    ['by the address of all interfaces in IPv6', 'host: [::]'],
    ['by loopback mapped into IPv6', 'host: [::ffff:7f00:1]'],
    ['by a private address', 'host: 10.0.0.1'],
  ])('is refused when it comes %s', async (_, host) => {
    expect(await callWith([host])).toBe(401);
    expect(gateway.agent.seen).toEqual([]);
  });

  it.each([
    ['a page, even of this host', 'origin: http://127.0.0.1:8080'],
    ['a page of a listed origin', 'origin: https://console.example.com'],
    ['a page without an origin', 'origin: null'],
    ['a page that hides its origin', 'sec-fetch-site: cross-site'],
    ['the address bar', 'sec-fetch-site: none'],
    ['a proxy that says for whom', 'x-forwarded-for: 203.0.113.7'],
    ['a proxy that says for whom, as loopback', 'X-Forwarded-For: 127.0.0.1'],
    ['a proxy that says for which host', 'x-forwarded-host: agents.example'],
    ['a proxy that says how', 'x-forwarded-proto: https'],
    ['a proxy of RFC 7239', 'forwarded: for=203.0.113.7'],
    ['a proxy of RFC 9110', 'via: 1.1 edge'],
    ['a proxy with another header', 'x-real-ip: 203.0.113.7'],
    ['a delivery network', 'cf-connecting-ip: 203.0.113.7'],
    ['a load balancer', 'x-amzn-trace-id: Root=1-67891233-abcdef012345678912345678'],
    ['a mesh', 'x-envoy-external-address: 203.0.113.7'],
  ])('is refused when it comes from %s', async (_, header) => {
    expect(await callWith(['host: 127.0.0.1', header])).toBe(401);
    expect(gateway.agent.seen).toEqual([]);
    const [sign] = header.toLowerCase().split(':');
    expect(gateway.logged).toContainEqual(
      expect.objectContaining({ msg: 'anonymous request refused', sign: sign ?? '' }),
    );
  });

  it('is refused where its permissions end, as any principal', async () => {
    const cancel = await fetch(`${gateway.url}/agents/agent`, {
      ...rpc('CancelTask', { id: 't-1' }),
      headers,
    });
    expect(cancel.status).toBe(403);
    const foreign = await fetch(`${gateway.url}/agents/another`, { ...call, headers });
    expect(foreign.status).toBe(403);
    expect(gateway.agent.seen).toEqual([]);
  });

  it.each(['/admin/agents', '/admin/permissions'])('manages nothing: %s', async (path) => {
    const answer = await fetch(gateway.url + path);
    expect(answer.status).toBe(403);
    expect(errorInfo(await answer.text())?.reason).toBe('SCOPE_MISSING');
  });

  it('finds the agents it may call, and those alone', async () => {
    const answer = await fetch(`${gateway.url}/agents`);
    expect(await answer.json()).toMatchObject({ agents: [{ agentId: 'agent' }], totalSize: 1 });
  });
});

describe('a request with an Authorization header', () => {
  it.each([
    ['a token that is none', 'Bearer x'],
    ['an expired token', async () => `Bearer ${await gateway.issuer.token({ exp: 1 })}`],
    ['no token at all', ''],
    ['a blank', ' '],
    ['another scheme', 'Basic eDp5'],
  ])('is judged by it: %s', async (_, given) => {
    const authorization = typeof given === 'string' ? given : await given();
    const answer = await fetch(`${gateway.url}/agents/agent`, {
      ...call,
      headers: { ...headers, authorization },
    });
    expect(answer.status).toBe(401);
    expect(gateway.agent.seen).toEqual([]);
  });

  it('has its own principal', async () => {
    expect((await gateway.fetch('/agents/agent', call)).status).toBe(200);
    expect(gateway.logged.at(-1)).toMatchObject({ subject: 'alice' });
  });
});

it('a gateway with the test principal says so when it starts', () => {
  expect(gateway.logged).toContainEqual(
    expect.objectContaining({ level: 40, scopes: ['kit'], subject: 'anonymous' }),
  );
});

it('a gateway without the setting refuses what brings no token', async () => {
  const plain = await startGateway({ registration: null });
  try {
    expect((await fetch(`${plain.url}/agents`)).status).toBe(401);
  } finally {
    await plain.close();
  }
});

describe('the setting', () => {
  const here = {
    publicUrl: 'http://127.0.0.1:8080',
    issuers: [{ issuer: 'https://login.example', audiences: ['a'] }],
    testing: { anonymous: { scopes: ['kit'] } },
  };

  it.each(['127.0.0.1', '127.3.2.1', '::1'])('is taken where the listener is bound to %s', (host) => {
    const settings = parseSettings({ ...here, listen: { host } }, {});
    expect(settings.testing.anonymous).toEqual({ scopes: ['kit'], subject: 'anonymous' });
  });

  it.each([
    '0.0.0.0',
    '::',
    '::ffff:127.0.0.1',
    '127.0.0.1.attacker.example',
    '127.0.0.256',
    '10.0.0.1',
    '192.168.0.10',
    'localhost',
    'gateway.internal',
  ])('is refused, in one line, where the listener is bound to %s', (host) => {
    expect(problemsOf({ ...here, listen: { host } })).toEqual([
      expect.stringMatching(/^setting testing\.anonymous\.scopes: [^\n]+$/),
    ]);
  });

  it.each(['https://agents.example', 'https://127.0.0.1.attacker.example'])(
    'is refused where callers know the gateway as %s',
    (publicUrl) => {
      expect(problemsOf({ ...here, publicUrl })).toHaveLength(1);
    },
  );

  it.each(['gateway:admin', 'gateway:register', 'gateway:'])('grants no %s', (scope) => {
    const problems = problemsOf({ ...here, testing: { anonymous: { scopes: ['kit', scope] } } });
    expect(problems).toEqual([expect.stringMatching(/^setting testing\.anonymous\.scopes\.1: /)]);
  });

  it('is refused in newcomer mode', () => {
    const start = () => newcomerSettings({ A2A_GATEWAY_TESTING_ANONYMOUS_SCOPES: 'demo' });
    expect(start).toThrow(ConfigError);
  });

  function problemsOf(file: unknown): readonly string[] {
    try {
      parseSettings(file, {});
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    throw new Error('the settings were taken');
  }
});

describe('a call over gRPC without a token', () => {
  async function codeOf(options: GrpcCallerOptions, metadata: Record<string, string> = {}): Promise<number> {
    const nobody = grpcCaller(gateway.grpcAddress, options);
    const { code } = await nobody.call('ListTasks', { tenant: 'agent' }, { metadata });
    nobody.close();
    return code;
  }

  it.each([undefined, 'localhost:50051', 'agent.localhost'])(
    'to %s has the test principal',
    async (authority) => {
      expect(await codeOf(authority === undefined ? {} : { authority })).toBe(status.OK);
      expect(gateway.agent.seen).toHaveLength(1);
    },
  );

  it.each(['attacker.example', '127.0.0.1.attacker.example', '10.0.0.1:50051'])(
    'is refused when it comes to %s',
    async (authority) => {
      expect(await codeOf({ authority })).toBe(status.UNAUTHENTICATED);
      expect(gateway.agent.seen).toEqual([]);
    },
  );

  it.each(['forwarded', 'via', 'x-forwarded-for', 'x-envoy-external-address', 'origin'])(
    'is refused when it shows by %s that it comes from elsewhere',
    async (name) => {
      expect(await codeOf({}, { [name]: '203.0.113.7' })).toBe(status.UNAUTHENTICATED);
      expect(gateway.agent.seen).toEqual([]);
    },
  );

  it('is refused with a token that is bad', async () => {
    expect(await codeOf({ token: 'none' })).toBe(status.UNAUTHENTICATED);
  });
});
