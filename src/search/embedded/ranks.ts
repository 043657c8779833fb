import { vectorScore } from '../score.ts';
import type { IndexHit, QueryVector } from '../search-index.ts';
import type { LexicalScores } from './lexical.ts';
import type { Nearness } from './nearness.ts';

/** Counts how many values are above each of a few. */
class Above {
  /** Ascending, each once. */
  readonly values: readonly number[];
  /** At n: how many are above n of the values and not above the next. */
  readonly #counts: number[];

  constructor(values: Iterable<number>) {
    this.values = [...new Set(values)].sort((one, other) => one - other);
    this.#counts = new Array<number>(this.values.length + 1).fill(0);
  }

  add(value: number): void {
    this.addAbove(countBelow(this.values, value));
  }

  /** One that is above this many of the values. */
  addAbove(count: number): void {
    this.#counts[count] = (this.#counts[count] ?? 0) + 1;
  }

  /** 1 for the greatest of all. */
  rankOf(value: number): number {
    const at = this.values.indexOf(value);
    return 1 + this.#counts.slice(at + 1).reduce((sum, count) => sum + count, 0);
  }
}

/** How many of ascending numbers are below a value. */
function countBelow(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sets the lexical ranks of hits among all permitted rows. */
export function rankByWords(hits: readonly IndexHit[], { scores, found }: LexicalScores): void {
  const parts = hits.flatMap(({ lexical }) => lexical ?? []);
  if (parts.length === 0) return;
  const above = new Above(parts.map(({ score }) => score));
  for (const row of found) above.add(scores[row] ?? 0);
  for (const part of parts) part.rank = above.rankOf(part.score);
}

/**
 * Sets the vector ranks of hits among all permitted rows. Only rows so near to a hit that an estimate cannot tell which
 * is above are compared exactly.
 */
export function rankByVector(
  hits: readonly IndexHit[],
  nearness: Nearness,
  { calibration }: QueryVector,
): void {
  const parts = hits.flatMap(({ vector }) => vector ?? []);
  if (parts.length === 0) return;
  const above = new Above(parts.map(({ score }) => score));
  const { rows, values, error } = nearness;
  // Where the scores of hits are on the scale of similarities: all below `low` are 0, and nothing is above 1.
  const from = new Array<number>(above.values.length).fill(Number.POSITIVE_INFINITY);
  const to = new Array<number>(above.values.length).fill(Number.NEGATIVE_INFINITY);
  for (const { score, similarity } of parts) {
    const at = above.values.indexOf(score);
    const place = score <= 0 ? calibration.low : score >= 1 ? Number.POSITIVE_INFINITY : similarity;
    from[at] = Math.min(from[at] ?? 0, place - error);
    to[at] = Math.max(to[at] ?? 0, place + error);
  }
  const lowest = from[0] ?? 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    // So is one that is NaN, without a vector.
    if (!(value >= lowest)) continue;
    const sure = countBelow(to, value);
    // One more is possible for each that begins at or before it.
    if (sure === from.length || (from[sure] ?? 0) > value) above.addAbove(sure);
    else above.add(vectorScore(nearness.exact(rows[at] ?? 0), calibration));
  }
  for (const part of parts) part.rank = above.rankOf(part.score);
}
