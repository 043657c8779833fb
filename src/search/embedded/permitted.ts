import type { IndexQuery } from '../search-index.ts';
import type { AgentRows } from './agent-rows.ts';
import { Bitmap } from './bitmap.ts';

/** The rows of agents that {@link isWanted} of `scan.ts` would let pass. */
export function permittedRows(
  agents: AgentRows,
  { patterns, deniedPatterns, tags, facets }: IndexQuery,
): Bitmap {
  const permitted = coveredRows(agents, patterns);
  permitted.drop(coveredRows(agents, deniedPatterns));
  permitted.keepOnly(agents.alive);
  for (const tag of tags) permitted.keepOnly(bitmapOf(agents.tags.get(tag)));
  for (const facet of facets) permitted.keepOnly(bitmapOf(agents.facets.get(facet)));
  return permitted;
}

function coveredRows(agents: AgentRows, patterns: readonly string[]): Bitmap {
  const covered = new Bitmap();
  for (const pattern of patterns) addCovered(agents, pattern, covered);
  return covered;
}

/** As `patternCovers` reads a pattern; dead rows may be among them. */
function addCovered(agents: AgentRows, pattern: string, covered: Bitmap): void {
  if (pattern.startsWith('tag:')) {
    for (const row of agents.tags.get(pattern.slice('tag:'.length))) covered.add(row);
  } else if (pattern.includes('*')) {
    covered.addAll(agents.globs.get(pattern, agents.agentIds));
  } else {
    const row = agents.rowOf(pattern);
    if (row !== undefined) covered.add(row);
  }
}

function bitmapOf(rows: Uint32Array): Bitmap {
  const bitmap = new Bitmap();
  for (const row of rows) bitmap.add(row);
  return bitmap;
}
