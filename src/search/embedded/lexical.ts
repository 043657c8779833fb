import type { QueryTerm } from '../query-terms.ts';
import { likeness, placeWeights, type ScoreWeights } from '../score.ts';
import { type AgentRows, placeBits } from './agent-rows.ts';
import type { Bitmap } from './bitmap.ts';

/** The lexical scores of all permitted rows, added up as `scan` does, so that they are the same to the last bit. */
export interface LexicalScores {
  /** By row; 0: no term was found. */
  scores: Float64Array;
  /** Those above 0, in no order. */
  found: Uint32Array;
}

export function lexicalScores(
  agents: AgentRows,
  terms: readonly QueryTerm[],
  permitted: Bitmap,
  weights: ScoreWeights,
): LexicalScores {
  const rows = agents.agentIds.length;
  const scores = new Float64Array(rows);
  const found = new Uint32Array(rows);
  let count = 0;
  const best = new BestOfTerm(rows);
  for (const term of terms) {
    for (const [number, like] of meanings(agents, term, weights)) {
      best.take(agents.terms.get(number), like, permitted, weights);
    }
    for (const row of best.rows()) {
      const before = scores[row] ?? 0;
      if (before === 0) found[count++] = row;
      scores[row] = before + best.ofRow(row);
    }
    best.clear();
  }
  const asked = Math.max(1, terms.length);
  for (let at = 0; at < count; at++) {
    const row = found[at] ?? 0;
    scores[row] = (scores[row] ?? 0) / asked;
  }
  return { scores, found: found.subarray(0, count) };
}

/** The terms of agents that meet one of the query, by number, and how well. */
function meanings(
  { dictionary, vocabulary }: AgentRows,
  wanted: QueryTerm,
  weights: ScoreWeights,
): Map<number, number> {
  const meanings = new Map<number, number>();
  for (const found of [wanted.term, ...wanted.synonyms, ...vocabulary.near(wanted.term)]) {
    const number = dictionary.numberOf(found);
    if (number === undefined) continue;
    const like = likeness(wanted, found, weights);
    if (like > 0) meanings.set(number, like);
  }
  return meanings;
}

/** The best match of one term of the query, by row. */
class BestOfTerm {
  readonly #weights: Float64Array;
  readonly #rows: Uint32Array;
  #count = 0;

  constructor(rows: number) {
    this.#weights = new Float64Array(rows);
    this.#rows = new Uint32Array(rows);
  }

  take(postings: Uint32Array, like: number, permitted: Bitmap, weights: ScoreWeights): void {
    const byPlace = placeWeights(weights).map((place) => like * place);
    for (let at = 0; at < postings.length; at++) {
      const posting = postings[at] ?? 0;
      const row = posting >>> placeBits;
      if (!permitted.has(row)) continue;
      const weight = byPlace[posting & ((1 << placeBits) - 1)] ?? 0;
      const before = this.#weights[row] ?? 0;
      if (weight <= before) continue;
      if (before === 0) this.#rows[this.#count++] = row;
      this.#weights[row] = weight;
    }
  }

  rows(): Uint32Array {
    return this.#rows.subarray(0, this.#count);
  }

  ofRow(row: number): number {
    return this.#weights[row] ?? 0;
  }

  clear(): void {
    for (let at = 0; at < this.#count; at++) this.#weights[this.#rows[at] ?? 0] = 0;
    this.#count = 0;
  }
}
