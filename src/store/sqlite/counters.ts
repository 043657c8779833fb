import { sweptAtOnce } from '../port.ts';
import type { CounterChange, CounterStore, CounterTimes } from '../ports/counters.ts';
import type { SqlDriver } from './driver.ts';
import type { GroupCommit } from './group-commit.ts';

/** What callers have had of their limits, in the table `counters`. */
export class SqliteCounters implements CounterStore {
  readonly #driver: SqlDriver;
  readonly #commits: GroupCommit;

  constructor(driver: SqlDriver, commits: GroupCommit) {
    this.#driver = driver;
    this.#commits = commits;
  }

  /** Waits for the disk only where something changes. Deletes some of what has expired with it. */
  async update<T>(key: string, change: CounterChange<T>, { nowMs, expiresAtMs }: CounterTimes): Promise<T> {
    const seen = change(this.#kept(key));
    if (seen.record === undefined) return seen.answer;
    return this.#commits.add(() => {
      const { record, answer } = change(this.#kept(key));
      if (record !== undefined) this.#put(key, record, expiresAtMs);
      this.#sweep(nowMs);
      return answer;
    });
  }

  #kept(key: string): string | undefined {
    return this.#driver.get<{ record: string }>('SELECT record FROM counters WHERE key = ?', [key])?.record;
  }

  #put(key: string, record: string, expiresAtMs: number): void {
    this.#driver.run('INSERT OR REPLACE INTO counters (key, record, expires_at_ms) VALUES (?, ?, ?)', [
      key,
      record,
      expiresAtMs,
    ]);
  }

  #sweep(nowMs: number): void {
    this.#driver.run(
      `DELETE FROM counters WHERE key IN
         (SELECT key FROM counters WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
      [nowMs, sweptAtOnce],
    );
  }
}
