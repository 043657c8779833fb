import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Permission } from '../../src/access/permission.ts';
import { createCallerLimiter } from '../../src/limits/caller-limiter.ts';
import { bindings, call } from '../support/bindings.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from '../support/gateway.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson } from '../support/scripted-agent.ts';
import { type Stand, startStand } from '../support/stand.ts';

/** The ways in which AWS's sample of an A2A gateway counts wrongly what a caller may do, or does not count it. */

let gateway: TestGateway;
let callers = 0;

beforeAll(async () => {
  gateway = await startGateway({
    registration: null,
    settings: { search: { enabled: true }, callerLimits: { discoveryPerMinute: 2 } },
  });
  for (const agentId of ['agent', 'other']) await register(gateway, { agentId });
  // Answers in no binding's shape, so that no call lasts.
  gateway.agent.script(answerJson({ error: {} }, 400));
});
afterAll(() => gateway.close());
beforeEach(() => gateway.agent.seen.splice(0));

const operations = ['send', 'stream', 'read', 'cancel'];

/** A caller of its own, whom nobody has counted yet, with permissions of its own. */
async function callerWith(...granted: Partial<Permission>[]): Promise<Pick<TestGateway, 'fetch'>> {
  callers += 1;
  const scopes = granted.map((_, n) => `scope-${callers}-${n}`);
  for (const [n, permission] of granted.entries())
    await permit(gateway, scopes[n] ?? '', { allowedAgents: ['agent'], operations, ...permission });
  return callerNamed({ sub: `caller-${callers}`, client_id: 'shared' }, scopes);
}

async function callerNamed(
  claims: Record<string, unknown>,
  scopes: string[],
): Promise<Pick<TestGateway, 'fetch'>> {
  const token = await gateway.issuer.token({ ...claims, scope: scopes.join(' ') });
  return withHeaders(gateway, { authorization: `Bearer ${token}` });
}

/** How many of some calls are let through. */
async function admitted(caller: Pick<TestGateway, 'fetch'>, calls: number): Promise<number> {
  let count = 0;
  for (let n = 0; n < calls; n++) {
    const { status } = await call(caller, 'HTTP+JSON', 'GetTask');
    if (status !== 429) count += 1;
  }
  return count;
}

describe('hole 29: scopes add up to what none of them says', () => {
  it('a scope that does not grant the agent adds nothing to how often it may be called', async () => {
    const caller = await callerWith(
      { requestsPerMinute: 2 },
      { allowedAgents: ['other'], requestsPerMinute: 1_000, agentLimits: { agent: 1_000 } },
      { operations: [], requestsPerMinute: 1_000 },
    );
    expect(await admitted(caller, 4)).toBe(2);
  });

  it('a scope without a limit stays without, whatever another has', async () => {
    const caller = await callerWith({ requestsPerMinute: 1, agentLimits: { agent: 1 } }, {});
    expect(await admitted(caller, 6)).toBe(6);
  });

  it('a low limit of the agent in one scope does not beat the higher of another', async () => {
    const caller = await callerWith({ agentLimits: { agent: 1 } }, { requestsPerMinute: 3 });
    expect(await admitted(caller, 5)).toBe(3);
  });
});

describe('hole 30: none means all, and nobody says when to come again', () => {
  it.each(bindings)('0 lets nothing through, and names no time, in %s', async (binding) => {
    const caller = await callerWith({ requestsPerMinute: 0 });
    const response = await call(caller, binding, 'SendMessage');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, null]);
    expect(errorInfo(await response.text())).toEqual({
      reason: 'LIMIT_EXCEEDED',
      metadata: { limit: 'requestsPerMinute', allowed: '0' },
    });
    expect(gateway.agent.seen).toEqual([]);
  });

  it.each(bindings)('who has had enough is told when there is more, in %s', async (binding) => {
    const caller = await callerWith({ requestsPerMinute: 1 });
    const first = await call(caller, binding, 'SendMessage');
    const second = await call(caller, binding, 'SendMessage');
    expect([first.status === 429, second.status]).toEqual([false, 429]);
    for (const { headers } of [first, second]) {
      expect(headers.get('ratelimit-policy')).toBe('"minute";q=1;w=60');
      expect(headers.get('ratelimit')).toMatch(/^"minute";r=0;t=\d+$/);
    }
    const retryAfter = second.headers.get('retry-after') ?? '';
    expect(errorInfo(await second.text())?.metadata).toEqual({
      ...{ limit: 'requestsPerMinute', allowed: '1' },
      retryAfterSeconds: retryAfter,
    });
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(Number(retryAfter)).toBeLessThanOrEqual(70);
  });
});

describe('hole 31: twice the allowance at an edge, errors in trouble, and much that is not counted', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = await startStand();
  });
  afterAll(() => stand.close());

  it.each(['process', 'store'] as const)(
    'no minute has more than its limit, counted by the %s',
    async (whose) => {
      let nowMs = 1_700_000_000_000;
      const { store } = await stand.adapters();
      const limiter = createCallerLimiter({
        settings: {
          ...{ requestsPerMinute: 10, discoveryPerMinute: 1 },
          ...{ counters: whose, onStoreFailure: 'closed' },
        },
        counters: store.counters,
        isFleet: false,
        clock: { nowMs: () => nowMs },
        newId: () => crypto.randomUUID(),
        log: stand.log,
      });
      const admittedAtMs: number[] = [];
      for (let second = 0; second < 300; second++) {
        for (let n = 0; n < 3; n++) {
          const caller = { issuer: 'i', subject: whose };
          const { error } = await limiter.count(caller, 'agent', limiter.limitsOf([], 'agent'));
          if (error === undefined) admittedAtMs.push(nowMs);
        }
        nowMs += 1_000;
      }
      for (const fromMs of admittedAtMs)
        expect(admittedAtMs.filter((at) => at >= fromMs && at < fromMs + 60_000).length).toBeLessThanOrEqual(
          10,
        );
      expect(admittedAtMs.length).toBeGreaterThanOrEqual(40);
    },
  );

  it('a limit that is changed counts from the next call on', async () => {
    const caller = await callerWith({ requestsPerMinute: 1 });
    expect(await admitted(caller, 2)).toBe(1);
    await permit(gateway, `scope-${callers}-0`, {
      allowedAgents: ['agent'],
      operations,
      requestsPerMinute: 3,
    });
    expect(await admitted(caller, 4)).toBe(2);
  });

  const discovery: Readonly<Record<string, (caller: Pick<TestGateway, 'fetch'>) => Promise<Response>>> = {
    lists: ({ fetch }) => fetch('/agents'),
    searches: ({ fetch }) =>
      fetch('/search', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"x"}',
      }),
    cards: ({ fetch }) => fetch('/agents/agent/.well-known/agent-card.json'),
    'the card of the directory': ({ fetch }) => fetch('/.well-known/agent-card.json'),
    'questions to the directory, in JSON-RPC': (caller) =>
      call(caller, 'JSON-RPC', 'SendMessage', { agentId: 'directory' }),
    'questions to the directory, in HTTP+JSON': (caller) =>
      call(caller, 'HTTP+JSON', 'SendMessage', { agentId: 'directory' }),
  };

  it.each(Object.entries(discovery))('%s are counted, all together', async (_, ask) => {
    const caller = await callerWith({});
    await discovery.lists?.(caller);
    expect((await ask(caller)).status).toBe(200);
    const third = await ask(caller);
    expect(third.status).toBe(429);
    expect(errorInfo(await third.text())?.metadata).toMatchObject({
      limit: 'discoveryPerMinute',
      allowed: '2',
    });
  });
});

describe('hole 32: who shares a client shares the allowance', () => {
  it('each subject of one client has its own', async () => {
    await permit(gateway, 'shared', { allowedAgents: ['agent'], operations, requestsPerMinute: 1 });
    for (const sub of ['ann', 'ben']) {
      expect(await admitted(await callerNamed({ sub, client_id: 'one' }, ['shared']), 2)).toBe(1);
    }
  });

  it('a machine without a subject has one for its client, which it does not escape by another token', async () => {
    for (const client_id of ['machine-1', 'machine-2']) {
      const tokens = [{}, { jti: 'another' }, { scope2: 'x' }];
      let count = 0;
      for (const more of tokens)
        count += await admitted(await callerNamed({ sub: undefined, client_id, ...more }, ['shared']), 1);
      expect(count).toBe(1);
    }
  });
});
