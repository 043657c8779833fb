import { type Failure, GatewayError } from '../failure.ts';
import type { Clock } from '../ports.ts';
import { Breaker, type BreakerSettings, type BreakerState, type CallOutcome, type Pass } from './breaker.ts';
import type { Choice } from './choose.ts';
import { Durations } from './durations.ts';
import { isDownStatus, subjectOf } from './failure-subject.ts';
import type { Lane } from './gate.ts';

export interface InstanceDeps {
  breaker: BreakerSettings;
  clock: Clock;
  random: () => number;
  /** Called with every change of the breaker. */
  changed(instance: Instance, state: BreakerState): void;
  /** Called when an attempt has succeeded, failed or ended. */
  noticed?(news: 'call' | 'failure'): void;
}

/** One origin of an agent, and what this process has seen of it. */
export class Instance implements Choice {
  readonly origin: string;
  weight: number;
  readonly breaker: Breaker;
  readonly open: Record<Lane, number> = { calls: 0, streams: 0 };
  /** From sending to the headers of the answer. */
  readonly headersMs = new Durations();
  calls = 0;
  failures = 0;
  lastSuccessMs: number | undefined;
  lastFailure: { atMs: number; failure: Failure } | undefined;
  readonly #deps: InstanceDeps;

  constructor({ origin, weight }: { origin: string; weight: number }, deps: InstanceDeps) {
    this.origin = origin;
    this.weight = weight;
    this.breaker = new Breaker(deps.breaker, deps.random, deps.clock.nowMs());
    this.#deps = deps;
  }

  get underWay(): number {
    return this.open.calls + this.open.streams;
  }

  /** Begins a call. The breaker admits it: whoever chose the instance has asked. */
  begin(lane: Lane): Attempt {
    const nowMs = this.#deps.clock.nowMs();
    this.calls++;
    this.open[lane]++;
    return new Attempt(this, lane, this.breaker.enter(nowMs), nowMs, this.#deps.clock);
  }

  succeeded(pass: Pass, nowMs: number): void {
    this.lastSuccessMs = nowMs;
    this.#report(pass, 'success', nowMs);
    this.#deps.noticed?.('call');
  }

  failed(pass: Pass, failure: Failure, nowMs: number): void {
    const subject = subjectOf(failure);
    if (subject === 'nothing') return;
    this.failures++;
    this.lastFailure = { atMs: nowMs, failure };
    if (subject !== 'setup') this.#report(pass, subject === 'instance' ? 'failure' : 'success', nowMs);
    this.#deps.noticed?.('failure');
  }

  ended(pass: Pass, lane: Lane, nowMs: number): void {
    this.open[lane]--;
    this.#report(pass, 'neither', nowMs);
    this.#deps.noticed?.('call');
  }

  #report(pass: Pass, outcome: CallOutcome, nowMs: number): void {
    const { state } = this.breaker;
    this.breaker.report(pass, outcome, nowMs);
    if (this.breaker.state !== state) this.#deps.changed(this, this.breaker.state);
  }
}

/**
 * One call to an instance, from sending to its end. Tells the instance how it goes: a success and a failure count once
 * each, since a stream that began well may break later.
 */
export class Attempt {
  readonly instance: Instance;
  readonly #lane: Lane;
  readonly #pass: Pass;
  readonly #beganAtMs: number;
  readonly #clock: Clock;
  #hasSucceeded = false;
  #hasFailed = false;
  #isOver = false;

  constructor(instance: Instance, lane: Lane, pass: Pass, beganAtMs: number, clock: Clock) {
    this.instance = instance;
    this.#lane = lane;
    this.#pass = pass;
    this.#beganAtMs = beganAtMs;
    this.#clock = clock;
  }

  /** The headers of an answer have come. */
  answered(status: number): void {
    this.instance.headersMs.add(this.#clock.nowMs() - this.#beganAtMs);
    if (isDownStatus(status)) this.failed(new GatewayError({ code: 'upstream_unavailable', status }));
  }

  /** The answer came whole, or is a stream that has begun. */
  succeeded(): void {
    if (this.#hasSucceeded || this.#hasFailed) return;
    this.#hasSucceeded = true;
    this.instance.succeeded(this.#pass, this.#clock.nowMs());
  }

  failed(error: unknown): void {
    if (this.#hasFailed || !(error instanceof GatewayError)) return;
    this.#hasFailed = true;
    this.instance.failed(this.#pass, error.failure, this.#clock.nowMs());
  }

  /** Nothing of the call is left. Safe to call twice. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.instance.ended(this.#pass, this.#lane, this.#clock.nowMs());
  }
}
