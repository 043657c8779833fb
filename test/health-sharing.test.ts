import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import { createHealthReports } from '../src/health/report.ts';
import { fromSharedReport, type ProcessReport } from '../src/health/shared-report.ts';
import { createHealthSharing, gapMs, sharedForMs } from '../src/health/sharing.ts';
import { createTraffic } from '../src/proxy/traffic.ts';
import type { Agent } from '../src/registry/agent.ts';
import type { HealthRow } from '../src/store/port.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import { agentAt, breaker, load } from './support/forward-stand.ts';

/** When a process tells the others how an agent does, by a clock that is given. */

let folder: string;
let store: SqliteStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'health-sharing-'));
  store = openSqliteStore({ path: join(folder, 'gateway.db') });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const agents = ['one', 'other'].map((agentId) =>
  agentAt([`https://a.${agentId}.example`, `https://b.${agentId}.example`], { agentId, createdAtMs: 7 }),
);
const [one = agentAt([])] = agents;

interface Process {
  /** Everything that was put, in its order. */
  puts: { agentId: string; atMs: number; report: ProcessReport }[];
  logged: string[];
  /** Calls an origin of an agent to this end, if its breaker lets it, and waits until all that follows is done. */
  call(end: 'succeed' | 'fail' | 'leave', agent?: Agent, origin?: number): Promise<void>;
  /** As `call`, without waiting. */
  begin(end: 'succeed' | 'fail' | 'leave', agent?: Agent, origin?: number): void;
  settle(): Promise<void>;
  pass(ms: number): void;
  rows(): Promise<HealthRow[]>;
}

/** @param meanwhile happens in each put, before it is done */
function aProcess(meanwhile: () => Promise<void> | void = () => {}): Process {
  let nowMs = 1_800_000_000_000;
  const clock = { nowMs: () => nowMs };
  const logged: string[] = [];
  const log = {
    write: (_: string, event: string) => void (event.startsWith('health') && logged.push(event)),
  };
  const puts: Process['puts'] = [];
  const works: Promise<void>[] = [];
  const traffic = createTraffic({
    ...{ load, breaker, clock, random: () => 0, log },
    noticed: (agentId, news) => sharing.noticed(agentId, news),
  });
  const reports = createHealthReports({
    ...{ traffic, clock, newId: () => 'process-1' },
    credentials: { expiresAtMs: async () => undefined },
    prober: { found: () => new Map() },
  });
  const sharing = createHealthSharing({
    ...{ reports, clock, log },
    agents: { get: async (agentId) => agents.find((agent) => agent.agentId === agentId) },
    health: {
      async put(row) {
        const report = fromSharedReport(one, row.report);
        if (report !== undefined) puts.push({ agentId: row.agentId, atMs: nowMs, report });
        await meanwhile();
        await store.health.put(row);
      },
    },
    waitUntil: (work) => void works.push(work),
  });
  function begin(end: 'succeed' | 'fail' | 'leave', agent = one, origin = 0): void {
    const instance = traffic.of(agent).instances[origin];
    if (instance?.breaker.admits(nowMs) !== true) return;
    const attempt = instance.begin('calls');
    if (end === 'succeed') attempt.succeeded();
    if (end === 'fail') attempt.failed(new GatewayError({ code: 'upstream_reset' }));
    attempt.over();
  }
  const settle = async () => void (await Promise.all(works.splice(0)));
  return {
    ...{ puts, logged, begin, settle },
    async call(...given) {
      begin(...given);
      await settle();
    },
    pass(ms) {
      nowMs += ms;
    },
    rows: () => store.health.of(one.agentId, nowMs),
  };
}

describe('a process tells how an agent does', () => {
  it('with the first call, and then once a minute', async () => {
    const { call, pass, puts } = aProcess();
    for (const waitMs of [0, 1_000, 58_999, 1, 59_999, 1]) {
      pass(waitMs);
      await call('succeed');
    }
    expect(puts.map(({ report }) => report.origins[0]?.calls)).toEqual([1, 4, 6]);
  });

  it('when a call fails, every five seconds, also by the call after it', async () => {
    const { call, pass, puts } = aProcess();
    const counts = () => puts.map(({ report }) => report.origins.map(({ failures }) => failures)[0]);
    await call('succeed');
    await call('fail');
    expect(counts()).toEqual([0]);
    pass(gapMs.failure);
    await call('succeed');
    expect(counts()).toEqual([0, 1]);
    pass(gapMs.failure - 1);
    await call('fail');
    expect(counts()).toEqual([0, 1]);
    pass(1);
    await call('fail');
    expect(counts()).toEqual([0, 1, 3]);
  });

  it('at once when a breaker opens, and when it closes', async () => {
    const { call, pass, puts } = aProcess();
    for (let failure = 0; failure < breaker.consecutiveFailures; failure++) await call('fail');
    pass(breaker.openMs);
    await call('succeed');
    const states = puts.map(({ report }) => report.origins[0]?.breaker.state);
    expect(states).toEqual(['closed', 'open', 'closed']);
  });

  it('for a quarter of an hour, in one row', async () => {
    const { call, pass, rows } = aProcess();
    await call('succeed');
    pass(gapMs.call);
    await call('leave');
    const [row, ...others] = await rows();
    expect([row?.processId, others]).toEqual(['process-1', []]);
    pass(sharedForMs);
    expect(await rows()).toEqual([]);
  });

  it('of no agent that is not registered any more', async () => {
    const { call, puts, logged } = aProcess();
    await call('succeed', agentAt(['https://gone.example'], { agentId: 'gone' }));
    expect([puts, logged]).toEqual([[], []]);
  });

  it('again soon where its clock was set back', async () => {
    const { call, pass, puts } = aProcess();
    await call('succeed');
    pass(-3_600_000);
    await call('succeed');
    expect(puts).toHaveLength(2);
  });

  it('in one put of an agent at a time', async () => {
    let atOnce = 0;
    let release = () => {};
    const { begin, settle, pass, puts } = aProcess(async () => {
      expect(++atOnce).toBe(1);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      atOnce--;
    });
    begin('succeed');
    while (puts.length === 0) await new Promise(setImmediate);
    for (let failure = 0; failure < breaker.consecutiveFailures; failure++) {
      pass(gapMs.failure);
      begin('fail');
    }
    expect(puts).toHaveLength(1);
    release();
    while (puts.length === 1) await new Promise(setImmediate);
    expect(puts[1]?.report.origins[0]).toMatchObject({ failures: 5, breaker: { state: 'open' } });
    release();
    await settle();
    expect(puts).toHaveLength(2);
  });
});

describe('a store that fails', () => {
  it('is logged once, is not asked without end, and is told all when it is back', async () => {
    let isDown = true;
    const { call, pass, puts, rows, logged } = aProcess(() => {
      if (isDown) throw new Error('down');
    });
    await call('fail');
    for (let more = 0; more < 3; more++) await call('fail');
    expect(puts).toHaveLength(1);
    pass(gapMs.failure);
    await call('succeed');
    expect([puts.length, logged, await rows()]).toEqual([2, ['health not shared'], []]);
    isDown = false;
    pass(gapMs.failure);
    await call('succeed');
    expect(logged).toEqual(['health not shared', 'health shared again']);
    const [row] = await rows();
    expect(fromSharedReport(one, row?.report ?? '')?.origins[0]).toMatchObject({ calls: 6, failures: 4 });
  });
});

describe('a store that fails slowly', () => {
  it('is asked again by the next call, not by itself', async () => {
    const { call, pass, puts } = aProcess(() => {
      pass(10 * gapMs.failure);
      throw new Error('down');
    });
    await call('fail');
    expect(puts).toHaveLength(1);
    pass(gapMs.failure);
    await call('succeed');
    expect(puts).toHaveLength(2);
  });
});

describe('whatever happens, a put of an agent', () => {
  const happening = fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.nat(8_000), fc.nat(70_000)),
    end: fc.constantFrom('succeed', 'fail', 'fail', 'leave'),
    agent: fc.constantFrom(0, 1),
    origin: fc.constantFrom(0, 1),
  });

  it('comes within five seconds of another one only where a breaker has changed, within a minute where a call failed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 20, maxLength: 80 }), async (happenings) => {
        const { call, pass, puts } = aProcess();
        for (const { waitMs, end, agent, origin } of happenings) {
          pass(waitMs);
          await call(end, agents[agent], origin);
        }
        for (const { agentId } of agents) {
          const own = puts.filter((put) => put.agentId === agentId);
          for (const [n, { atMs, report }] of own.slice(1).entries()) {
            const before = own[n];
            const sinceMs = atMs - (before?.atMs ?? 0);
            if (sinceMs < gapMs.failure) expect(breakersOf(report)).not.toEqual(breakersOf(before?.report));
            if (sinceMs < gapMs.call) expect(troublesOf(report)).not.toEqual(troublesOf(before?.report));
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

function breakersOf(report: ProcessReport | undefined): unknown {
  return report?.origins.map(({ breaker }) => [breaker.state, breaker.sinceMs]);
}

function troublesOf(report: ProcessReport | undefined): unknown {
  return [breakersOf(report), report?.origins.map(({ failures }) => failures)];
}
