import { type HealthRow, type HealthStore, maxHealthRows, sweptAtOnce } from '../port.ts';
import type { SqlDriver } from './driver.ts';

/** What processes tell of agents, in the table `health`. Does not check a report. */
export class SqliteHealth implements HealthStore {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  /** Deletes some of what has expired with it, so that processes that are no more leave nothing behind. */
  async put({ agentId, processId, report, seenAtMs, expiresAtMs }: HealthRow): Promise<void> {
    this.#driver.transaction(() => {
      this.#driver.run(
        `INSERT OR REPLACE INTO health (agent_id, process_id, report, seen_at_ms, expires_at_ms)
         VALUES (?, ?, ?, ?, ?)`,
        [agentId, processId, report, seenAtMs, expiresAtMs],
      );
      this.#driver.run(
        `DELETE FROM health WHERE (agent_id, process_id) IN
           (SELECT agent_id, process_id FROM health WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
        [seenAtMs, sweptAtOnce],
      );
    });
  }

  async of(agentId: string, nowMs: number): Promise<HealthRow[]> {
    return this.#driver.all<HealthRow>(
      `SELECT agent_id AS agentId, process_id AS processId, report,
              seen_at_ms AS seenAtMs, expires_at_ms AS expiresAtMs
       FROM health WHERE agent_id = ? AND expires_at_ms > ?
       ORDER BY seen_at_ms DESC, process_id LIMIT ?`,
      [agentId, nowMs, maxHealthRows],
    );
  }
}
