import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patternCovers } from '../../src/access/permission.ts';
import type { Agent } from '../../src/registry/agent.ts';
import { send } from '../support/directory.ts';
import { createScanIndex } from '../support/scan-index.ts';
import type { SearchStand } from '../support/search-stand.ts';
import { type AgentText, agentOf, type Fetch, keep, startSearchStand } from '../support/search-stand.ts';

let stand: SearchStand;
beforeAll(async () => {
  stand = await startSearchStand();
});
afterAll(() => stand.close());

const ids = ['hr-pay', 'hr-leave', 'billing', 'billing-2', 'legal', 'ledger'];
const words = ['pay', 'invoice', 'leave', 'contract', 'ledger', 'holiday', 'payment', 'billing'];

/** What is there, and what `alice` may call of it. */
interface World {
  agents: readonly Agent[];
  patterns: readonly string[];
  /** What is taken from `alice` all the same. */
  denied?: readonly string[];
}

function mayCall({ patterns, denied = [] }: World, agent: Agent): boolean {
  const isCoveredBy = (some: readonly string[]) => some.some((pattern) => patternCovers(pattern, agent));
  return isCoveredBy(patterns) && !isCoveredBy(denied);
}

async function settle({ agents, patterns, denied = [] }: World): Promise<void> {
  const { store } = stand;
  for (const agentId of ids) {
    const before = await store.agents.get(agentId);
    if (before !== undefined) await store.agents.delete(agentId, before.revision);
  }
  for (const agent of agents) await keep(store, agent);
  const before = await store.permissions.get('demo');
  const grants = { allowedAgents: [...patterns], operations: ['send' as const] };
  const permission = { scope: 'demo', ...grants, deniedAgents: [...denied] };
  const times = { createdAtMs: 0, updatedAtMs: 0 };
  if (before === undefined) await store.permissions.create({ ...permission, ...times, revision: 1 });
  else {
    const after = { ...permission, ...times, revision: before.revision + 1 };
    await store.permissions.replace(after, before.revision);
  }
}

/** All a caller can see of a search, by both doors, less what is new with each answer: its ids, and what time has made of a limit. */
async function seen(fetch: Fetch, body: { query: string }): Promise<string[]> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const answers = [await fetch('/search?explain=true', init), await send(fetch, [{ data: body }])];
  return Promise.all(
    answers.map(async (answer) => {
      const text = (await answer.text()).replace(/"(?:messageId|contextId)":"[^"]+"/g, '');
      const { 'x-request-id': _, ratelimit = '', ...rest } = Object.fromEntries(answer.headers);
      return JSON.stringify([answer.status, rest, ratelimit.replace(/;t=\d+/g, ''), text]);
    }),
  );
}

async function searching(agents: readonly Agent[]): Promise<Fetch> {
  return stand.with(await createScanIndex(async () => agents));
}

const text = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }).map((of) => of.join(' '));
const agentText: fc.Arbitrary<AgentText> = fc.record({
  name: text,
  description: text,
  tags: fc.subarray(['open', 'money']),
  skills: fc.array(
    fc.record({ id: fc.constantFrom('s1', 's2'), name: text, description: text, tags: fc.constant(['t']) }),
    { maxLength: 2 },
  ),
});
const world: fc.Arbitrary<World> = fc.record({
  agents: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...ids), agentText), { selector: ([id]) => id, minLength: 1 })
    .map((agents) => agents.map(([id, given]) => agentOf(id, given))),
  patterns: fc.subarray(['hr-*', 'billing', 'tag:open', '*-2', 'ledger']),
  denied: fc.subarray(['hr-pay', 'tag:money', '*-2']),
});
const request = fc.record({
  query: fc.oneof(text, fc.constantFrom(...ids, 'open', 'lejer')),
  topK: fc.integer({ min: 1, max: 4 }),
  tags: fc.subarray(['money'], { maxLength: 1 }),
});

describe('an agent that a caller may not call', () => {
  it('changes nothing that the caller can see: no score, rank, total or match', async () => {
    let visible = 0;
    await fc.assert(
      fc.asyncProperty(world, request, async (given, body) => {
        await settle(given);
        const own = given.agents.filter((agent) => mayCall(given, agent));
        visible += own.length > 0 && own.length < given.agents.length ? 1 : 0;
        const [all, alone] = [await searching(given.agents), await searching(own)];
        expect(await seen(all, body)).toEqual(await seen(alone, body));
      }),
      { numRuns: 60 },
    );
    expect(visible).toBeGreaterThan(10);
  });

  it('is never in an answer', async () => {
    await fc.assert(
      fc.asyncProperty(world, request, async (given, body) => {
        await settle(given);
        const [found = ''] = await seen(await searching(given.agents), body);
        for (const agent of given.agents) {
          if (mayCall(given, agent)) continue;
          expect(found).not.toContain(`\\"agentId\\":\\"${agent.agentId}\\"`);
          expect(found).not.toContain(`/agents/${agent.agentId}\\"`);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ...['ledger', 'LEDGER', 'Secret Ledger', 'tag-secret', 'ledgr', 'numbers nobody may know'],
    ...['ledger\u0000', '"ledger"', 'ledger*', 'agentId:ledger'],
  ])('is not found out by its own words: %j', async (query) => {
    const hidden = agentOf('ledger', {
      ...{ name: 'Secret Ledger', description: 'Numbers nobody may know', tags: ['tag-secret'] },
    });
    const mine = agentOf('billing', { name: 'Billing', description: 'Pays what is due' });
    await settle({ agents: [hidden, mine], patterns: ['billing'] });
    const there = await seen(await searching([hidden, mine]), { query });
    await settle({ agents: [mine], patterns: ['billing'] });
    expect(await seen(await searching([mine]), { query })).toEqual(there);
  });

  it('is no more found by an administrator, who may manage it and not call it', async () => {
    const hidden = agentOf('ledger', { name: 'Secret Ledger' });
    await settle({ agents: [hidden], patterns: [] });
    const fetch = await searching([hidden]);
    const admin: Fetch = (path, init) => fetch(path, init, { scope: 'gateway:admin gateway:register' });
    const [found] = await seen(admin, { query: 'secret ledger' });
    expect(found).toContain('\\"results\\":[]');
    expect(found).toContain('\\"totalMatches\\":0');
  });
});

describe('a search', () => {
  it('asks the index for the patterns of the caller, whatever the body says', async () => {
    const asked: (readonly string[])[] = [];
    await settle({ agents: [], patterns: ['billing'] });
    const index = await createScanIndex(async () => []);
    const fetch = stand.with({
      ...index,
      query(query) {
        asked.push(query.patterns);
        return index.query(query);
      },
    });
    await seen(fetch, { query: 'billing' });
    expect(asked).toEqual([['billing'], ['billing']]);
    const more = { query: 'billing', patterns: ['*'], allowedAgents: ['*'], scope: 'gateway:admin' };
    for (const answer of await seen(fetch, more)) expect(answer).toContain('PARAMETER_INVALID');
    expect(asked).toHaveLength(2);
  });
});
