import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindings, call, expectRefusal, success } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

/** Agents that cannot be reached, hang up, or answer what no caller may see. */

let gateway: TestGateway;
/** Counts what reaches it, wherever it is named. */
let elsewhere: Server;
let reachedElsewhere = 0;

beforeAll(async () => {
  gateway = await startGateway();
  await permit(gateway, 'demo', {
    allowedAgents: ['*'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  elsewhere = createServer((_request, response) => {
    reachedElsewhere++;
    response.end('{}');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  elsewhere.close();
  await gateway.close();
});

function originOf(server: Server, scheme = 'http'): string {
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server that listens has one.
}

/** Registers an agent whose card is served where it should be and names interfaces at another origin. */
async function registerAt(agentId: string, origin: string): Promise<void> {
  gateway.agent.card(cardAt(origin));
  await register(gateway, { agentId, backendUrl: origin });
}

describe.each(bindings)('in %s', (binding) => {
  it.each([301, 302, 303, 304, 307, 308])('a redirect with %i is not followed', async (status) => {
    gateway.agent.script((_request, response) => {
      response.writeHead(status, {
        location: `${originOf(elsewhere)}/rpc`,
        'content-type': 'application/json',
      });
      response.end(status === 304 ? undefined : success(binding, {}));
    });
    const seen = gateway.agent.seen.length;
    const response = await call(gateway, binding, 'SendMessage');
    expect(response.headers.get('location')).toBeNull();
    await expectRefusal(response, binding, 'UPSTREAM_REDIRECTED');
    expect([gateway.agent.seen.length - seen, reachedElsewhere]).toEqual([1, 0]);
  });

  it("an agent that wants another credential is the gateway's affair", async () => {
    cites('A2A-7.4-no-foreign-challenge', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    gateway.agent.script((_request, response) => {
      response.writeHead(401, {
        'www-authenticate': 'Basic realm="inside"',
        'content-type': 'application/json',
      });
      response.end(success(binding, {}));
    });
    const response = await call(gateway, binding, 'GetTask');
    expect(response.headers.get('www-authenticate')).toBeNull();
    await expectRefusal(response, binding, 'UPSTREAM_UNAUTHORIZED');
  });

  it.each(['before', 'within'])('an agent that hangs up %s its answer was reset', async (when) => {
    gateway.agent.script((_request, response) => {
      if (when === 'before') response.destroy();
      else response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy());
    });
    await expectRefusal(await call(gateway, binding, 'GetTask'), binding, 'UPSTREAM_RESET');
  });

  it('an agent that speaks no HTTP has answered something invalid', async () => {
    gateway.agent.script((_request, response) => {
      response.socket?.end('220 mail.example ESMTP\r\n');
    });
    const response = await call(gateway, binding, 'GetTask');
    await expectRefusal(response, binding, 'INVALID_AGENT_RESPONSE', { problem: 'http' });
  });

  it.each([
    ['result', 'GetTask', 200],
    ['error', 'GetTask', 404],
    ['stream', 'SendStreamingMessage', 200],
  ] as const)("nothing the agent's server says of itself comes with a %s", async (_, operation, status) => {
    gateway.agent.script((_request, response) => {
      response.writeHead(status, {
        'content-type': operation === 'GetTask' ? 'application/json' : 'text/event-stream',
        'set-cookie': ['a=1', 'b=2'],
        server: 'inside/1.0',
        'x-powered-by': 'inside',
        'www-authenticate': 'Basic realm="inside"',
        location: 'http://inside.example/',
        etag: '"1"',
        'cache-control': 'public, max-age=600',
        'access-control-allow-origin': '*',
        'a2a-extensions': 'https://a.example/x',
      });
      const result = binding === 'JSON-RPC' ? { error: { code: -32001, message: 'no' } } : { error: {} };
      response.end(
        status === 200 ? success(binding, {}) : JSON.stringify({ jsonrpc: '2.0', id: 1, ...result }),
      );
    });
    const response = await call(gateway, binding, operation);
    await response.text();
    expect(response.status).toBe(status);
    for (const name of ['set-cookie', 'server', 'x-powered-by', 'www-authenticate', 'location', 'etag']) {
      expect([name, response.headers.get(name)]).toEqual([name, null]);
    }
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('a2a-extensions')).toBe('https://a.example/x');
  });

  it("the caller's token, cookies and forwarding headers stay here", async () => {
    cites('A2A-7.3-identity-in-headers', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    gateway.agent.script(answerJson(success(binding, {})));
    const response = await call(gateway, binding, 'GetTask', {
      headers: {
        'content-type': 'application/json',
        cookie: 'session=1',
        'proxy-authorization': 'Basic eDp5',
        forwarded: 'for=10.0.0.1',
        'x-forwarded-for': '10.0.0.1',
        'x-amzn-oidc-identity': 'root',
        'a2a-extensions': 'https://a.example/x',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    });
    expect(response.status).toBe(200);
    const headers: IncomingHttpHeaders = gateway.agent.seen.at(-1)?.headers ?? {};
    expect(Object.keys(headers).sort()).toEqual(
      [
        'a2a-extensions',
        'a2a-version',
        'accept',
        'accept-encoding',
        'accept-language',
        'connection',
        'host',
        'traceparent',
        'tracestate',
        'user-agent',
        'x-request-id',
        ...(binding === 'JSON-RPC' ? ['content-length', 'content-type'] : []),
      ].sort(),
    );
    expect(headers['x-request-id']).toBe(response.headers.get('x-request-id'));
  });
});

describe('an agent', () => {
  it.each(bindings)('that nobody listens for cannot be reached in %s', async (binding) => {
    cites('A2A-5.4-unavailable', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const closing = createServer();
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
    const agentId = `away-${binding === 'JSON-RPC' ? 'rpc' : 'rest'}`;
    await registerAt(agentId, originOf(closing));
    await new Promise((resolve) => closing.close(resolve));
    const response = await call(gateway, binding, 'GetTask', { agentId });
    await expectRefusal(response, binding, 'UPSTREAM_UNREACHABLE');
  });

  it('with a certificate of nobody we know is not spoken to', async () => {
    cites('A2A-7.1-tls');
    const file = (name: string) => readFileSync(new URL(`./fixtures/tls/${name}`, import.meta.url));
    let requests = 0;
    const server = createTlsServer({ cert: file('agent-cert.pem'), key: file('agent-key.pem') }, () => {
      requests++;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await registerAt('tls', originOf(server, 'https'));
    for (const binding of bindings) {
      const response = await call(gateway, binding, 'GetTask', { agentId: 'tls' });
      await expectRefusal(response, binding, 'UPSTREAM_TLS_FAILED');
    }
    expect(requests).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});
