import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import { createFleetHealthReports } from '../src/health/fleet.ts';
import type { HealthReport } from '../src/health/report.ts';
import { toSharedReport } from '../src/health/shared-report.ts';
import { maxAgentsPerRound, maxDelayMs, probeOnce } from '../src/health/single-round.ts';
import type { Agent } from '../src/registry/agent.ts';
import { publicOriginsOf } from '../src/registry/card-probe.ts';
import type { Store } from '../src/store/port.ts';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { anAgent } from './contract/store.ts';

/** Probes where nothing runs for long: each round begins anew, over what the store holds. */

let folder: string;
let store: Store;
let nowMs: number;
let asked: string[];
let pausedMs: number[];
let logged: string[];
/** What an agent's probe ends with. */
let failing: Set<string>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'single-round-'));
  store = openSqliteStore({ path: join(folder, 'gateway.db') });
  nowMs = 1_800_000_000_000;
  [asked, pausedMs, logged, failing] = [[], [], [], new Set()];
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

async function round(signal = new AbortController().signal, random = 0): Promise<number> {
  asked = [];
  return probeOnce(
    {
      ...store,
      async ask({ agentId }) {
        asked.push(agentId);
        if (failing.has(agentId)) throw new GatewayError({ code: 'upstream_unreachable' });
      },
      originsOf: publicOriginsOf,
      clock: { nowMs: () => nowMs },
      log: { write: (_, event, fields) => void logged.push(`${event} ${fields?.agentId}`) },
      pause: async (ms) => void pausedMs.push(ms),
      random: () => random,
    },
    signal,
  );
}

async function fill(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `a${`${n}`.padStart(4, '0')}`);
  for (const id of ids) await store.agents.create(anAgent(id));
  return ids;
}

/** As the management routes show it. */
async function shown(agent: Agent) {
  const nobody: HealthReport = {
    ...{ atMs: nowMs, process: { id: 'management', sinceMs: nowMs }, credential: {} },
    ...{ openCalls: 0, openStreams: 0, queuedCalls: 0, retries: 0, origins: [] },
  };
  const reports = { of: async () => nobody };
  const health = createFleetHealthReports({ reports, health: store.health, clock: { nowMs: () => nowMs } });
  return (await health.of(agent)).processes.flatMap(({ origins }) => origins.map(({ probe }) => probe));
}

describe('a round', () => {
  it('asks so many agents and no more, however many there are, and the rounds come to all of them', async () => {
    const ids = await fill(3 * maxAgentsPerRound + 20);
    const seen: string[] = [];
    for (let n = 0; n < 3; n++) {
      expect(await round()).toBe(maxAgentsPerRound);
      expect(asked).toHaveLength(maxAgentsPerRound);
      seen.push(...asked);
    }
    expect(seen.toSorted()).toEqual(ids.slice(0, 3 * maxAgentsPerRound));
    await round();
    expect(asked.toSorted()).toEqual([...ids.slice(0, 30), ...ids.slice(-20)]);
  });

  it('asks each of a few agents once', async () => {
    const ids = await fill(3);
    for (let n = 0; n < 3; n++) {
      expect(await round()).toBe(3);
      expect(asked.toSorted()).toEqual(ids);
      nowMs += 300_000;
    }
    await store.agents.delete('a0002', 1);
    expect(await round()).toBe(2);
  });

  it('asks nobody where there is nobody', async () => {
    expect(await round()).toBe(0);
  });

  it('begins at a moment of chance, and asks with gaps', async () => {
    await fill(5);
    await round(undefined, 0.5);
    expect(pausedMs).toEqual([maxDelayMs / 2, 100, 100, 100, 100, 100]);
  });

  it('that is over asks nobody more', async () => {
    await fill(5);
    await round(AbortSignal.abort());
    expect(asked).toEqual([]);
  });

  it('that breaks off is not begun again at what broke it', async () => {
    await fill(maxAgentsPerRound + 1);
    const get = store.agents.get.bind(store.agents);
    store.agents.get = () => Promise.reject(new Error('broken'));
    await expect(round()).rejects.toThrow('broken');
    store.agents.get = get;
    await round();
    expect(asked).toContain(`a00${maxAgentsPerRound}`);
  });
});

describe('an agent', () => {
  it('that is not active is not asked, nor where only its credential would get the card', async () => {
    await store.agents.create({ ...anAgent('off'), status: 'quarantined' });
    const agentCardUrl = 'https://cards.elsewhere.test/card.json';
    await store.agents.create({ ...anAgent('elsewhere'), agentCardUrl, backendUrl: 'https://agent.test' });
    const runtime = `arn:aws:bedrock-agentcore:eu-central-1:111111111111:runtime/agent`;
    await store.agents.create({
      ...anAgent('guarded'),
      backend: { type: 'agentcore', runtimeArn: runtime } as unknown as NonNullable<Agent['backend']>,
    });
    await round();
    expect(asked).toEqual([]);
  });

  it('that a call has just shown to be up is not asked', async () => {
    const agent = anAgent('busy');
    await store.agents.create(agent);
    const seen = {
      ...{ origin: 'https://agent.test', weight: 1, breaker: { state: 'closed', sinceMs: 1 } as const },
      ...{ openCalls: 0, openStreams: 0, calls: 1, failures: 0, lastSuccessMs: nowMs - 60_000 },
    };
    const report = toSharedReport(agent, {
      ...{ atMs: nowMs, process: { id: 'caller', sinceMs: 1 }, credential: {} },
      ...{ openCalls: 0, openStreams: 0, queuedCalls: 0, retries: 0, origins: [seen] },
    });
    const row = { agentId: 'busy', processId: 'caller', report: report ?? '', seenAtMs: nowMs };
    await store.health.put({ ...row, expiresAtMs: nowMs + 3_600_000 });
    await round();
    expect(asked).toEqual([]);
    nowMs += 300_000;
    await round();
    expect(asked).toEqual(['busy']);
  });

  it('is shown as it was found, with what was found before, and what changes is logged', async () => {
    const agent = anAgent('agent');
    await store.agents.create(agent);
    await round();
    const first = nowMs;
    failing.add('agent');
    for (let n = 0; n < 2; n++) {
      nowMs += 300_000;
      await round();
    }
    const failed = { atMs: nowMs, code: 'upstream_unreachable' };
    expect(await shown(agent)).toEqual([{ lastSuccessMs: first, lastFailure: failed }]);
    failing.clear();
    nowMs += 300_000;
    await round();
    expect(await shown(agent)).toEqual([{ lastSuccessMs: nowMs, lastFailure: failed }]);
    expect(logged).toEqual(['probe failed agent', 'probe answered again agent']);
  });
});
