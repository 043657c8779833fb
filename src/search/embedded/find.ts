import { type ExactHit, type ScoreWeights, score, vectorScore } from '../score.ts';
import type { IndexQuery, QueryVector } from '../search-index.ts';
import { type AgentRows, exactHits, hitBits } from './agent-rows.ts';
import { BestRows, Greatest } from './best-rows.ts';
import type { Bitmap } from './bitmap.ts';
import { type LexicalScores, lexicalScores } from './lexical.ts';
import { type Nearness, nearnessOf } from './nearness.ts';
import { permittedRows } from './permitted.ts';

export interface FoundRows {
  /** Best first. */
  rows: number[];
  total: number;
  /** Of all permitted rows, for ranks. */
  lexical: LexicalScores;
  nearness: Nearness | undefined;
}

/**
 * The rows that `scan` would answer, and in its order. Lexical scores are exact. Of vectors there are estimates and how
 * wrong they may be at most, and scores grow with similarity; so a row's score lies between two values, and is worked out
 * exactly only where the two leave open whether it is above the floor or among the best.
 */
export function findRows(agents: AgentRows, query: IndexQuery, weights: ScoreWeights): FoundRows {
  const permitted = permittedRows(agents, query);
  const rows = permitted.values();
  const lexical = lexicalScores(agents, query.terms, permitted, weights);
  const { vector } = query;
  const nearness =
    vector !== undefined && agents.vectors !== undefined
      ? nearnessOf(agents.vectors, rows, vector)
      : undefined;
  const judge = new Judge(lexical, exactRows(agents, query.exact, permitted), nearness, vector, weights);
  const best = bestOf(rows, judge, query.limit, agents.agentIds, weights.floor);
  return { ...best, lexical, nearness };
}

/** What the whole query is of permitted rows. */
function exactRows(agents: AgentRows, exact: string, permitted: Bitmap): Map<number, ExactHit> {
  const hits = new Map<number, ExactHit>();
  for (const posting of agents.exact.get(exact)) {
    const row = posting >>> hitBits;
    const hit = exactHits[posting & ((1 << hitBits) - 1)];
    if (hit !== undefined && permitted.has(row)) hits.set(row, hit);
  }
  return hits;
}

function bestOf(
  rows: Uint32Array,
  judge: Judge,
  limit: number,
  agentIds: readonly string[],
  floor: number,
): Pick<FoundRows, 'rows' | 'total'> {
  const fitting: { at: number; least: number; most: number }[] = [];
  const greatest = new Greatest(limit);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? 0;
    if (judge.isSurelyBelow(row, at)) continue;
    let most = judge.most(row, at);
    if (most < floor) continue;
    let least = judge.least(row, at);
    if (least < floor && least < most) {
      least = judge.exact(row);
      most = least;
      if (least < floor) continue;
    }
    fitting.push({ at, least, most });
    greatest.add(least);
  }
  const best = new BestRows(limit, agentIds);
  for (const { at, least, most } of fitting) {
    // That many others are better for sure.
    if (most < greatest.least) continue;
    const row = rows[at] ?? 0;
    best.add(row, least === most ? least : judge.exact(row));
  }
  return { rows: best.rows().map(({ row }) => row), total: fitting.length };
}

/** The score of a row, as far as it is known. `at`: where the row is among those that were compared. */
class Judge {
  readonly #lexical: Float64Array;
  readonly #exactHits: ReadonlyMap<number, ExactHit>;
  readonly #nearness: Nearness | undefined;
  readonly #vector: QueryVector | undefined;
  readonly #weights: ScoreWeights;
  /** A row without a word of the query is below the floor where its estimate is below this. */
  readonly #cutoff: number;

  constructor(
    { scores }: LexicalScores,
    hits: ReadonlyMap<number, ExactHit>,
    nearness: Nearness | undefined,
    vector: QueryVector | undefined,
    weights: ScoreWeights,
  ) {
    this.#lexical = scores;
    this.#exactHits = hits;
    this.#nearness = nearness;
    this.#vector = vector;
    this.#weights = weights;
    this.#cutoff = this.#leastFitting() - (nearness?.error ?? 0);
  }

  isSurelyBelow(row: number, at: number): boolean {
    if ((this.#lexical[row] ?? 0) > 0 || this.#exactHits.has(row)) return false;
    const estimate = this.#nearness?.values[at] ?? Number.NaN;
    // Without a vector it is as one that is near to nothing.
    return !(estimate >= this.#cutoff) && this.#cutoff !== Number.NEGATIVE_INFINITY;
  }

  most(row: number, at: number): number {
    return this.#score(row, (this.#nearness?.values[at] ?? Number.NaN) + (this.#nearness?.error ?? 0));
  }

  least(row: number, at: number): number {
    return this.#score(row, (this.#nearness?.values[at] ?? Number.NaN) - (this.#nearness?.error ?? 0));
  }

  exact(row: number): number {
    return this.#score(row, this.#nearness?.exact(row) ?? Number.NaN);
  }

  #score(row: number, similarity: number): number {
    const vector =
      this.#vector === undefined || Number.isNaN(similarity)
        ? 0
        : vectorScore(similarity, this.#vector.calibration);
    return score(this.#lexical[row] ?? 0, vector, this.#exactHits.get(row), this.#weights);
  }

  /** Below this similarity no row fits by its vector alone; found by halving. */
  #leastFitting(): number {
    const { floor } = this.#weights;
    const fits = (vector: number) => score(0, vector, undefined, this.#weights) >= floor;
    if (fits(0)) return Number.NEGATIVE_INFINITY;
    if (this.#vector === undefined || !fits(1)) return Number.POSITIVE_INFINITY;
    const { calibration } = this.#vector;
    let { low, high } = calibration;
    for (let halved = 0; halved < 50; halved++) {
      const middle = (low + high) / 2;
      if (fits(vectorScore(middle, calibration))) high = middle;
      else low = middle;
    }
    return low;
  }
}
