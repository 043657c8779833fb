import type { Clock } from '../ports.ts';
import { Recent } from './recent.ts';
import type { Arithmetic, Taken } from './standing.ts';

/** Something of which each caller has so much and no more. */
export interface Budget<Limit> {
  /**
   * One of it, or none. At once where nobody need be asked.
   * @param key no two callers have the same
   */
  take(key: string, limit: Limit): Taken | Promise<Taken>;
}

/** A budget of this process alone, which begins anew with it. */
export class ProcessBudget<Record, Limit> implements Budget<Limit> {
  readonly #arithmetic: Arithmetic<Record, Limit>;
  readonly #clock: Clock;
  readonly #kept: Recent<{ record?: Record }>;

  constructor(arithmetic: Arithmetic<Record, Limit>, clock: Clock) {
    this.#arithmetic = arithmetic;
    this.#clock = clock;
    this.#kept = new Recent(arithmetic.lastsMs);
  }

  take(key: string, limit: Limit): Taken {
    const nowMs = this.#clock.nowMs();
    const kept = this.#kept.of(key, nowMs, () => ({}));
    const { record, ...taken } = this.#arithmetic.take(kept.record, limit, { nowMs, needed: 1, kept: 0 });
    if (record !== undefined) kept.record = record;
    return taken;
  }
}
