import { distance } from 'fastest-levenshtein';
import { type Field, fields } from './document.ts';
import type { QueryTerm } from './query-terms.ts';

/**
 * How well an agent fits a query: a pure function of the two and the model. It depends neither on the other agents nor on
 * who asks, so it is the same in every call, and no caller can tell from a score what agents it may not see exist.
 *
 *   lexical = mean over the query's terms of the best match in the agent: place × likeness
 *   vector  = where the similarity lies between what the model gives unrelated texts (0) and related ones (1)
 *   fit     = 1 − (1 − a·vector) · (1 − b·lexical)
 *   score   = 0.9·fit; but from 0.91 where the query is a tag of the agent, 0.94 its name, 0.97 its id
 *
 * Indexes rely on two things: a score never falls as similarity grows, and a misspelling begins with the same letter.
 * The constants were chosen by `bench/search`, on one half of its queries.
 */

/** How a similarity is read. */
export interface Calibration {
  /** Of texts that have nothing in common; gives 0. */
  low: number;
  /** Of a need and the agent that meets it; gives 1. */
  high: number;
}

export type ExactHit = 'id' | 'name' | 'tag';

export interface ScoreWeights {
  places: Readonly<Record<Field, number>>;
  /** Of a term found with one letter wrong, and with two. */
  misspelt: readonly [number, number];
  /** Of a term found by a synonym. */
  synonym: number;
  vector: number;
  lexical: number;
  floor: number;
}

export const scoreWeights: ScoreWeights = {
  places: { name: 1, tag: 1, skill: 1, description: 0.7, example: 0.5 },
  misspelt: [0.8, 0.5],
  synonym: 0.85,
  vector: 0.7,
  lexical: 0.9,
  floor: 0.25,
};

/** Of places by their number; see `fields`. */
export function placeWeights({ places }: ScoreWeights = scoreWeights): number[] {
  return fields.map((field) => places[field]);
}

/** A term shorter than this is never taken for a misspelling, and one twice as long may have two letters wrong. */
export const shortestMisspelt = 5;

/** How well a term of an agent meets one of the query: itself, a spelling of it, a synonym. 0: not at all. */
export function likeness(
  { term, synonyms }: QueryTerm,
  found: string,
  weights: ScoreWeights = scoreWeights,
): number {
  const spelt = spelling(term, found, weights);
  return spelt < weights.synonym && synonyms.includes(found) ? weights.synonym : spelt;
}

/** 1 for the same term; less for one that may be meant: same first letter, one or two letters wrong. Else 0. */
export function spelling(wanted: string, found: string, { misspelt }: ScoreWeights = scoreWeights): number {
  if (wanted === found) return 1;
  const wrong = wanted.length >= 2 * shortestMisspelt - 2 ? 2 : wanted.length >= shortestMisspelt ? 1 : 0;
  if (wrong === 0 || Math.abs(wanted.length - found.length) > wrong || wanted[0] !== found[0]) return 0;
  const letters = distance(wanted, found);
  return letters <= wrong ? (misspelt[letters - 1] ?? 0) : 0;
}

/** 0 to 1. */
export function vectorScore(similarity: number, { low, high }: Calibration): number {
  return Math.min(1, Math.max(0, (similarity - low) / (high - low)));
}

/** 0 to 1, of the lexical score, the vector score and what the query is exactly. */
export function score(
  lexical: number,
  vector: number,
  exact: ExactHit | undefined,
  weights: ScoreWeights = scoreWeights,
): number {
  const fit = 1 - (1 - weights.vector * vector) * (1 - weights.lexical * lexical);
  if (exact === undefined) return rounded(0.9 * fit);
  return rounded(exactBands[exact] + 0.03 * fit);
}

/** So that the id comes before the name, the name before a tag, a tag before all that is not exact. */
const exactBands: Readonly<Record<ExactHit, number>> = { id: 0.97, name: 0.94, tag: 0.91 };

/** To what is shown, so that what looks equal is. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
