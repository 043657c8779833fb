import type { CallerLimits, Permission } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import { type CallerLimit, GatewayError } from '../failure.ts';
import type { Clock, Log, NewId } from '../ports.ts';
import type { CounterStore } from '../store/ports/counters.ts';
import { type Budget, ProcessBudget } from './budget.ts';
import { dayArithmetic } from './day.ts';
import { type EffectiveLimits, effectiveLimits } from './effective.ts';
import { type MinuteLimit, minuteArithmetic } from './minute.ts';
import { type OpenStreams, ProcessStreams, SharedStreams } from './open-streams.ts';
import { SharedBudget } from './shared-budget.ts';
import type { Standing, Taken } from './standing.ts';

export interface CallerLimitSettings extends CallerLimits {
  /** Lists, searches, questions to the directory and cards of one caller in any 60 seconds. */
  discoveryPerMinute: number;
  /** Who counts requests of a minute and open streams. `auto`: the store, where processes share it. */
  counters: 'auto' | 'process' | 'store';
  onStoreFailure: 'closed' | 'open';
}

export interface CallerLimiterDeps {
  settings: CallerLimitSettings;
  counters: CounterStore;
  /** Whether there may be other processes on the store, whatever the settings say of them. */
  isFleet: boolean;
  clock: Clock;
  newId: NewId;
  log: Log;
  waitUntil?(work: Promise<void>): void;
}

export type Caller = Pick<Principal, 'issuer' | 'subject'>;

/** A call that was counted or, where there is an error, refused: then it has cost nothing. */
export interface Counted {
  standings: readonly Standing[];
  error?: GatewayError;
}

/** What callers may do, and what they have done of it. */
export interface CallerLimiter {
  /** See `effectiveLimits`. */
  limitsOf(permissions: readonly Permission[], agentId: string): EffectiveLimits;
  /** Counts a call. @throws GatewayError `store_unavailable`, unless the settings let calls pass then */
  count(caller: Caller, agentId: string, limits: EffectiveLimits): Counted | Promise<Counted>;
  /** Counts a list, search or card. @throws as `count` */
  countDiscovery(caller: Caller): Counted | Promise<Counted>;
  /**
   * Counts a stream; answers how to say that it is over, which may be said more than once.
   * @throws GatewayError `limit_exceeded`, and as `count`
   */
  openStream(caller: Caller, agentId: string, limits: EffectiveLimits): Promise<() => void>;
}

const minuteSeconds = 60;
const daySeconds = 86_400;
/** Nobody knows when a stream ends. */
const streamRetrySeconds = 5;

/** @returns the limiter of a gateway. Days are counted by the store in any case: a restart is not to begin a quota anew. */
export function createCallerLimiter(deps: CallerLimiterDeps): CallerLimiter {
  const { settings, clock, log, counters } = deps;
  const { discoveryPerMinute, counters: whose, onStoreFailure, ...defaults } = settings;
  const shared = { counters, clock };
  const isShared = whose === 'store' || (whose === 'auto' && deps.isFleet);
  const minutes: Budget<MinuteLimit> = isShared
    ? new SharedBudget('minute', minuteArithmetic, shared)
    : new ProcessBudget(minuteArithmetic, clock);
  const days = new SharedBudget('day', dayArithmetic, shared);
  const { waitUntil } = deps;
  const streams: OpenStreams = isShared
    ? new SharedStreams({ ...shared, processId: deps.newId(), ...(waitUntil && { waitUntil }) })
    : new ProcessStreams();

  /** What passes where the store fails, if anything does. */
  function unlessOpen(cause: unknown): undefined {
    const isOfStore = cause instanceof GatewayError && cause.failure.code === 'store_unavailable';
    const error = isOfStore ? cause : new GatewayError({ code: 'store_unavailable' }, { cause });
    if (onStoreFailure === 'closed') throw error;
    log.write('warn', 'limits not counted', { failure: error.failure, cause: error.cause ?? error });
  }

  function takeMinute(counting: Counting, key: string, limit: MinuteLimit): Counted | Promise<Counted> {
    const taken = minutes.take(key, limit);
    if (!(taken instanceof Promise)) return countedBy(counting, taken);
    return taken.catch(unlessOpen).then((taken) => countedBy(counting, taken));
  }

  function takeMinuteOf(key: string, limit: MinuteLimit | undefined): Counted | Promise<Counted> {
    return limit === undefined ? notCounted : takeMinute(countingBy('minute', limit), key, limit);
  }

  async function takeDay(key: string, perDay: number, minute: MinuteLimit | undefined): Promise<Counted> {
    const askedAtMs = clock.nowMs();
    const taking = days.take(key, perDay);
    const taken = taking instanceof Promise ? await taking.catch(unlessOpen) : taking;
    const ofDay = countedBy(
      { policy: 'day', limit: 'requestsPerDay', allowed: perDay, windowSeconds: daySeconds },
      taken,
    );
    if (ofDay.error !== undefined) return ofDay;
    const giveBack = () => {
      if (taken !== undefined) days.giveBack(key, perDay, askedAtMs);
      return ofDay.standings.map((day) => ({ ...day, remaining: day.remaining + 1 }));
    };
    try {
      const { standings, error } = await takeMinuteOf(key, minute);
      if (error === undefined) return { standings: [...standings, ...ofDay.standings] };
      return { standings: [...standings, ...giveBack()], error };
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  return {
    limitsOf: (permissions, agentId) => effectiveLimits(permissions, agentId, defaults),
    count(caller, agentId, { requestsPerMinute, burst, requestsPerDay }) {
      if (requestsPerMinute === undefined && requestsPerDay === undefined) return notCounted;
      const key = keyOf(caller, agentId);
      const minute =
        requestsPerMinute === undefined
          ? undefined
          : { perMinute: requestsPerMinute, burst: burst ?? requestsPerMinute };
      return requestsPerDay === undefined ? takeMinuteOf(key, minute) : takeDay(key, requestsPerDay, minute);
    },
    countDiscovery(caller) {
      const limit = { perMinute: discoveryPerMinute, burst: discoveryPerMinute };
      return takeMinute(countingBy('discovery', limit), keyOf(caller), limit);
    },
    async openStream(caller, agentId, { maxOpenStreams }) {
      if (maxOpenStreams === undefined) return () => {};
      let isCounted = true;
      const close = await streams.open(keyOf(caller, agentId), maxOpenStreams).catch((error: unknown) => {
        isCounted = false;
        return unlessOpen(error);
      });
      if (close === undefined && isCounted)
        throw exceeded('maxOpenStreams', maxOpenStreams, streamRetrySeconds);
      return close ?? (() => {});
    },
  };
}

const notCounted: Counted = { standings: [] };

/** JSON, so that no two callers, and no caller with an agent and one without, have the same. */
function keyOf({ issuer, subject }: Caller, ...agentId: string[]): string {
  return JSON.stringify([issuer, subject, ...agentId]);
}

interface Counting extends Pick<Standing, 'policy' | 'allowed' | 'windowSeconds'> {
  limit: CallerLimit;
}

function countingBy(policy: 'minute' | 'discovery', { perMinute }: MinuteLimit): Counting {
  const limit = policy === 'minute' ? 'requestsPerMinute' : 'discoveryPerMinute';
  return { policy, limit, allowed: perMinute, windowSeconds: minuteSeconds };
}

/** @param taken undefined where the store has failed, and calls pass then */
function countedBy(counting: Counting, taken: Taken | undefined): Counted {
  if (taken === undefined) return notCounted;
  const { limit, policy, allowed, windowSeconds } = counting;
  const { remaining, resetMs, waitMs } = taken;
  const standings = [{ policy, allowed, windowSeconds, remaining, resetMs }];
  if (taken.taken === 1) return { standings };
  return { standings, error: exceeded(limit, allowed, Math.ceil(waitMs / 1_000)) };
}

/** What is not allowed at all is not worth another try. */
function exceeded(limit: CallerLimit, allowed: number, retryAfterSeconds: number): GatewayError {
  const retry = allowed > 0 ? { retryAfterSeconds: Math.max(1, retryAfterSeconds) } : {};
  return new GatewayError({ code: 'limit_exceeded', limit, allowed, ...retry });
}
