import { fromKeyText, keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import { type Page, type PageRequest, sweptAtOnce } from '../port.ts';
import type { Holder } from '../ports/ownership.ts';
import type { KeptPushConfig, PushConfigStore } from '../ports/push.ts';
import type { SqlParameter } from './bind.ts';
import type { SqlDriver } from './driver.ts';

/**
 * Webhooks in the table `push_configs`. What waits for one, and its lane, goes with its row (`ON DELETE CASCADE`). Does not
 * check that ids of its own making are unguessable, nor what is sealed.
 */
export class SqlitePushConfigs implements PushConfigStore {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async put(config: KeptPushConfig, maxOfTask: number): Promise<boolean> {
    return this.#driver.transaction(() => {
      if (config.taskId !== undefined) {
        if (this.#othersOf(config, config.taskId) >= maxOfTask) return false;
        this.#makeWay(config, config.taskId);
      }
      this.#driver.run(
        `INSERT INTO push_configs (push_id, agent_id, agent_key, owner_key, task_id, config_id,
                                   version, secret_hash, sealed, created_at_ms, expires_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        valuesOf(config),
      );
      return true;
    });
  }

  async get(pushId: string, nowMs: number): Promise<KeptPushConfig | undefined> {
    const row = this.#driver.get<ConfigRow>(
      'SELECT * FROM push_configs WHERE push_id = ? AND expires_at_ms > ?',
      [keyText(pushId), nowMs],
    );
    return row && toConfig(row);
  }

  async bind(pushId: string, taskId: string): Promise<boolean> {
    return this.#driver.transaction(() => {
      const row = this.#driver.get<ConfigRow>('SELECT * FROM push_configs WHERE push_id = ?', [
        keyText(pushId),
      ]);
      if (row === undefined) return false;
      const config = toConfig(row);
      if (config.taskId !== undefined) return config.taskId === taskId;
      this.#makeWay(config, taskId);
      this.#driver.run('UPDATE push_configs SET task_id = ? WHERE push_id = ?', [keyText(taskId), pushId]);
      return true;
    });
  }

  async find(
    holder: Holder,
    taskId: string,
    configId: string,
    nowMs: number,
  ): Promise<KeptPushConfig | undefined> {
    const row = this.#driver.get<ConfigRow>(
      `SELECT * FROM push_configs
       WHERE agent_key = ? AND owner_key = ? AND task_id = ? AND config_id = ? AND expires_at_ms > ?`,
      [...taskOf(holder, taskId), keyText(configId), nowMs],
    );
    return row && toConfig(row);
  }

  async ofTask(
    holder: Holder,
    taskId: string,
    { size, after = '' }: PageRequest,
    nowMs: number,
  ): Promise<Page<KeptPushConfig>> {
    checkPageSize(size);
    const those = 'agent_key = ? AND owner_key = ? AND task_id = ? AND expires_at_ms > ?';
    const parameters = [...taskOf(holder, taskId), nowMs];
    return this.#driver.snapshot(() => {
      const total = this.#driver.get<{ total: number }>(
        `SELECT count(*) AS total FROM push_configs WHERE ${those}`,
        parameters,
      );
      const found = this.#driver.all<ConfigRow>(
        `SELECT * FROM push_configs WHERE ${those} AND config_id > ? ORDER BY config_id LIMIT ?`,
        [...parameters, keyText(after), size + 1],
      );
      const items = found.slice(0, size).map(toConfig);
      const next = found.length > size ? items.at(-1)?.configId : undefined;
      return { items, ...(next !== undefined && { next }), totalSize: total?.total ?? 0 };
    });
  }

  async delete(pushId: string): Promise<void> {
    this.#driver.run('DELETE FROM push_configs WHERE push_id = ?', [keyText(pushId)]);
  }

  async sweep(nowMs: number): Promise<void> {
    this.#driver.run(
      `DELETE FROM push_configs WHERE push_id IN
         (SELECT push_id FROM push_configs WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
      [nowMs, sweptAtOnce],
    );
    this.#driver.run(
      `DELETE FROM push_dead_letters WHERE delivery_id IN
         (SELECT delivery_id FROM push_dead_letters WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
      [nowMs, sweptAtOnce],
    );
  }

  #othersOf({ holder, configId, createdAtMs }: KeptPushConfig, taskId: string): number {
    const found = this.#driver.get<{ others: number }>(
      `SELECT count(*) AS others FROM push_configs
       WHERE agent_key = ? AND owner_key = ? AND task_id = ? AND config_id <> ? AND expires_at_ms > ?`,
      [...taskOf(holder, taskId), keyText(configId), createdAtMs],
    );
    return found?.others ?? 0;
  }

  /** Deletes the one the holder has in this one's place. */
  #makeWay({ holder, configId }: KeptPushConfig, taskId: string): void {
    this.#driver.run(
      'DELETE FROM push_configs WHERE agent_key = ? AND owner_key = ? AND task_id = ? AND config_id = ?',
      [...taskOf(holder, taskId), keyText(configId)],
    );
  }
}

interface ConfigRow {
  push_id: string;
  agent_id: string;
  agent_key: string;
  owner_key: string;
  task_id: string | null;
  config_id: string;
  version: KeptPushConfig['version'];
  secret_hash: string;
  sealed: string;
  created_at_ms: number;
  expires_at_ms: number;
}

function taskOf({ agentKey, ownerKey }: Holder, taskId: string): SqlParameter[] {
  return [agentKey, ownerKey, keyText(taskId)];
}

function valuesOf(config: KeptPushConfig): SqlParameter[] {
  const { pushId, agentId, holder, taskId, configId, version } = config;
  return [
    pushId,
    agentId,
    holder.agentKey,
    holder.ownerKey,
    taskId === undefined ? null : keyText(taskId),
    keyText(configId),
    version,
    config.secretHash,
    config.sealed,
    config.createdAtMs,
    config.expiresAtMs,
  ];
}

function toConfig(row: ConfigRow): KeptPushConfig {
  return {
    pushId: row.push_id,
    agentId: row.agent_id,
    holder: { agentKey: row.agent_key, ownerKey: row.owner_key },
    ...(row.task_id !== null && { taskId: fromKeyText(row.task_id) }),
    configId: fromKeyText(row.config_id),
    version: row.version,
    secretHash: row.secret_hash,
    sealed: row.sealed,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
  };
}
