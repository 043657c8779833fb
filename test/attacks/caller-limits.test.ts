import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCallerLimiter } from '../../src/limits/caller-limiter.ts';
import { aPermission } from '../contract/store-samples.ts';
import { bindings, call, message, success } from '../support/bindings.ts';
import { permit, rpc, startGateway, type TestGateway, withHeaders } from '../support/gateway.ts';
import { legacyCall } from '../support/legacy.ts';
import { MemoryCounters } from '../support/memory-counters.ts';
import { answerJson } from '../support/scripted-agent.ts';

/** What a caller may try to have more than its limits, or to take from another's. */

let gateway: TestGateway;
let callers = 0;

beforeAll(async () => {
  gateway = await startGateway();
  gateway.agent.script(answerJson(success('JSON-RPC', { task: { id: 't-1', contextId: 'c-1' } })));
});
afterAll(() => gateway.close());

async function tokenOf(sub: string, limits: object): Promise<string> {
  const scope = `attack-${callers++}`;
  await permit(gateway, scope, {
    allowedAgents: ['agent'],
    operations: ['send', 'stream', 'read'],
    ...limits,
  });
  return gateway.issuer.token({ sub, client_id: sub, scope });
}

function by(token: string): Pick<TestGateway, 'fetch'> {
  return withHeaders(gateway, { authorization: `Bearer ${token}` });
}

const sending = rpc('SendMessage', { message });

describe('a caller has one minute with an agent', () => {
  it('however many calls come at once', async () => {
    const caller = by(await tokenOf('stormer', { requestsPerMinute: 10 }));
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => call(caller, bindings[n % 2] ?? 'JSON-RPC', 'GetTask')),
    );
    expect(answers.filter(({ status }) => status !== 429)).toHaveLength(10);
  });

  it('however its path is spelled, and whatever it asks there', async () => {
    const caller = by(await tokenOf('speller', { requestsPerMinute: 1 }));
    expect((await caller.fetch('/agents/agent', sending)).status).toBe(200);
    const refused: [string, RequestInit?][] = [
      ['/agents/agent', sending],
      ['/agents/agent/', sending],
      ['/agents/agent?a=1', sending],
      ['/agents/agent/message:send', { method: 'POST', body: '{}' }],
      ['/agents/agent/tasks/t-1'],
      ['/agents/agent/tasks/t-1', { method: 'HEAD' }],
      ['/agents/agent/v1/card'],
      ['/agents/agent/nothing'],
    ];
    for (const [path, init] of refused)
      expect([path, (await caller.fetch(path, init)).status]).toEqual([path, 429]);
    for (const path of ['/agents/Agent', '/agents/%61gent', '/agents/agent%20', '/agents//agent']) {
      expect([400, 403, 404]).toContain((await caller.fetch(path, sending)).status);
    }
  });

  it('in whatever version, and with whatever token it brings', async () => {
    const limits = { requestsPerMinute: 1 };
    const first = await tokenOf('renewer', limits);
    const second = await tokenOf('renewer', limits);
    expect((await by(first).fetch('/agents/agent', sending)).status).toBe(200);
    expect((await by(second).fetch('/agents/agent', sending)).status).toBe(429);
    expect((await legacyCall(by(second), 'SendMessage', { agentId: 'agent' })).status).toBe(429);
    const scope = `attack-${callers - 1}`;
    const otherClient = await gateway.issuer.token({ sub: 'renewer', client_id: 'another', scope });
    expect((await by(otherClient).fetch('/agents/agent', sending)).status).toBe(429);
  });

  it('whoever its headers say that it is, or where it comes from', async () => {
    const token = await tokenOf('pretender', { requestsPerMinute: 1 });
    expect((await by(token).fetch('/agents/agent', sending)).status).toBe(200);
    const headers = [
      { 'x-forwarded-for': '203.0.113.9' },
      { forwarded: 'for=203.0.113.9' },
      { 'x-real-ip': '203.0.113.9' },
      { 'x-user': 'alice' },
      { ratelimit: '"minute";r=1000;t=1' },
      { 'x-request-id': 'another' },
      { 'x-http-method-override': 'GET' },
    ];
    for (const one of headers) {
      const answer = await withHeaders(by(token), one).fetch('/agents/agent', sending);
      expect(answer.status).toBe(429);
    }
  });
});

describe('a body', () => {
  it('is bound where its length is not told, too', async () => {
    const caller = by(await tokenOf('dripper', { maxBodyBytes: 1_000 }));
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(' '.repeat(500))),
    });
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json' } };
    // `duplex` is Node's.
    const answer = await caller.fetch('/agents/agent', init as RequestInit).catch(() => undefined);
    // Who sends on and on may find the connection closed before the answer.
    expect([413, undefined]).toContain(answer?.status);
  });

  it('is never larger than the gateway takes, whatever a permission says', async () => {
    const small = await startGateway({ settings: { limits: { maxBodyBytes: 1_024 } } });
    await permit(small, 'demo', { allowedAgents: ['agent'], maxBodyBytes: 100_000 });
    const params = { message: { ...message, parts: [{ text: 'x'.repeat(2_000) }] } };
    const answer = await call(small, 'JSON-RPC', 'SendMessage', { params });
    await small.close();
    expect(answer.status).toBe(413);
  });
});

describe('a limit', () => {
  it('cannot be set by who has it', async () => {
    const token = await tokenOf('climber', { requestsPerMinute: 1 });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const raised = { allowedAgents: ['agent'], requestsPerMinute: 1_000 };
    const answer = await fetch(`${gateway.url}/admin/permissions/demo`, {
      method: 'PUT',
      headers,
      body: JSON.stringify(raised),
    });
    expect(answer.status).toBe(403);
  });

  it('is not less by a permission that is no caller’s, nor more by one of another agent', async () => {
    const token = await tokenOf('owner', { requestsPerMinute: 2 });
    await permit(gateway, 'somebodys', { allowedAgents: ['*'], requestsPerMinute: 0 });
    expect((await by(token).fetch('/agents/agent', sending)).status).toBe(200);
  });

  it.each(['requestsPerMinute', 'requestsPerDay', 'maxOpenStreams', 'maxBodyBytes', 'burst'])(
    'of %s is a number that counts',
    async (limit) => {
      for (const value of [-1, 1.5, 1e12, '5', null, true, [5], {}]) {
        const body = { allowedAgents: ['agent'], [limit]: value };
        expect((await gateway.admin('PUT', '/admin/permissions/wrong', body)).status).toBe(400);
        const ofAgent = { allowedAgents: ['agent'], agentLimits: { agent: { [limit]: value } } };
        expect((await gateway.admin('PUT', '/admin/permissions/wrong', ofAgent)).status).toBe(400);
      }
    },
  );
});

describe('callers with odd names', () => {
  const odd = [
    'a',
    'a"',
    '","',
    '["a","b"]',
    'a\0',
    'a ',
    'A',
    '\ud800',
    '\ud801',
    '\ufffd',
    'a#b',
    '__proto__',
    '',
  ];
  const name = fc.oneof(fc.constantFrom(...odd), fc.string({ unit: 'binary', maxLength: 5 }));
  const caller = fc.record({ issuer: name, subject: name, agentId: name });

  it.each(['process', 'store'] as const)('never have one another’s, counted by the %s', async (counters) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(caller, { minLength: 2, maxLength: 6, selector: JSON.stringify }),
        async (all) => {
          const limiter = createCallerLimiter({
            settings: { discoveryPerMinute: 1, counters, onStoreFailure: 'closed' },
            counters: new MemoryCounters(),
            isFleet: false,
            clock: { nowMs: () => 1_700_000_000_000 },
            newId: () => 'p',
            log: { write() {} },
          });
          const most = { requestsPerMinute: 1, requestsPerDay: 1, maxOpenStreams: 1 };
          const limits = limiter.limitsOf([{ ...aPermission('any'), ...most }], 'any');
          const opened: (() => void)[] = [];
          for (const { agentId, ...who } of all) {
            expect((await limiter.count(who, agentId, limits)).error).toBeUndefined();
            opened.push(await limiter.openStream(who, agentId, limits));
          }
          for (const { agentId, ...who } of all) {
            expect((await limiter.count(who, agentId, limits)).error).toBeDefined();
            await expect(limiter.openStream(who, agentId, limits)).rejects.toMatchObject({
              failure: { code: 'limit_exceeded' },
            });
          }
          for (const close of opened) close();
          const pairs = new Map(all.map((who) => [JSON.stringify([who.issuer, who.subject]), who]));
          for (const who of pairs.values()) expect((await limiter.countDiscovery(who)).error).toBeUndefined();
          for (const who of pairs.values()) expect((await limiter.countDiscovery(who)).error).toBeDefined();
        },
      ),
      { numRuns: 50 },
    );
  });
});
