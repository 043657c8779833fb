import { LRUCache } from 'lru-cache';
import type { Clock, Log } from '../ports.ts';
import type { News } from '../proxy/traffic.ts';
import type { AgentStore, HealthStore } from '../store/port.ts';
import type { HealthReports } from './report.ts';
import { toSharedReport } from './shared-report.ts';

export interface HealthSharingDeps {
  agents: Pick<AgentStore, 'get'>;
  health: Pick<HealthStore, 'put'>;
  reports: HealthReports;
  clock: Clock;
  log: Log;
  /** Given each piece of work, which never fails. Default: nobody waits for it. */
  waitUntil?(work: Promise<void>): void;
}

/** Tells other processes what this one has seen of agents. */
export interface HealthSharing {
  /** Begins to tell it where that is due, and returns at once. */
  noticed(agentId: string, news: News): void;
}

/** How long after the last time each is told at the soonest; the first of an agent is told at once. */
export const gapMs: Readonly<Record<News, number>> = { change: 0, failure: 5_000, call: 60_000 };
/** How long it counts. */
export const sharedForMs = 15 * 60_000;

/** Agents remembered; of one that was forgotten the next call is told as the first is. */
const maxAgents = 10_000;

/** What is to be told of one agent. */
interface Account {
  /** The gravest of what was not told yet. */
  untold?: News | undefined;
  /** When it was told last, or tried to be. */
  toldAtMs?: number;
}

/**
 * Puts a report of an agent in the store: at once for the first call and a change of a breaker, else so seldom that the
 * cost does not grow with the calls. There is no timer: what is not due yet goes with the next thing that is noticed.
 *
 * A store that fails is tried again with what is noticed 5 s later, and logged once; no call hears of it.
 */
export function createHealthSharing(deps: HealthSharingDeps): HealthSharing {
  const { agents, health, reports, clock, log, waitUntil } = deps;
  const accounts = new LRUCache<string, Account>({ max: maxAgents });
  const underWay = new Set<string>();
  let isFailing = false;

  function accountOf(agentId: string): Account {
    const known = accounts.get(agentId);
    if (known !== undefined) return known;
    const account = {};
    accounts.set(agentId, account);
    return account;
  }

  /** A clock that was set back by more than the gap keeps nothing from being told. */
  function isDue({ untold, toldAtMs }: Account): boolean {
    if (untold === undefined) return false;
    return toldAtMs === undefined || Math.abs(clock.nowMs() - toldAtMs) >= gapMs[untold];
  }

  async function tellWhileDue(agentId: string, account: Account): Promise<void> {
    underWay.add(agentId);
    do {
      account.toldAtMs = clock.nowMs();
      try {
        await tell(agentId, account);
        if (isFailing) log.write('info', 'health shared again');
        isFailing = false;
      } catch (cause) {
        // Not at once, whatever it was and however long this took: a store that is down would be asked without end.
        account.untold = 'failure';
        account.toldAtMs = clock.nowMs();
        if (!isFailing) log.write('warn', 'health not shared', { cause });
        isFailing = true;
      }
    } while (isDue(account));
    underWay.delete(agentId);
  }

  async function tell(agentId: string, account: Account): Promise<void> {
    const agent = await agents.get(agentId);
    // What happens from here on may be in the report or not.
    account.untold = undefined;
    if (agent === undefined) return;
    const told = await reports.of(agent);
    const report = toSharedReport(agent, told);
    if (report === undefined) throw new TypeError('a report is too long to be shared');
    const { process, atMs: seenAtMs } = told;
    await health.put({
      agentId,
      processId: process.id,
      report,
      seenAtMs,
      expiresAtMs: seenAtMs + sharedForMs,
    });
  }

  return {
    noticed(agentId, news) {
      const account = accountOf(agentId);
      account.untold = graver(account.untold, news);
      if (underWay.has(agentId) || !isDue(account)) return;
      const work = tellWhileDue(agentId, account);
      waitUntil?.(work);
    },
  };
}

function graver(one: News | undefined, other: News): News {
  return one === undefined || gapMs[other] < gapMs[one] ? other : one;
}
