import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import { type Ask, createProber, maxProbesAtOnce } from '../src/health/prober.ts';
import type { AgentStore } from '../src/store/port.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import { anAgent } from './contract/store.ts';
import { VirtualTime } from './support/virtual-time.ts';

/** Probes of very many agents: what they cost at most, and that none is left out. Only what is asked is made up. */

const intervalMs = 60_000;
const count = 1_000;
let folder: string;
let store: SqliteStore;

function idOf(index: number): string {
  return `agent-${String(index).padStart(4, '0')}`;
}

/** Every seventh is at two origins. */
function urlsOf(index: number): string[] {
  return index % 7 === 0 ? ['https://a.test', 'https://b.test'] : ['https://a.test'];
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'a2a-health-'));
  store = openSqliteStore({ path: join(folder, 'gateway.db') });
  for (let index = 0; index < count; index++) {
    const backend = { type: 'http', urls: urlsOf(index).map((url) => ({ url, weight: 1 })) };
    await store.agents.create({ ...anAgent(idOf(index)), backend });
  }
  for (const status of ['pending', 'inactive', 'quarantined'] as const)
    await store.agents.create({ ...anAgent(`not-${status}`), status });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

interface Asked {
  agentId: string;
  origin: string;
  atMs: number;
}

interface Stand {
  time: VirtualTime;
  asked: Asked[];
  logged: string[];
  mostAtOnce(): number;
  closing: AbortController;
  ended: Promise<void>;
}

interface StandOptions {
  /** How long the one asked takes. Default: no time. */
  lastsMs?(asked: Asked): number;
  random?(): number;
  agents?: Pick<AgentStore, 'get' | 'ids'>;
}

/** A prober at work. */
function running({ lastsMs = () => 0, random = () => 0.5, agents = store.agents }: StandOptions = {}): Stand {
  const time = new VirtualTime();
  const asked: Asked[] = [];
  const logged: string[] = [];
  const closing = new AbortController();
  let underWay = 0;
  let mostAtOnce = 0;
  const ask: Ask = async ({ agentId }, origin, { signal }) => {
    const one = { agentId, origin, atMs: time.nowMs() };
    asked.push(one);
    mostAtOnce = Math.max(mostAtOnce, ++underWay);
    await time.pause(lastsMs(one), signal);
    underWay--;
  };
  const prober = createProber({
    ...{ agents, ask, intervalMs, random, clock: time, pause: time.pause },
    traffic: { instance: () => undefined },
    log: { write: (_, event) => logged.push(event) },
  });
  const ended = prober.run(closing.signal);
  return { time, asked, logged, mostAtOnce: () => mostAtOnce, closing, ended };
}

async function close({ closing, ended }: Stand): Promise<void> {
  closing.abort();
  await ended;
}

/** Most that begin within any second. */
function mostASecond(asked: readonly Asked[]): number {
  const within = asked.map(({ atMs }, first) => {
    const end = asked.findIndex((later) => later.atMs >= atMs + 1_000);
    return (end === -1 ? asked.length : end) - first;
  });
  return Math.max(...within);
}

const ids = Array.from({ length: count }, (_, index) => idOf(index));
const secondOrigins = ids.filter((_, index) => urlsOf(index).length === 2);

describe('probes of a thousand agents', () => {
  it('are four at once and ten a second at most, and every origin has one a round', async () => {
    const duration = fc.oneof(
      fc.integer({ min: 0, max: 500 }),
      fc.constant(10_000), // It hangs, until the deadline of a card ends it.
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(duration, { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        async (durations, chance) => {
          let asking = 0;
          const stand = running({
            lastsMs: () => durations[asking++ % durations.length] ?? 0,
            random: () => chance,
          });
          const { time, asked } = stand;
          const askedAt = (url: string) =>
            asked.filter(({ origin }) => origin === url).map(({ agentId }) => agentId);
          await time.advanceUntil(() => askedAt('https://a.test').length >= count);
          // Those at the end of a round may be asked at their second origin when the next round has begun.
          await time.advance(5 * 10_000);
          expect(stand.mostAtOnce()).toBeLessThanOrEqual(maxProbesAtOnce);
          expect(mostASecond(asked)).toBeLessThanOrEqual(10);
          expect(askedAt('https://a.test').slice(0, count).toSorted()).toEqual(ids);
          expect(new Set(askedAt('https://b.test'))).toEqual(new Set(secondOrigins));
          await close(stand);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('begin at a moment of chance, and not all at once', async () => {
    const beginnings = await Promise.all(
      [0, 0.25, 0.75].map(async (chance) => {
        const stand = running({ random: () => chance });
        const { time, asked } = stand;
        const startMs = time.nowMs();
        await time.advanceUntil(() => asked.length > 0);
        await close(stand);
        return (asked[0]?.atMs ?? 0) - startMs;
      }),
    );
    expect(beginnings).toEqual([0, 15_000, 45_000]);
  });

  it('end when the gateway closes, those under way too', async () => {
    const stand = running({ lastsMs: () => 10_000 });
    const { time, asked } = stand;
    await time.advanceUntil(() => asked.length === 20);
    await close(stand);
    await time.advance(10 * intervalMs);
    expect([asked.length, time.waiting, stand.logged]).toEqual([20, 0, []]);
  });
});

/** So many of the agents, and nothing but what is said beside. */
function only(ids: readonly string[], more: Partial<AgentStore> = {}): Pick<AgentStore, 'get' | 'ids'> {
  return {
    get: (agentId) => store.agents.get(agentId),
    ids: async () => ({ items: [...ids], totalSize: ids.length }),
    ...more,
  };
}

describe('probes of few agents', () => {
  it('are spread over the interval', async () => {
    const ids = [1, 2, 3].map(idOf);
    const stand = running({ agents: only(ids) });
    const { time, asked } = stand;
    const startMs = time.nowMs();
    await time.advanceUntil(() => asked.length === 7);
    await close(stand);
    const expected = [30, 50, 70, 90, 110, 130, 150].map((seconds) => seconds * 1_000);
    expect(asked.map(({ atMs }) => atMs - startMs)).toEqual(expected);
    expect(asked.map(({ agentId }) => agentId)).toEqual([...ids, ...ids, ids[0]]);
  });

  it('go on while one hangs for longer than a round, which is not asked twice at once', async () => {
    const [hanging, ...others] = [1, 2, 3].map(idOf);
    const stand = running({
      agents: only([hanging ?? '', ...others]),
      lastsMs: ({ agentId }) => (agentId === hanging ? 100 * intervalMs : 0),
    });
    const { time, asked } = stand;
    await time.advance(10 * intervalMs);
    await close(stand);
    const timesOf = (id: string | undefined) => asked.filter(({ agentId }) => agentId === id).length;
    expect(timesOf(hanging)).toBe(1);
    for (const other of others) expect(timesOf(other)).toBeGreaterThanOrEqual(9);
  });

  it('are none where there are none, and begin where there is one', async () => {
    const ids: string[] = [];
    const stand = running({
      agents: only(ids, { ids: async () => ({ items: ids, totalSize: ids.length }) }),
    });
    const { time, asked } = stand;
    await time.advance(5 * intervalMs);
    expect(asked).toEqual([]);
    ids.push(idOf(1));
    await time.advance(2 * intervalMs);
    await close(stand);
    expect(asked.length).toBeGreaterThanOrEqual(1);
  });

  it('are not made of an agent that is not active any more when its turn comes', async () => {
    const stand = running({ agents: only(['not-inactive', 'not-pending', 'nobody', idOf(1)]) });
    const { time, asked } = stand;
    await time.advance(5 * intervalMs);
    await close(stand);
    expect(new Set(asked.map(({ agentId }) => agentId))).toEqual(new Set([idOf(1)]));
    expect(stand.logged).toEqual([]);
  });

  it('go on when the store is back, of which one line tells, and one of its failing', async () => {
    let isDown = true;
    const stand = running({
      agents: only([], {
        async ids() {
          if (isDown) throw new GatewayError({ code: 'store_unavailable' });
          return { items: [idOf(1)], totalSize: 1 };
        },
      }),
    });
    const { time, asked, logged } = stand;
    await time.advance(5 * intervalMs);
    expect([asked.length, logged]).toEqual([0, ['agents not probed']]);
    isDown = false;
    await time.advance(5 * intervalMs);
    await close(stand);
    expect(asked.length).toBeGreaterThanOrEqual(3);
    expect(logged).toEqual(['agents not probed', 'agents probed again']);
  });

  it('are made of the others where one cannot be read', async () => {
    const stand = running({
      agents: only([1, 2].map(idOf), {
        async get(agentId) {
          if (agentId === idOf(1)) throw new TypeError('no kind of target: unknown');
          return store.agents.get(agentId);
        },
      }),
    });
    const { time, asked } = stand;
    await time.advance(5 * intervalMs);
    await close(stand);
    expect(asked.length).toBeGreaterThanOrEqual(4);
    expect(stand.logged).toEqual(['agents not probed']);
  });
});
