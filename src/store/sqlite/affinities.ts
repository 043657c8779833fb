import { type AffinityStore, type KeptPlace, type NewPlace, sweptAtOnce } from '../port.ts';
import type { SqlDriver } from './driver.ts';

/** Places of conversations in the table `affinities`. Does not check that a key is a digest. */
export class SqliteAffinities implements AffinityStore {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async get(key: string): Promise<KeptPlace | undefined> {
    return this.#driver.get<KeptPlace>(
      'SELECT place, expires_at_ms AS expiresAtMs FROM affinities WHERE key = ?',
      [key],
    );
  }

  /** In one transaction, which is one fsync. */
  async put(places: readonly NewPlace[], expiresAtMs: number): Promise<void> {
    this.#driver.transaction(() => {
      for (const { key, place } of places) {
        this.#driver.run('INSERT OR REPLACE INTO affinities (key, place, expires_at_ms) VALUES (?, ?, ?)', [
          key,
          place,
          expiresAtMs,
        ]);
      }
    });
  }

  async sweep(nowMs: number): Promise<void> {
    this.#driver.run(
      `DELETE FROM affinities WHERE key IN
         (SELECT key FROM affinities WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
      [nowMs, sweptAtOnce],
    );
  }
}
