import type { CounterChange, CounterStore } from '../../src/store/ports/counters.ts';

/** Counters of this process, as quick or slow as `arrive` lets a call through. */
export class MemoryCounters implements CounterStore {
  readonly records = new Map<string, string>();
  readonly #arrive: () => Promise<unknown>;
  /** How often it was asked. */
  updates = 0;

  constructor(arrive: () => Promise<unknown> = async () => {}) {
    this.#arrive = arrive;
  }

  async update<T>(key: string, change: CounterChange<T>): Promise<T> {
    this.updates++;
    await this.#arrive();
    const { record, answer } = change(this.records.get(key));
    if (record !== undefined) this.records.set(key, record);
    await this.#arrive();
    return answer;
  }
}
