import { fromKeyText, keyText } from '../key-text.ts';
import { type KeptSight, type Owned, type OwnedTimes, ownedOf, takenAgain } from '../owned.ts';
import { checkPageSize } from '../page.ts';
import { sweptAtOnce } from '../port.ts';
import type {
  HeldId,
  Holder,
  OwnershipStore,
  SeenTask,
  Taken,
  TaskPage,
  TaskQuery,
} from '../ports/ownership.ts';
import type { SqlDriver } from './driver.ts';
import type { GroupCommit } from './group-commit.ts';
import { behind, toTaskCondition } from './task-query.ts';

/** Whose tasks and contexts are, in the table `owned`. Does not check that keys of holders are digests. */
export class SqliteOwnership implements OwnershipStore {
  readonly #driver: SqlDriver;
  readonly #commits: GroupCommit;

  constructor(driver: SqlDriver, commits: GroupCommit) {
    this.#driver = driver;
    this.#commits = commits;
  }

  async held({ agentKey, ownerKey }: Holder, ids: readonly HeldId[], nowMs: number): Promise<boolean[]> {
    // By the primary key, where nothing of another owner is met: by `owned_once` what is another's would be found first.
    const isHeld = ({ kind, id }: HeldId) =>
      this.#driver.get(
        `SELECT 1 FROM owned NOT INDEXED
         WHERE agent_key = ? AND owner_key = ? AND kind = ? AND id = ? AND expires_at_ms > ?`,
        [agentKey, ownerKey, kind, keyText(id), nowMs],
      ) !== undefined;
    return this.#driver.snapshot(() => ids.map(isHeld));
  }

  /** Waits for the disk only where something changes. */
  async take(holder: Holder, taken: Taken, times: OwnedTimes): Promise<boolean> {
    const ids = ownedOf(taken, times);
    const changes = () => this.#changesOf(holder, ids, times);
    const before = this.#driver.snapshot(changes);
    if (before === undefined || before.length === 0) return before !== undefined;
    return this.#commits.add(() => {
      const now = changes();
      for (const change of now ?? []) this.#put(holder, change);
      return now !== undefined;
    });
  }

  async tasks(holder: Holder, query: TaskQuery, nowMs: number): Promise<TaskPage> {
    checkPageSize(query.size);
    const { sql, parameters, isFiltered } = toTaskCondition(holder, query, nowMs);
    const from = behind(query.after);
    const countedBy = isFiltered ? 'owned_tasks_by_status' : 'owned_tasks_by_expiry';
    return this.#driver.snapshot(() => {
      const total = this.#driver.get<{ total: number }>(
        `SELECT count(*) AS total FROM owned INDEXED BY ${countedBy} WHERE ${sql}`,
        parameters,
      );
      const found = this.#driver.all<OwnedRow>(
        `SELECT id, context_id, state, status_at_ms FROM owned INDEXED BY owned_tasks_by_status
         WHERE ${sql} AND ${from.sql} ORDER BY status_at_ms DESC, id LIMIT ?`,
        [...parameters, ...from.parameters, query.size + 1],
      );
      const items = found.slice(0, query.size).map(toTask);
      const last = found.length > query.size ? items.at(-1) : undefined;
      const next = last && { statusAtMs: last.statusAtMs, taskId: last.taskId };
      return { items, ...(next && { next }), totalSize: total?.total ?? 0 };
    });
  }

  async forget({ agentKey, ownerKey }: Holder, taskId: string): Promise<void> {
    await this.#commits.add(() =>
      this.#driver.run(
        `UPDATE owned SET is_forgotten = 1
         WHERE agent_key = ? AND owner_key = ? AND kind = 'task' AND id = ?`,
        [agentKey, ownerKey, keyText(taskId)],
      ),
    );
  }

  async sweep(nowMs: number): Promise<void> {
    this.#driver.run(
      `DELETE FROM owned WHERE (agent_key, owner_key, kind, id) IN
         (SELECT agent_key, owner_key, kind, id FROM owned
          WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
      [nowMs, sweptAtOnce],
    );
  }

  /** What is to be written; undefined where another has one of the ids. */
  #changesOf(holder: Holder, ids: readonly Owned[], { nowMs, expiresAtMs }: OwnedTimes): Owned[] | undefined {
    const changes: Owned[] = [];
    for (const taken of ids) {
      const row = this.#rowOf(holder.agentKey, taken);
      if (row === undefined || row.expires_at_ms <= nowMs) {
        changes.push(taken);
        continue;
      }
      if (row.owner_key !== holder.ownerKey) return undefined;
      const change = takenAgain(toOwned(taken, row), taken, expiresAtMs);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  #rowOf(agentKey: string, { kind, id }: Owned): OwnedRow | undefined {
    return this.#driver.get<OwnedRow>('SELECT * FROM owned WHERE agent_key = ? AND kind = ? AND id = ?', [
      agentKey,
      kind,
      keyText(id),
    ]);
  }

  /** Over the row of whoever had it before: only an expired one, or the holder's own. */
  #put({ agentKey, ownerKey }: Holder, { kind, id, seen, expiresAtMs }: Owned): void {
    this.#driver.run(
      `INSERT OR REPLACE INTO owned
         (agent_key, owner_key, kind, id, context_id, state, status_at_ms, is_forgotten, expires_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ...[agentKey, ownerKey, kind, keyText(id)],
        ...[orNull(seen?.contextId), orNull(seen?.state), seen?.statusAtMs ?? null],
        ...[seen?.isForgotten ?? false, expiresAtMs],
      ],
    );
  }
}

interface OwnedRow {
  owner_key: string;
  id: string;
  context_id: string | null;
  state: string | null;
  status_at_ms: number | null;
  is_forgotten: number;
  expires_at_ms: number;
}

function orNull(text: string | undefined): string | null {
  return text === undefined ? null : keyText(text);
}

function toTask(row: OwnedRow): SeenTask {
  return { taskId: fromKeyText(row.id), ...sightOf(row) };
}

function toOwned({ kind, id }: Owned, row: OwnedRow): Owned {
  const seen: KeptSight = { ...sightOf(row), isForgotten: row.is_forgotten === 1 };
  return { kind, id, expiresAtMs: row.expires_at_ms, ...(kind === 'task' && { seen }) };
}

function sightOf({ context_id, state, status_at_ms }: OwnedRow): Omit<SeenTask, 'taskId'> {
  return {
    ...(context_id !== null && { contextId: fromKeyText(context_id) }),
    ...(state !== null && { state: fromKeyText(state) }),
    // Every task is written with one.
    statusAtMs: status_at_ms ?? 0,
  };
}
