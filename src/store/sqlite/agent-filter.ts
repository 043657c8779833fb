import { keyText } from '../key-text.ts';
import type { AgentFilter } from '../port.ts';
import type { SqlParameter } from './bind.ts';

export interface SqlCondition {
  /** Over the columns of `agents`; a condition that is always true for no filter. */
  sql: string;
  parameters: SqlParameter[];
}

/** The filter as a condition. Its text depends only on which members are present, so few texts are prepared. */
export function toCondition(filter: AgentFilter): SqlCondition {
  const parts: SqlCondition[] = [];
  if (filter.status !== undefined) parts.push({ sql: 'status = ?', parameters: [filter.status] });
  if (filter.owner !== undefined) {
    const { issuer, subject } = filter.owner;
    const parameters = [keyText(issuer), keyText(subject)];
    parts.push({ sql: '(owner_issuer = ? AND owner_subject = ?)', parameters });
  }
  if (filter.tag !== undefined) parts.push({ sql: hasTag, parameters: [keyText(filter.tag)] });
  if (filter.patterns !== undefined) parts.push(...coveredBy(filter.patterns));
  if (filter.deniedPatterns !== undefined) parts.push(...deniedBy(filter.deniedPatterns));
  return {
    sql: parts.map((part) => part.sql).join(' AND ') || 'TRUE',
    parameters: parts.flatMap((part) => part.parameters),
  };
}

const hasTag = 'agent_id IN (SELECT agent_id FROM agent_tags WHERE tag = ?)';

/**
 * The ids are found from the patterns, not the patterns tried on every id: a plain id and a tag are looked up, and
 * a glob is tried only on ids that begin with what stands before its first `*`. The lists travel as JSON, so their
 * length meets no limit of SQLite on parameters or expressions.
 */
const covered = `(
  WITH globs AS MATERIALIZED (
    SELECT value ->> 0 AS glob, value ->> 1 AS head, value ->> 2 AS beyond FROM json_each(?)
  )
  SELECT value FROM json_each(?)
  UNION ALL
  SELECT agent_id FROM agent_tags WHERE tag IN (SELECT value FROM json_each(?))
  UNION ALL
  SELECT candidate.agent_id FROM globs CROSS JOIN agents AS candidate
  WHERE candidate.agent_id >= head AND candidate.agent_id < beyond AND candidate.agent_id GLOB glob)`;

function coveredBy(patterns: readonly string[]): SqlCondition[] {
  if (patterns.some(coversAll)) return [];
  return [{ sql: `agent_id IN ${covered}`, parameters: parametersOf(patterns) }];
}

function deniedBy(patterns: readonly string[]): SqlCondition[] {
  if (patterns.length === 0) return [];
  if (patterns.some(coversAll)) return [{ sql: 'FALSE', parameters: [] }];
  return [{ sql: `agent_id NOT IN ${covered}`, parameters: parametersOf(patterns) }];
}

function coversAll(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}

/** Of {@link covered}. */
function parametersOf(patterns: readonly string[]): SqlParameter[] {
  const ids: string[] = [];
  const tags: string[] = [];
  const globs: [glob: string, head: string, beyond: string][] = [];
  for (const pattern of new Set(patterns)) {
    if (pattern.startsWith('tag:')) tags.push(keyText(pattern.slice('tag:'.length)));
    else if (pattern.includes('*')) globs.push(toGlob(keyText(pattern)));
    else ids.push(keyText(pattern));
  }
  return [globs, ids, tags].map((list) => JSON.stringify(list));
}

/** `?` and `[` mean something to GLOB and nothing in a pattern; legal patterns hold neither. */
function toGlob(pattern: string): [glob: string, head: string, beyond: string] {
  const head = pattern.slice(0, pattern.indexOf('*'));
  return [pattern.replaceAll(/[?[]/g, '[$&]'), head, `${head}\u{10ffff}`];
}
