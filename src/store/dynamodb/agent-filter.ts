import { patternCovers } from '../../access/permission.ts';
import type { AgentFilter } from '../port.ts';
import { type AgentEntry, ownerKey } from './agent-entry.ts';

/** `allowedAgents` entries by their kind; together they cover what the entries cover one by one. */
export interface SortedPatterns {
  /** One of them covers every agent. */
  all: boolean;
  ids: ReadonlySet<string>;
  tags: ReadonlySet<string>;
  globs: ReadonlySet<string>;
}

export function sortPatterns(patterns: readonly string[]): SortedPatterns {
  const ids = new Set<string>();
  const tags = new Set<string>();
  const globs = new Set<string>();
  for (const pattern of patterns) {
    if (pattern.startsWith('tag:')) tags.add(pattern.slice('tag:'.length));
    else if (pattern.includes('*')) globs.add(pattern);
    else ids.add(pattern);
  }
  return { all: [...globs].some((glob) => /^\*+$/.test(glob)), ids, tags, globs };
}

/** The filter as a test of one entry. Decides exactly, whatever access path the entry came by. */
export function toPredicate(filter: AgentFilter): (entry: AgentEntry) => boolean {
  const { status, tag } = filter;
  const owner = filter.owner && ownerKey(filter.owner);
  const covered = filter.patterns === undefined ? () => true : coveredBy(sortPatterns(filter.patterns));
  const denied = coveredBy(sortPatterns(filter.deniedPatterns ?? []));
  return (entry) =>
    (status === undefined || entry.status === status) &&
    (tag === undefined || entry.tags.includes(tag)) &&
    (owner === undefined || entry.owner === owner) &&
    covered(entry) &&
    !denied(entry);
}

function coveredBy({ all, ids, tags, globs }: SortedPatterns): (entry: AgentEntry) => boolean {
  if (all) return () => true;
  const globList = [...globs];
  return (entry) =>
    ids.has(entry.agentId) ||
    entry.tags.some((tag) => tags.has(tag)) ||
    globList.some((glob) => patternCovers(glob, entry));
}
