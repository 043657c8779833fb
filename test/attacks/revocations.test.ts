import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../src/http/routes.ts';
import { bindings, call, expectErrorEvent, expectRefusal } from '../support/bindings.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from '../support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from '../support/issuer.ts';
import { type Dialect, dialects, idsIn, sent } from '../support/resuming.ts';
import { answerJson, type HeldCall, nextCall } from '../support/scripted-agent.ts';
import { startStand } from '../support/stand.ts';
import { readStream, type StreamReader } from '../support/stream-reader.ts';

/** Who is revoked gets nothing more, by whatever way; and nobody else is harmed. */

let gateway: TestGateway;
let neighbour: TestIssuer;

beforeAll(async () => {
  neighbour = await startIssuer();
  gateway = await startGateway({
    otherIssuers: [{ issuer: neighbour.issuer, audiences: [testAudience] }],
    settings: {
      streams: { keepAliveMs: 60_000, resumeWindowMs: 3_600_000, replay: { retentionMs: 3_600_000 } },
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await neighbour.close();
});

const lifting: string[] = [];
afterEach(async () => {
  for (const id of lifting.splice(0)) await gateway.admin('DELETE', `/admin/revocations/${id}`);
});

async function revoke(target: Record<string, unknown>): Promise<void> {
  const made = await gateway.admin('POST', '/admin/revocations', {
    issuer: gateway.issuer.issuer,
    ...target,
  });
  expect(made.status).toBe(201);
  lifting.push(((await made.json()) as { revocationId: string }).revocationId);
}

async function callerOf(claims: Record<string, unknown>, issuer = gateway.issuer) {
  return withHeaders(gateway, { authorization: `Bearer ${await issuer.token(claims)}` });
}

/** Whether calls with such a token are refused for who makes them. */
async function isRefused(claims: Record<string, unknown>, issuer = gateway.issuer): Promise<boolean> {
  const { status } = await (await callerOf(claims, issuer)).fetch('/agents');
  return status === 401;
}

describe('a revocation', () => {
  it('is of one issuer: another’s subjects, clients and tokens of the same names are unharmed', async () => {
    const claims = { sub: 'twin', client_id: 'twin', jti: 'twin' };
    for (const target of [
      { kind: 'principal', subject: 'twin' },
      { kind: 'client', clientId: 'twin' },
      { kind: 'token', tokenId: 'twin' },
    ])
      await revoke(target);
    expect([await isRefused(claims), await isRefused(claims, neighbour)]).toEqual([true, false]);
  });

  it.each(['Twin', 'twin ', ' twin', 'twin\0', 'tw\u0131n', 'twin/', '%74win', 'client:twin'])(
    'is of one spelling: %j is somebody else',
    async (other) => {
      await revoke({ kind: 'principal', subject: 'twin' });
      expect(await isRefused({ sub: other, client_id: 'x' })).toBe(false);
      await revoke({ kind: 'principal', subject: other });
      expect(await isRefused({ sub: other, client_id: 'x' })).toBe(true);
    },
  );

  it('is of no kind but its own', async () => {
    await revoke({ kind: 'principal', subject: 'p' });
    await revoke({ kind: 'client', clientId: 'c' });
    await revoke({ kind: 'token', tokenId: 't' });
    expect(await isRefused({ sub: 'c', client_id: 't', jti: 'p' })).toBe(false);
    expect(await isRefused({ sub: 't', client_id: 'p', jti: 'c' })).toBe(false);
  });

  it.each(['__proto__', 'constructor', 'toString', 'undefined', 'null', '","'])(
    'may be of a name such as %j, and is then of that alone',
    async (name) => {
      await revoke({ kind: 'principal', subject: name });
      await revoke({ kind: 'client', clientId: name });
      await revoke({ kind: 'token', tokenId: name });
      expect(await isRefused({ sub: name })).toBe(true);
      expect(await isRefused({ sub: 'a', client_id: undefined, jti: undefined })).toBe(false);
    },
  );

  it('is not got round by a token of another scope, audience list, id or time', async () => {
    await revoke({ kind: 'principal', subject: 'mallory' });
    for (const more of [
      { scope: 'gateway:admin' },
      { aud: [testAudience, 'x'] },
      { iat: Math.floor(Date.now() / 1_000) + 5 },
      { jti: 'another' },
    ])
      expect(await isRefused({ sub: 'mallory', ...more })).toBe(true);
  });

  it('of a client is not got round by what else names one', async () => {
    await revoke({ kind: 'client', clientId: 'app' });
    expect(await isRefused({ client_id: 'app', azp: 'other' })).toBe(true);
    expect(await isRefused({ client_id: undefined, azp: 'app' })).toBe(true);
    expect(await isRefused({ client_id: undefined, azp: undefined, appid: 'app' })).toBe(true);
    // A machine's token may have no subject but its client.
    expect(await isRefused({ sub: undefined, client_id: 'app' })).toBe(true);
  });

  it('holds on every route that takes a token', async () => {
    const claims = { sub: 'mallory', scope: 'demo gateway:admin gateway:register' };
    await revoke({ kind: 'principal', subject: 'mallory' });
    const mallory = await callerOf(claims);
    // The directory's own card is nobody's here: there is no directory.
    const guarded = routes.filter(
      ({ access, proof, path }) =>
        access !== 'anyone' && proof === undefined && !path.startsWith('/.well-known/agent-card.json'),
    );
    for (const { method, path } of guarded) {
      const at = path.replace('{agentId}', 'agent').replace(/\{\w+(?:\.\.\.)?\}/g, 'x');
      const isBodiless = method === 'GET' || method === 'DELETE';
      const answer = await mallory.fetch(at, {
        method: method === 'ALL' ? 'POST' : method,
        ...(!isBodiless && { body: '{}', headers: { 'content-type': 'application/json' } }),
      });
      expect([method, path, answer.status]).toEqual([method, path, 401]);
    }
    expect(guarded.length).toBeGreaterThan(25);
  });
});

describe('a call whose body is held back until its caller is revoked', () => {
  const params = { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'late' }] } };

  it.each([
    ['/agents/agent', { jsonrpc: '2.0', id: 1, method: 'SendMessage', params }],
    ['/agents/agent/message:send', params],
    ['/agents/agent/message:stream', params],
  ])('reaches no agent: %s', async (path, content) => {
    const stand = await startStand();
    try {
      const gateway = await stand.gateway();
      const { store } = await stand.adapters();
      const asked = async (at: string, method: string, claims: object, body: ReadableStream | string) =>
        gateway(
          new Request(`https://agents.test${at}`, {
            ...{ method, body, duplex: 'half' },
            headers: {
              authorization: `Bearer ${await stand.issuer.token({ ...claims })}`,
              'content-type': 'application/json',
              'a2a-version': '1.0',
            },
          } as RequestInit),
        );
      const admin = { sub: 'admin', scope: 'gateway:admin' };
      const agent = { agentId: 'agent', agentCardUrl: stand.agent.cardUrl, ownership: 'backend' };
      await asked('/admin/agents', 'POST', admin, JSON.stringify(agent));
      const granted = JSON.stringify({ allowedAgents: ['agent'] });
      await asked('/admin/permissions/demo', 'PUT', admin, granted);
      // Read only when the caller has been let in.
      const body = new ReadableStream(
        {
          async pull(controller) {
            const alice = { kind: 'principal', issuer: stand.issuer.issuer, id: 'alice' } as const;
            const by = { issuer: stand.issuer.issuer, subject: 'admin' };
            await store.revocations.create(
              { revocationId: 'r', ...alice, createdAtMs: 0, createdBy: by },
              10,
            );
            stand.forget();
            controller.enqueue(new TextEncoder().encode(JSON.stringify(content)));
            controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      const answer = await asked(path, 'POST', {}, body);
      expect(await answer.text()).toContain('"problem":"revoked"');
      expect(stand.agent.seen).toEqual([]);
    } finally {
      await stand.close();
    }
  });
});

describe.each(bindings)('an answer over %s that the agent takes its time for', (binding) => {
  it('is not the caller’s who is revoked meanwhile, in a process that was not told', async () => {
    const stand = await startStand();
    try {
      const [told, untold] = [await stand.gateway(), await stand.gateway()];
      const { store } = await stand.adapters();
      const at = (gateway: typeof told, authorization: string) => ({
        fetch: (path: string, init: RequestInit = {}) =>
          gateway(
            new Request(`https://agents.test${path}`, {
              ...init,
              headers: {
                ...Object.fromEntries(new Headers(init.headers)),
                authorization,
                'a2a-version': '1.0',
              },
            }),
          ),
      });
      const bearer = async (claims = {}) => `Bearer ${await stand.issuer.token(claims)}`;
      const admin = at(told, await bearer({ sub: 'admin', scope: 'gateway:admin' }));
      const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
      const body = { agentId: 'agent', agentCardUrl: stand.agent.cardUrl, ownership: 'backend' };
      await admin.fetch('/admin/agents', { ...json, body: JSON.stringify(body) });
      const granted = { allowedAgents: ['agent'] };
      await admin.fetch('/admin/permissions/demo', { ...json, method: 'PUT', body: JSON.stringify(granted) });
      const next = nextCall(stand.agent);
      const answer = call(at(untold, await bearer()), binding, 'GetTask');
      const held = await next;
      await store.revocations.create(
        {
          ...{ revocationId: 'r', kind: 'principal', issuer: stand.issuer.issuer, id: 'alice' },
          ...{ createdAtMs: 1, createdBy: { issuer: '', subject: '' } },
        },
        10,
      );
      stand.forget();
      const result = { id: 't-1', status: { state: 'TASK_STATE_COMPLETED' } };
      const spelled = binding === 'JSON-RPC' ? { jsonrpc: '2.0', id: 1, result } : result;
      answerJson(spelled)(held.request, held.response, undefined as never);
      await expectRefusal(await answer, binding, 'TOKEN_INVALID', { problem: 'revoked' });
    } finally {
      await stand.close();
    }
  });
});

describe('an open stream', () => {
  async function opened(): Promise<{ held: HeldCall; stream: StreamReader }> {
    const { held, stream } = await sent(gateway, rpc10);
    held.response.write(rpc10.event(1));
    await stream.until('\n\n');
    return { held, stream };
  }

  const rpc10 = dialects[0] as Dialect;

  it('that its caller does not read is ended at the agent all the same, and gives nothing more', async () => {
    const { held, stream } = await opened();
    // More than what sockets between hold, so that some of it waits in the gateway.
    const filled = rpc10.event(2).replace('"n":2', `"n":2,"text":"${'x'.repeat(65_536)}"`);
    for (let n = 0; n < 200; n++) held.response.write(filled);
    await revoke({ kind: 'principal', subject: 'alice' });
    await held.closed;
    const rest = await stream.rest();
    expectErrorEvent(rest.slice(rest.lastIndexOf('event: error')), 'JSON-RPC', 'TOKEN_INVALID', {
      problem: 'revoked',
    });
  });

  it('of somebody else goes on', async () => {
    const { held, stream } = await opened();
    await revoke({ kind: 'principal', subject: 'bob' });
    const bobs = await callerOf({ sub: 'bob' });
    expect((await bobs.fetch('/agents')).status).toBe(401);
    held.response.end(rpc10.event(2));
    expect(await stream.rest()).toContain('"n":2');
  });

  it('that is held for a caller who is gone is ended too, and not gone on with after the revocation', async () => {
    const { held, stream } = await sent(gateway, rpc10);
    held.response.write(rpc10.event(1));
    const [id = ''] = idsIn(await stream.until('\n\n'));
    await stream.leave();
    const subscribe = async () => {
      const [path, init] = rpc10.subscribe('t-1', 1);
      const headers = { ...Object.fromEntries(new Headers(init.headers)), 'last-event-id': id };
      return gateway.fetch(`/agents/agent${path}`, { ...init, headers });
    };
    await revoke({ kind: 'principal', subject: 'alice' });
    await held.closed;
    expect((await subscribe()).status).toBe(401);
    for (const revocation of lifting.splice(0))
      await gateway.admin('DELETE', `/admin/revocations/${revocation}`);
    // What was held is gone: the agent is asked.
    gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, error: { code: -32_001, message: 'gone' } }));
    gateway.agent.seen.splice(0);
    await (await subscribe()).text();
    expect(gateway.agent.seen).toHaveLength(1);
  });

  it('of an agent registered again under the same id is not the new one’s', async () => {
    await register(gateway, { agentId: 'moved' });
    await permit(gateway, 'moving', { allowedAgents: ['moved'] });
    const caller = await callerOf({ scope: 'moving' });
    const next = nextCall(gateway.agent);
    const answer = call(caller, 'JSON-RPC', 'SendStreamingMessage', { agentId: 'moved' });
    const held = await next;
    held.response.writeHead(200, { 'content-type': 'text/event-stream' });
    held.response.write(rpc10.event(1));
    const stream = readStream(await answer);
    await stream.until('\n\n');
    const { headers } = await gateway.admin('GET', '/admin/agents/moved');
    const match = { 'if-match': headers.get('etag') ?? '' };
    expect((await gateway.admin('DELETE', '/admin/agents/moved', undefined, match)).status).toBe(204);
    await register(gateway, { agentId: 'moved' });
    expectErrorEvent(await stream.rest(), 'JSON-RPC', 'AGENT_FORBIDDEN');
    await held.closed;
  });
});
