import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallerLimits } from '../../src/access/permission.ts';
import { GatewayError } from '../../src/failure.ts';
import { createCallerLimiter } from '../../src/limits/caller-limiter.ts';
import { aPermission } from '../contract/store-samples.ts';
import { bindings, call, success } from '../support/bindings.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from '../support/gateway.ts';
import { MemoryCounters } from '../support/memory-counters.ts';
import { answerJson } from '../support/scripted-agent.ts';

/** The holes that AWS's sample has in its limits, each tried here. */

let gateway: TestGateway;
let callers = 0;

beforeAll(async () => {
  gateway = await startGateway({
    settings: { callerLimits: { discoveryPerMinute: 3, requestsPerMinute: 4 } },
  });
  await register(gateway, { agentId: 'other' });
  gateway.agent.script(answerJson(success('JSON-RPC', { task: { id: 't-1', contextId: 'c-1' } })));
});
afterAll(() => gateway.close());

type Grant = CallerLimits & { allowedAgents?: string[]; agentLimits?: Record<string, number> };

/** A caller of the scopes that grant this, each agent `agent` unless they say otherwise. */
async function holding(...grants: Grant[]): Promise<Pick<TestGateway, 'fetch'>> {
  const name = `caller-${callers++}`;
  const scopes = grants.map((_, n) => `${name}-${n}`);
  for (const [n, grant] of grants.entries())
    await permit(gateway, scopes[n] ?? '', { allowedAgents: ['agent'], operations: ['send'], ...grant });
  const token = await gateway.issuer.token({ sub: name, client_id: name, scope: scopes.join(' ') });
  return withHeaders(gateway, { authorization: `Bearer ${token}` });
}

async function passed(caller: Pick<TestGateway, 'fetch'>, calls = 12): Promise<number> {
  let count = 0;
  for (let n = 0; n < calls; n++)
    count += Number((await call(caller, 'JSON-RPC', 'SendMessage')).status === 200);
  return count;
}

describe('hole 29: limits of other agents and scopes change those of this one', () => {
  it('a scope that does not grant the agent does not raise its limit', async () => {
    const caller = await holding(
      { requestsPerMinute: 2 },
      { allowedAgents: ['other'], requestsPerMinute: 100 },
    );
    expect(await passed(caller)).toBe(2);
  });

  it('a scope without a limit stays as generous as the settings, beside one that has a limit', async () => {
    expect(await passed(await holding({ requestsPerMinute: 2 }, {}))).toBe(4);
  });

  it('a low limit of the agent in one scope does not beat a higher one of another', async () => {
    const caller = await holding(
      { requestsPerMinute: 9, agentLimits: { agent: 1 } },
      { requestsPerMinute: 6 },
    );
    expect(await passed(caller)).toBe(6);
  });
});

describe.each(bindings)('hole 30 in %s: 0 is no limit, and a refusal says nothing', (binding) => {
  it('0 is nothing at all', async () => {
    const answer = await call(await holding({ requestsPerMinute: 0 }), binding, 'SendMessage');
    expect(answer.status).toBe(429);
    expect(await answer.text()).toContain('"allowed":"0"');
  });

  it('a refusal has the shape of every other, says when to come again, and how the caller stands', async () => {
    const caller = await holding({ requestsPerMinute: 1 });
    await call(caller, binding, 'SendMessage');
    const refused = await call(caller, binding, 'SendMessage');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-policy')).toBe('"minute";q=1;w=60');
    expect(refused.headers.get('ratelimit')).toMatch(/^"minute";r=0;t=\d+$/);
    const { error } = (await refused.json()) as { error: Record<string, unknown> };
    const details = binding === 'JSON-RPC' ? error.data : error.details;
    expect(details).toMatchObject([{ reason: 'LIMIT_EXCEEDED', domain: 'a2a-gateway' }]);
  });
});

describe('hole 31: the window is fixed, its table fails as 500, its limits freeze, and finding agents is free', () => {
  const edgeMs = Date.UTC(2026, 0, 1);
  const limits = { ...aPermission('any'), requestsPerMinute: 10 };

  function limiterAt(
    clock: { nowMs(): number },
    counters: 'process' | 'store',
    store = new MemoryCounters(),
  ) {
    return createCallerLimiter({
      settings: { discoveryPerMinute: 1, counters, onStoreFailure: 'closed' },
      ...{ counters: store, isFleet: false, clock, newId: () => 'p', log: { write() {} } },
    });
  }

  it.each(['process', 'store'] as const)(
    'no edge gives the limit twice, counted by the %s',
    async (counters) => {
      let nowMs = edgeMs - 1;
      const limiter = limiterAt({ nowMs: () => nowMs }, counters);
      const caller = { issuer: 'https://issuer.test', subject: 'alice' };
      let count = 0;
      const storm = async () => {
        for (let n = 0; n < 20; n++) {
          const { error } = await limiter.count(caller, 'agent', limiter.limitsOf([limits], 'agent'));
          count += Number(error === undefined);
        }
        return count;
      };
      expect(await storm()).toBe(10);
      nowMs = edgeMs;
      expect(await storm()).toBe(10);
      nowMs = edgeMs + 59_998;
      expect(await storm()).toBe(10);
      nowMs = edgeMs + 59_999;
      expect(await storm()).toBe(20);
    },
  );

  it('a table that throttles is a 503 that may be tried again', async () => {
    const throttled = new MemoryCounters(() => Promise.reject(new Error('throttled')));
    const limiter = limiterAt({ nowMs: () => edgeMs }, 'store', throttled);
    const counting = limiter.countDiscovery({ issuer: 'i', subject: 's' });
    await expect(counting).rejects.toMatchObject({ failure: { code: 'store_unavailable' } });
    await expect(counting).rejects.toBeInstanceOf(GatewayError);
  });

  it('a limit that is changed counts from the next call on', async () => {
    const caller = await holding({ requestsPerMinute: 1 });
    expect(await passed(caller, 3)).toBe(1);
    const scope = `caller-${callers - 1}-0`;
    await permit(gateway, scope, { allowedAgents: ['agent'], operations: ['send'], requestsPerMinute: 3 });
    expect(await passed(caller, 3)).toBe(2);
    await permit(gateway, scope, { allowedAgents: ['agent'], operations: ['send'], requestsPerMinute: 0 });
    expect(await passed(caller, 3)).toBe(0);
  });

  it('lists, searches and cards are counted, together', async () => {
    const caller = await holding({});
    const search = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"x"}' };
    const asked = [
      await caller.fetch('/agents'),
      await caller.fetch('/agents/agent/.well-known/agent-card.json'),
      await caller.fetch('/search', search),
      await caller.fetch('/agents'),
      await caller.fetch('/agents/agent/.well-known/agent-card.json'),
      await caller.fetch('/search', search),
    ];
    expect(asked.map(({ status }) => status === 429)).toEqual([false, false, false, true, true, true]);
  });
});

describe('hole 32: machines that share a client share a budget', () => {
  it('so they do, as one caller they are; each with a client of its own has its own', async () => {
    await permit(gateway, 'machines', {
      allowedAgents: ['agent'],
      operations: ['send'],
      requestsPerMinute: 1,
    });
    const machine = async (client: string) => {
      // As by client credentials: no user, and a token of its own for each program.
      const token = await gateway.issuer.token({
        sub: client,
        client_id: client,
        scope: 'machines',
        jti: `${Math.random()}`,
      });
      return withHeaders(gateway, { authorization: `Bearer ${token}` });
    };
    expect(await passed(await machine('shared'), 2)).toBe(1);
    expect(await passed(await machine('shared'), 2)).toBe(0);
    expect(await passed(await machine('own'), 2)).toBe(1);
  });
});
