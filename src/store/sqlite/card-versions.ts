import type { Agent } from '../../registry/agent.ts';
import { type CardVersion, maxCardVersions, servedVersionOf } from '../../registry/card-version.ts';
import { keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import type { Page, PageRequest } from '../port.ts';
import type { CardVersionStore, CardVersionSummary } from '../ports/card-versions.ts';
import type { SqlDriver } from './driver.ts';

/** Versions of cards in the table `card_versions`, from which they go with their agent. */
export class SqliteCardVersions implements CardVersionStore {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async list(agentId: string, { size, after }: PageRequest): Promise<Page<CardVersionSummary>> {
    checkPageSize(size);
    return this.#driver.snapshot(() => {
      const key = keyText(agentId);
      const counted = this.#driver.get<{ total: number }>(
        'SELECT count(*) AS total FROM card_versions WHERE agent_id = ?',
        [key],
      );
      const found = this.#driver.all<{ summary: string }>(
        `SELECT summary FROM card_versions WHERE agent_id = ? AND version < ? ORDER BY version DESC LIMIT ?`,
        [key, after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), size + 1],
      );
      const items = found.slice(0, size).map(({ summary }) => toSummary(summary));
      const next = found.length > size ? items.at(-1) : undefined;
      return {
        items,
        ...(next !== undefined && { next: `${next.version}` }),
        totalSize: counted?.total ?? 0,
      };
    });
  }

  async get(agentId: string, version: number): Promise<CardVersion | undefined> {
    const row = this.#driver.get<{ summary: string; card: string }>(
      'SELECT summary, card FROM card_versions WHERE agent_id = ? AND version = ?',
      [keyText(agentId), version],
    );
    // The only writers of this column are `keepServedVersion` and the migration.
    return row && { ...toSummary(row.summary), card: JSON.parse(row.card) as CardVersion['card'] };
  }
}

/** Keeps the card an agent is written with, unless it is kept, and drops the oldest; in the transaction of the write. */
export function keepServedVersion(driver: SqlDriver, agent: Agent): void {
  const key = keyText(agent.agentId);
  const { card, ...summary } = servedVersionOf(agent);
  const { version } = summary;
  const kept = driver.get('SELECT 1 FROM card_versions WHERE agent_id = ? AND version = ?', [key, version]);
  if (kept !== undefined) return;
  driver.run('INSERT INTO card_versions (agent_id, version, summary, card) VALUES (?, ?, ?, ?)', [
    key,
    version,
    JSON.stringify(summary),
    JSON.stringify(card),
  ]);
  driver.run('DELETE FROM card_versions WHERE agent_id = ? AND version <= ?', [
    key,
    version - maxCardVersions,
  ]);
}

function toSummary(text: string): CardVersionSummary {
  return JSON.parse(text) as CardVersionSummary;
}
