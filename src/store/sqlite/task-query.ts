import { keyText } from '../key-text.ts';
import type { Holder, TaskCursor, TaskQuery } from '../ports/ownership.ts';
import type { SqlCondition } from './agent-filter.ts';

export interface TaskCondition extends SqlCondition {
  /** By more than whose the tasks are. */
  isFiltered: boolean;
}

/** Which rows of `owned` match, whatever the page. Its text depends only on which members are present. */
export function toTaskCondition(holder: Holder, query: TaskQuery, nowMs: number): TaskCondition {
  const { contextId, states, statusFromMs } = query;
  const parts: SqlCondition[] = [{ sql: isListed, parameters: [holder.agentKey, holder.ownerKey, nowMs] }];
  if (contextId !== undefined) parts.push({ sql: 'context_id = ?', parameters: [keyText(contextId)] });
  if (states !== undefined) {
    const list = JSON.stringify(states.map(keyText));
    parts.push({ sql: 'state IN (SELECT value FROM json_each(?))', parameters: [list] });
  }
  if (statusFromMs !== undefined) parts.push({ sql: 'status_at_ms >= ?', parameters: [statusFromMs] });
  return {
    sql: parts.map((part) => part.sql).join(' AND '),
    parameters: parts.flatMap((part) => part.parameters),
    isFiltered: parts.length > 1,
  };
}

/** In the words of the indexes of tasks, which are of these rows alone. */
const isListed = `agent_key = ? AND owner_key = ? AND kind = 'task' AND is_forgotten = 0 AND expires_at_ms > ?`;

/** The rows behind a cursor. The first comparison is one that the index is entered by. */
export function behind(cursor: TaskCursor | undefined): SqlCondition {
  if (cursor === undefined) return { sql: 'TRUE', parameters: [] };
  const { statusAtMs, taskId } = cursor;
  return {
    sql: 'status_at_ms <= ? AND (status_at_ms < ? OR id > ?)',
    parameters: [statusAtMs, statusAtMs, keyText(taskId)],
  };
}
