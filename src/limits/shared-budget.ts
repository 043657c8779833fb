import type { Clock } from '../ports.ts';
import { sha256Hex } from '../protocol/bytes.ts';
import type { CounterStore } from '../store/ports/counters.ts';
import type { Budget } from './budget.ts';
import { Recent } from './recent.ts';
import type { Arithmetic, Taken } from './standing.ts';

/** Of what this process has used of a slice of time, the part it may ask for ahead: so much it may leave unused, at most. */
const keptPart = 1 / 4;

/** So long it remembers who does not call: memory is of the callers of some hour, not of days. What they had ahead is lost then. */
const maxIdleMs = 3_600_000;

/** What this process has of one caller's budget under one limit. */
interface Lease {
  /** Of which slice of time the next members tell. */
  untilMs: number;
  left: number;
  used: number;
  /** As the store said last. */
  remaining: number;
  resetAtMs: number;
  /** From then on nothing is to be had until the next: what others have had of a budget they do not give back. */
  refusedFromMs: number;
  refusedUntilMs: number;
  waiting: Waiting[];
  isAsking: boolean;
}

interface Waiting {
  resolve(taken: Taken): void;
  reject(error: unknown): void;
}

/**
 * A budget of all processes on one store. Who takes much of it gets some ahead, to be used in the same slice of time, so that
 * not every call waits for the store; it is counted as used from then on, so that all together never have more than there is.
 * Who was refused is refused here until there can be more. Calls that meet ask the store together.
 */
export class SharedBudget<Record, Limit> implements Budget<Limit> {
  readonly #name: string;
  readonly #arithmetic: Arithmetic<Record, Limit>;
  readonly #counters: CounterStore;
  readonly #clock: Clock;
  readonly #leases: Recent<Lease>;

  /** @param name what its records' keys begin with: short ASCII text */
  constructor(
    name: string,
    arithmetic: Arithmetic<Record, Limit>,
    { counters, clock }: { counters: CounterStore; clock: Clock },
  ) {
    this.#name = name;
    this.#arithmetic = arithmetic;
    this.#counters = counters;
    this.#clock = clock;
    this.#leases = new Recent(Math.min(arithmetic.lastsMs, maxIdleMs));
  }

  /** @throws what the store does */
  take(key: string, limit: Limit): Taken | Promise<Taken> {
    const nowMs = this.#clock.nowMs();
    const lease = this.#leaseOf(key, limit, nowMs);
    if (lease.left > 0) {
      lease.left--;
      lease.used++;
      return had(lease, nowMs);
    }
    if (nowMs >= lease.refusedFromMs && nowMs < lease.refusedUntilMs) return refused(lease, nowMs);
    // Of what nobody ever has anything the store need not be asked, nor does it pass where the store fails.
    const { record: _, ...first } = this.#arithmetic.take(undefined, limit, { nowMs, needed: 1, kept: 0 });
    if (first.waitMs === Infinity) return first;
    return new Promise((resolve, reject) => {
      lease.waiting.push({ resolve, reject });
      if (!lease.isAsking) void this.#ask(key, limit, lease);
    });
  }

  /**
   * One that was taken and not used: the next of this process has it, unless its slice of time is over.
   * @param askedAtMs before it was taken
   */
  giveBack(key: string, limit: Limit, askedAtMs: number): void {
    const lease = this.#leaseOf(key, limit, this.#clock.nowMs());
    if (this.#arithmetic.keptUntilMs(askedAtMs) !== lease.untilMs) return;
    lease.used--;
    lease.left++;
  }

  /** Limits of one caller differ by the token it brings; what is had ahead under one is not to be used under another. */
  #leaseOf(key: string, limit: Limit, nowMs: number): Lease {
    const lease = this.#leases.of(JSON.stringify([limit, key]), nowMs, newLease);
    const untilMs = this.#arithmetic.keptUntilMs(nowMs);
    if (lease.untilMs !== untilMs) {
      lease.untilMs = untilMs;
      lease.left = 0;
      lease.used = 0;
    }
    return lease;
  }

  async #ask(key: string, limit: Limit, lease: Lease): Promise<void> {
    lease.isAsking = true;
    while (lease.waiting.length > 0) {
      const waiting = lease.waiting.splice(0);
      try {
        await this.#askFor(waiting, key, limit, lease);
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
    }
    lease.isAsking = false;
  }

  async #askFor(waiting: readonly Waiting[], key: string, limit: Limit, lease: Lease): Promise<void> {
    const recordKey = `${this.#name}#${await sha256Hex(key)}`;
    const nowMs = this.#clock.nowMs();
    const { used } = this.#leaseOf(key, limit, nowMs);
    const { untilMs } = lease;
    const kept = Math.min(this.#arithmetic.maxKept(limit), Math.floor(used * keptPart));
    const asked = { nowMs, needed: waiting.length, kept };
    const answer = await this.#counters.update(
      recordKey,
      (text) => {
        // Of this class's own making.
        const before = text === undefined ? undefined : (JSON.parse(text) as Record);
        const { record, ...taken } = this.#arithmetic.take(before, limit, asked);
        const rest = { nowMs, needed: 1, kept: 0 };
        const isShort = taken.taken < asked.needed;
        const next = isShort ? this.#arithmetic.take(record ?? before, limit, rest) : undefined;
        return {
          ...(record !== undefined && { record: JSON.stringify(record) }),
          answer: { ...taken, refusedMs: next?.waitMs },
        };
      },
      { nowMs, expiresAtMs: nowMs + this.#arithmetic.lastsMs },
    );
    const granted = Math.min(answer.taken, waiting.length);
    lease.remaining = answer.remaining;
    lease.resetAtMs = nowMs + answer.resetMs;
    if (answer.refusedMs !== undefined) {
      lease.refusedFromMs = nowMs;
      lease.refusedUntilMs = nowMs + answer.refusedMs;
    }
    // Else the slice is over, and what was had of it ahead is lost.
    if (lease.untilMs === untilMs) {
      lease.used += granted;
      lease.left += answer.taken - granted;
    }
    for (const [n, { resolve }] of waiting.entries())
      resolve(n < granted ? had(lease, nowMs) : refused(lease, nowMs));
  }
}

function newLease(): Lease {
  return {
    untilMs: 0,
    left: 0,
    used: 0,
    remaining: 0,
    resetAtMs: 0,
    refusedFromMs: 0,
    refusedUntilMs: 0,
    waiting: [],
    isAsking: false,
  };
}

function had({ left, remaining, resetAtMs }: Lease, nowMs: number): Taken {
  return { taken: 1, remaining: left + remaining, waitMs: 0, resetMs: Math.max(0, resetAtMs - nowMs) };
}

function refused({ refusedUntilMs }: Lease, nowMs: number): Taken {
  const waitMs = refusedUntilMs - nowMs;
  return { taken: 0, remaining: 0, waitMs, resetMs: waitMs };
}
