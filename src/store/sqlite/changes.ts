import { fromKeyText } from '../key-text.ts';
import type { AgentChange, AgentChanges } from '../port.ts';
import type { SqlDriver } from './driver.ts';

/** The changes of agents in the tables `agent_changes` and `agent_change_log`; triggers fill them. */
export class SqliteChanges implements AgentChanges {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async storeId(): Promise<string> {
    return this.#log().store_id;
  }

  async last(): Promise<number> {
    return this.#log().last_sequence;
  }

  async after(sequence: number, limit: number): Promise<AgentChange[]> {
    return this.#driver
      .all<{ sequence: number; agent_id: string }>(
        'SELECT sequence, agent_id FROM agent_changes WHERE sequence > ? ORDER BY sequence LIMIT ?',
        [sequence, limit],
      )
      .map((row) => ({ sequence: row.sequence, agentId: fromKeyText(row.agent_id) }));
  }

  async reaches(sequence: number): Promise<boolean> {
    const found = this.#driver.get<{ reached: number }>(
      `SELECT EXISTS (SELECT 1 FROM agent_changes WHERE sequence = ?)
         OR forgotten_sequence = ? AS reached FROM agent_change_log`,
      [sequence, sequence],
    );
    return found?.reached === 1;
  }

  async forget(sequence: number): Promise<void> {
    this.#driver.transaction(() => {
      this.#driver.run('DELETE FROM agent_changes WHERE sequence <= ?', [sequence]);
      // Another process may have forgotten more.
      this.#driver.run(
        `UPDATE agent_change_log SET forgotten_sequence = max(forgotten_sequence, min(?, last_sequence))`,
        [sequence],
      );
    });
  }

  async beginAnew(): Promise<string> {
    this.#driver.run('UPDATE agent_change_log SET store_id = lower(hex(randomblob(16)))', []);
    return this.storeId();
  }

  #log(): LogRow {
    const row = this.#driver.get<LogRow>('SELECT store_id, last_sequence FROM agent_change_log', []);
    if (row === undefined) throw new TypeError('the migration writes this row and nothing deletes it');
    return row;
  }
}

interface LogRow {
  store_id: string;
  last_sequence: number;
}
