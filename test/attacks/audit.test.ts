import { afterEach, describe, expect, it } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import type { Store } from '../../src/store/port.ts';
import { anAgent, aPermission } from '../contract/store.ts';
import { permit, register, rpc, sendRaw, startGateway, type TestGateway } from '../support/gateway.ts';
import { answerEvents, answerJson, cardAt } from '../support/scripted-agent.ts';
import { publicUrl, type Stand, startStand } from '../support/stand.ts';
import { findingsIn, recorded, recordsOf, usageOf } from '../support/trail.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function startTest(): Promise<TestGateway> {
  const gateway = await startGateway();
  opened.push(gateway);
  return gateway;
}

const params = { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'CANARY-text' }] } };

describe('what a caller sends to have it recorded', () => {
  it('does not get a payload, a token, a query or a header on record', async () => {
    const gateway = await startTest();
    gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: { message: 'CANARY-answer' } }));
    const token = await gateway.issuer.token({ canary: 'CANARY-claim' });
    const { headers, ...init } = rpc('SendMessage', params, 'CANARY-id');
    const more = { authorization: `Bearer ${token}`, 'user-agent': 'CANARY-agent', cookie: 'CANARY-cookie' };
    const asked = { ...init, headers: { ...(headers as Record<string, string>), ...more } };
    await gateway.fetch('/agents/agent?key=CANARY-query', asked);
    await gateway.fetch('/agents/agent', { ...asked, body: '{"CANARY-broken' });
    await gateway.fetch('/agents/agent/tasks?pageToken=CANARY-page');
    await gateway.fetch('/agents/agent', {
      headers: { authorization: 'Bearer CANARY-token' },
      method: 'POST',
    });
    await gateway.fetch('/search?q=CANARY-search');
    await gateway.restart();
    const text = JSON.stringify(await recordsOf(gateway));
    expect(text).toContain('SendMessage');
    expect(text).not.toContain('CANARY');
    expect(text).not.toContain(token.slice(-40));
  });

  it('cannot break out of its line, or make one of its own', async () => {
    const gateway = await startTest();
    const odd = 'x\n{"event":"call","decision":"allow"}\u2028\u0000"\\\ud800';
    const token = await gateway.issuer.token({ sub: odd, client_id: odd, scope: 'demo' });
    await gateway.fetch('/agents/agent', {
      ...rpc('SendMessage', params),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', traceparent: 'x' },
    });
    await gateway.restart();
    const records = await recordsOf(gateway, { agentId: 'agent', event: 'call' });
    expect(records.every(({ operation }) => operation !== undefined)).toBe(true);
    expect(records.filter(({ subject }) => String(subject).startsWith('x\n'))).toHaveLength(1);
    expect(await findingsIn(gateway)).toEqual([]);
  });

  it('is not on record as let in by the permission that keeps its sender out', async () => {
    const gateway = await startTest();
    await register(gateway, { agentId: 'shown', publicCard: true });
    await permit(gateway, 'demo', { allowedAgents: ['*'], deniedAgents: ['shown'] });
    const card = await gateway.fetch('/agents/shown/.well-known/agent-card.json');
    expect(card.status).toBe(200);
    await gateway.restart();
    const [record, ...others] = await recordsOf(gateway, { agentId: 'shown', event: 'call' });
    expect(others).toEqual([]);
    expect(record).toMatchObject({ decision: 'allow', httpStatus: 200 });
    expect(record).not.toHaveProperty('rule');
  });

  it('cannot name a trace that is none', async () => {
    const gateway = await startTest();
    const id = '0af7651916cd43dd8448eb211c80319c';
    for (const traceparent of [
      `ff-${id}-b7ad6b7169203331-01`,
      `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
      id,
    ])
      await gateway.fetch('/agents/agent/tasks/t', { headers: { traceparent } });
    const records = await recorded(gateway, { operation: 'GetTask' }, 3);
    expect(records.filter(({ traceId }) => traceId !== undefined)).toEqual([]);
  });

  it('cannot fill the trail without a token: a flood of nobody is counted', async () => {
    const gateway = await startTest();
    const flood = Array.from({ length: 400 }, () =>
      fetch(`${gateway.url}/agents/agent`, { ...rpc('SendMessage', params) }).then((answer) => answer.status),
    );
    expect(new Set(await Promise.all(flood))).toEqual(new Set([401]));
    await gateway.fetch('/agents/agent/tasks/t');
    await gateway.restart();
    const nobody = await recordsOf(gateway, { code: 'token_missing' });
    const omitted = await recordsOf(gateway, { event: 'omitted' });
    const counted = omitted.reduce((sum, { count }) => sum + Number(count), 0);
    expect(omitted.length).toBeGreaterThan(0);
    expect(nobody.length + counted).toBe(400);
    expect(await recordsOf(gateway, { operation: 'GetTask' })).toHaveLength(1);
  });

  it('cannot make rows of use by agents there are not, or it may not call', async () => {
    const gateway = await startTest();
    for (let n = 0; n < 20; n++) await gateway.fetch(`/agents/nobody-${n}`, rpc('SendMessage', params));
    await permit(gateway, 'demo', { allowedAgents: ['agent'], operations: ['read'] });
    await gateway.restart();
    await gateway.fetch('/agents/agent', rpc('SendMessage', params));
    await gateway.restart();
    expect(await usageOf(gateway)).toEqual([]);
  });

  it('is on record however its connection ends', async () => {
    const gateway = await startTest();
    const body = '{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"t"}}';
    const head = `POST /agents/agent HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    await sendRaw(
      gateway.url,
      `${head}Authorization: Bearer x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const [record] = await recorded(gateway, { code: 'token_invalid' });
    expect(record).toMatchObject({ decision: 'deny', httpStatus: 401 });
  });
});

describe('a stream that its caller may no longer have when it begins', () => {
  it('is one call that was refused, and is not used', async () => {
    const stand = await startStand({ search: { enabled: false } });
    opened.push(stand);
    const works: Promise<void>[] = [];
    const gateway = await stand.gateway(undefined, { waitUntil: (work) => void works.push(work) });
    const { store } = await stand.adapters();
    const card = cardAt(stand.agent.url) as unknown as ReturnType<typeof anAgent>['card']; // As a card is served.
    await store.agents.create({ ...anAgent('agent'), agentCardUrl: stand.agent.cardUrl, card });
    await store.permissions.create({
      ...aPermission('demo'),
      allowedAgents: ['agent'],
      operations: ['stream'],
    });
    stand.agent.script(async (...asked) => {
      await store.permissions.delete('demo');
      stand.forget();
      await answerEvents(
        `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result: { task: { id: 't-1' } } })}\n\n`,
      )(...asked);
    });
    const request = new Request('https://agents.test/agents/agent', rpc('SendStreamingMessage', params));
    request.headers.set('a2a-version', '1.0');
    request.headers.set('authorization', `Bearer ${await stand.issuer.token()}`);
    const answer = await gateway(request);
    expect((await answer.json()).error.data).toMatchObject([{ reason: 'AGENT_FORBIDDEN' }]);
    await Promise.all(works);
    const records = [];
    for await (const segment of await store.audit.scan()) records.push(...segment.records.trim().split('\n'));
    const told = records.map((line) => JSON.parse(line));
    expect(told).toMatchObject([{ event: 'call', decision: 'deny', code: 'agent_forbidden' }]);
    // The permission by which it was let through has not refused it.
    expect(told[0]).not.toHaveProperty('rule');
    const days = { from: '2000-01-01', to: '2999-12-31', nowMs: Date.now() };
    expect((await store.usage.list(days, { size: 10 })).rows).toEqual([]);
  });
});

describe('who keeps the store from being written', () => {
  let isBroken: boolean;

  /** A store that keeps no records while it is broken, and all else. */
  const worn = (store: Store): Store => ({
    ...store,
    audit: {
      append: (...given) => (isBroken ? Promise.reject(new Error('full')) : store.audit.append(...given)),
      list: (...given) => store.audit.list(...given),
      scan: () => store.audit.scan(),
      heads: () => store.audit.heads(),
      sweep: (...given) => store.audit.sweep(...given),
    },
  });

  async function call(gateway: Gateway, stand: Stand, path: string, init: RequestInit = {}) {
    const token = await stand.issuer.token({ scope: 'gateway:admin' });
    const headers = {
      'content-type': 'application/json',
      'a2a-version': '1.0',
      authorization: `Bearer ${token}`,
    };
    return gateway(new Request(publicUrl.replace('/prod', '') + path, { ...init, headers }));
  }

  it.each([
    ['closed', 503, -32095],
    ['open', 200, -32091],
  ] as const)('has no calls answered that are not recorded, or all: %s', async (onFailure, status, code) => {
    isBroken = true;
    const stand = await startStand({ audit: { onFailure }, search: { enabled: false } });
    opened.push(stand);
    const works: Promise<void>[] = [];
    const gateway = await stand.gateway(worn, { waitUntil: (work) => void works.push(work) });
    expect((await call(gateway, stand, '/admin/agents')).status).toBe(200);
    await Promise.all(works);
    expect(stand.logged.map(({ event, msg }) => event ?? msg)).toContain('audit not written');
    const listed = await call(gateway, stand, '/admin/agents');
    expect(listed.status).toBe(status);
    const asked = await call(gateway, stand, '/agents/nobody', rpc('GetTask', { id: 't' }));
    expect((await asked.json()).error.code).toBe(code);
    expect((await call(gateway, stand, '/health')).status).toBe(200);
    isBroken = false;
    await call(gateway, stand, '/admin/agents');
    await Promise.all(works);
    expect((await call(gateway, stand, '/admin/agents')).status).toBe(200);
    await Promise.all(works);
    const { store } = await stand.adapters();
    let text = '';
    for await (const segment of await store.audit.scan()) text += segment.records;
    const lines = text.split('\n').filter((line) => line !== '');
    // Those that were refused are on record, too.
    expect(lines.length).toBe(5);
  });
});
