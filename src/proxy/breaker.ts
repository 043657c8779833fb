/** When an instance that keeps failing is left alone, and for how long. */
export interface BreakerSettings {
  /** Failures in a row that open it. */
  consecutiveFailures: number;
  /** Share of failures among the calls of a window that opens it. */
  failureRatio: number;
  /** Calls a window must have for the share to count. */
  minimumCalls: number;
  windowMs: number;
  /** How long it stays open at first; doubled with each failed trial. */
  openMs: number;
  maxOpenMs: number;
}

export type BreakerState = 'closed' | 'open' | 'half_open';

/** What a call tells about the instance. `neither`: it ended before it could. */
export type CallOutcome = 'success' | 'failure' | 'neither';

/** Leave to make one call; given back with its outcome. */
export type Pass = number;

/** Up to this part less: instances that failed together are not tried together. */
const jitter = 0.2;

/**
 * A circuit breaker: calls pass while it is closed, none while it is open, and one at a time to try the instance after
 * that. A success of that one closes it, a failure opens it again for twice as long.
 *
 * What a call tells that began before the last change is not listened to: it is about the instance as it was.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #random: () => number;
  readonly #window: FailureWindow;
  #state: BreakerState = 'closed';
  #sinceMs: number;
  /** From when one call may try, unless it is closed. */
  #trialAtMs = 0;
  #openings = 0;
  #inARow = 0;
  #pass: Pass = 0;

  constructor(settings: BreakerSettings, random: () => number, nowMs: number) {
    this.#settings = settings;
    this.#random = random;
    this.#window = new FailureWindow(settings.windowMs / 2);
    this.#sinceMs = nowMs;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** When it came into its state, in milliseconds since the epoch. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  admits(nowMs: number): boolean {
    return this.#state === 'closed' || nowMs >= this.#trialAtMs;
  }

  /** How long until it is worth asking again; 0 where it admits. */
  waitMs(nowMs: number): number {
    if (this.admits(nowMs)) return 0;
    // The trial may end at any time; until then there is no better guess.
    const leftMs = this.#trialAtMs - nowMs;
    return this.#state === 'open' ? leftMs : Math.min(leftMs, this.#settings.openMs);
  }

  /** Takes leave for one call. Asks `admits` first. */
  enter(nowMs: number): Pass {
    if (this.#state === 'closed') return this.#pass;
    this.#become('half_open', nowMs);
    // A trial that hangs must not keep the instance away for as long as an agent may think.
    this.#trialAtMs = nowMs + this.#settings.maxOpenMs;
    return this.#pass;
  }

  /** Lets an open one be tried at once, since something else found the instance up. A trial under way stays the only one. */
  tryNow(nowMs: number): void {
    if (this.#state === 'open') this.#trialAtMs = Math.min(this.#trialAtMs, nowMs);
  }

  report(pass: Pass, outcome: CallOutcome, nowMs: number): void {
    if (pass !== this.#pass) return;
    if (this.#state === 'half_open') this.#endTrial(outcome, nowMs);
    else if (outcome !== 'neither') this.#count(outcome === 'failure', nowMs);
  }

  #endTrial(outcome: CallOutcome, nowMs: number): void {
    if (outcome === 'neither') this.#trialAtMs = nowMs;
    else if (outcome === 'failure') this.#open(nowMs);
    else {
      this.#openings = 0;
      this.#inARow = 0;
      this.#window.clear();
      this.#become('closed', nowMs);
    }
  }

  #count(failed: boolean, nowMs: number): void {
    const { consecutiveFailures, failureRatio, minimumCalls } = this.#settings;
    this.#inARow = failed ? this.#inARow + 1 : 0;
    this.#window.add(failed, nowMs);
    if (!failed) return;
    const { calls, failures } = this.#window;
    const isManyOf = calls >= minimumCalls && failures >= failureRatio * calls;
    if (isManyOf || this.#inARow >= consecutiveFailures) this.#open(nowMs);
  }

  #open(nowMs: number): void {
    const { openMs, maxOpenMs } = this.#settings;
    const lengthMs = Math.min(openMs * 2 ** this.#openings, maxOpenMs);
    this.#openings++;
    this.#trialAtMs = nowMs + lengthMs * (1 - jitter * this.#random());
    this.#become('open', nowMs);
  }

  #become(state: BreakerState, nowMs: number): void {
    this.#pass++;
    if (this.#state !== state) this.#sinceMs = nowMs;
    this.#state = state;
  }
}

/** Calls and failures of the present half window and the one before: no memory of single calls, no timer. */
class FailureWindow {
  readonly #halfMs: number;
  #half = 0;
  #present = { calls: 0, failures: 0 };
  #before = { calls: 0, failures: 0 };

  constructor(halfMs: number) {
    this.#halfMs = halfMs;
  }

  get calls(): number {
    return this.#present.calls + this.#before.calls;
  }

  get failures(): number {
    return this.#present.failures + this.#before.failures;
  }

  add(failed: boolean, nowMs: number): void {
    const half = Math.floor(nowMs / this.#halfMs);
    if (half !== this.#half) {
      this.#before = half === this.#half + 1 ? this.#present : { calls: 0, failures: 0 };
      this.#present = { calls: 0, failures: 0 };
      this.#half = half;
    }
    this.#present.calls++;
    if (failed) this.#present.failures++;
  }

  clear(): void {
    this.#present = { calls: 0, failures: 0 };
    this.#before = { calls: 0, failures: 0 };
  }
}
