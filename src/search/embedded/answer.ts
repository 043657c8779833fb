import type { SearchDocument } from '../document.ts';
import { scan } from '../scan.ts';
import { type ScoreWeights, scoreWeights } from '../score.ts';
import type { IndexAnswer, IndexHit, IndexQuery } from '../search-index.ts';
import type { AgentRows } from './agent-rows.ts';
import { findRows } from './find.ts';
import { rankByVector, rankByWords } from './ranks.ts';

/**
 * What `scan` answers of the same documents and vectors, equal in every number. Rows are found by lists and estimates; what
 * is said of each hit is said by `scan` itself, of this one agent, and only its ranks are put right.
 *
 * @param documentOf the document of an agent, as it was put; its text is not needed
 */
export function answerQuery(
  agents: AgentRows,
  query: IndexQuery,
  documentOf: (agentId: string) => SearchDocument | undefined,
  weights: ScoreWeights = scoreWeights,
): IndexAnswer {
  const { rows, total, lexical, nearness } = findRows(agents, query, weights);
  const hits = rows.map((row): IndexHit => {
    const document = documentOf(agents.agentIds[row] ?? '');
    const vector = query.vector && agents.vectors?.get(row);
    const entry = document && { document, ...(vector !== undefined && { vector }) };
    const [hit] = entry === undefined ? [] : scan([entry], query, weights).hits;
    if (hit === undefined) throw new Error(`what is known of ${agents.agentIds[row]} is not what is kept`);
    return hit;
  });
  rankByWords(hits, lexical);
  if (nearness !== undefined && query.vector !== undefined) rankByVector(hits, nearness, query.vector);
  return { hits, total, isTotalExact: true };
}
