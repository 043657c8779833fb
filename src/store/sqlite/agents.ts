import type { Agent } from '../../registry/agent.ts';
import { keptAgent } from '../kept-agent.ts';
import { fromKeyText, keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import type { AgentFilter, AgentStore, Page, PageRequest } from '../port.ts';
import type { Audited } from '../ports/audit.ts';
import { toCondition } from './agent-filter.ts';
import { withAudit } from './audited.ts';
import type { SqlParameter } from './bind.ts';
import { keepServedVersion } from './card-versions.ts';
import type { SqlDriver } from './driver.ts';

/** Agents in the tables `agents` and `agent_tags`. Does not check an agent, nor that its revision is the next one. */
export class SqliteAgents implements AgentStore {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async get(agentId: string): Promise<Agent | undefined> {
    const row = this.#driver.get<DocumentRow>('SELECT document FROM agents WHERE agent_id = ?', [
      keyText(agentId),
    ]);
    return row === undefined ? undefined : fromDocument(row);
  }

  async create(agent: Agent, audited?: Audited): Promise<boolean> {
    return this.#write(
      agent,
      audited,
      `INSERT INTO agents (revision, status, owner_issuer, owner_subject, document, agent_id)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (agent_id) DO NOTHING`,
      [],
    );
  }

  async replace(agent: Agent, expectedRevision: number, audited?: Audited): Promise<boolean> {
    return this.#write(
      agent,
      audited,
      `UPDATE agents SET revision = ?, status = ?, owner_issuer = ?, owner_subject = ?, document = ?
       WHERE agent_id = ? AND revision = ?`,
      [expectedRevision],
    );
  }

  async delete(agentId: string, expectedRevision: number, audited?: Audited): Promise<boolean> {
    const sql = 'DELETE FROM agents WHERE agent_id = ? AND revision = ?';
    return withAudit(
      this.#driver,
      audited,
      () => this.#driver.run(sql, [keyText(agentId), expectedRevision]) === 1,
    );
  }

  async list(filter: AgentFilter, page: PageRequest): Promise<Page<Agent>> {
    checkPageSize(page.size);
    return this.#driver.snapshot(() => {
      // Ids first, so that no document is read that is not on the page.
      const { items: ids, ...rest } = this.#idPage(filter, page);
      return { items: this.#documents(ids.map(keyText)), ...rest };
    });
  }

  async ids(filter: AgentFilter, page: PageRequest): Promise<Page<string>> {
    checkPageSize(page.size);
    return this.#driver.snapshot(() => this.#idPage(filter, page));
  }

  #idPage(filter: AgentFilter, page: PageRequest): Page<string> {
    const { sql, parameters } = toCondition(filter);
    const total = this.#driver.get<{ total: number }>(
      `SELECT count(*) AS total FROM agents WHERE ${sql}`,
      parameters,
    );
    const found = this.#driver.all<{ agent_id: string }>(
      `SELECT agent_id FROM agents WHERE ${sql} AND agent_id > ? ORDER BY agent_id LIMIT ?`,
      [...parameters, keyText(page.after ?? ''), page.size + 1],
    );
    const items = found.slice(0, page.size).map((row) => fromKeyText(row.agent_id));
    const next = found.length > page.size ? items.at(-1) : undefined;
    return { items, ...(next !== undefined && { next }), totalSize: total?.total ?? 0 };
  }

  #documents(keys: readonly string[]): Agent[] {
    return this.#driver
      .all<DocumentRow>(
        'SELECT document FROM agents WHERE agent_id IN (SELECT value FROM json_each(?)) ORDER BY agent_id',
        [JSON.stringify(keys)],
      )
      .map(fromDocument);
  }

  /** One transaction for the row, its tags and its card's version. False: the statement's condition failed. */
  #write(
    agent: Agent,
    audited: Audited | undefined,
    sql: string,
    condition: readonly SqlParameter[],
  ): boolean {
    return withAudit(this.#driver, audited, () => {
      const key = keyText(agent.agentId);
      if (this.#driver.run(sql, [...columnsOf(agent), key, ...condition]) === 0) return false;
      this.#driver.run('DELETE FROM agent_tags WHERE agent_id = ?', [key]);
      this.#driver.run('INSERT OR IGNORE INTO agent_tags (tag, agent_id) SELECT value, ? FROM json_each(?)', [
        key,
        JSON.stringify(agent.tags.map(keyText)),
      ]);
      keepServedVersion(this.#driver, agent);
      return true;
    });
  }
}

interface DocumentRow {
  document: string;
}

function columnsOf(agent: Agent): SqlParameter[] {
  const { issuer, subject } = agent.owner;
  return [agent.revision, agent.status, keyText(issuer), keyText(subject), JSON.stringify(agent)];
}

function fromDocument(row: DocumentRow): Agent {
  return keptAgent(JSON.parse(row.document));
}
