import { type ScoreWeights, scoreWeights } from '../../src/search/score.ts';
import { queryKinds } from './labelled.ts';
import { type Prepared, qualityOf } from './measure.ts';

type Step = (weights: ScoreWeights, value: number) => ScoreWeights;

/** What is tuned, and the values tried. */
const knobs: readonly [name: string, values: readonly number[], step: Step][] = [
  ['place tag', [0.8, 0.9, 1], (w, tag) => ({ ...w, places: { ...w.places, tag } })],
  ['place skill', [0.8, 0.9, 1], (w, skill) => ({ ...w, places: { ...w.places, skill } })],
  [
    'place description',
    [0.6, 0.7, 0.8, 0.9],
    (w, description) => ({ ...w, places: { ...w.places, description } }),
  ],
  ['place example', [0.4, 0.6, 0.7, 0.8, 0.9], (w, example) => ({ ...w, places: { ...w.places, example } })],
  ['one letter', [0.6, 0.7, 0.8, 0.9], (w, one) => ({ ...w, misspelt: [one, Math.min(one, w.misspelt[1])] })],
  [
    'two letters',
    [0.3, 0.5, 0.6, 0.7],
    (w, two) => ({ ...w, misspelt: [Math.max(two, w.misspelt[0]), two] }),
  ],
  ['synonym', [0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], (w, synonym) => ({ ...w, synonym })],
  ['vector', [0.5, 0.6, 0.7, 0.8, 0.9, 1], (w, vector) => ({ ...w, vector })],
  ['lexical', [0.6, 0.7, 0.8, 0.9, 1], (w, lexical) => ({ ...w, lexical })],
  ['floor', [0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5], (w, floor) => ({ ...w, floor })],
];

/**
 * Chooses weights for the given queries: one knob after the other, each at the value that is best with the others as they
 * are, until none moves.
 */
export function tune(
  prepared: Prepared,
  queries: Prepared['queries'],
  log: (line: string) => void,
): ScoreWeights {
  let weights = scoreWeights;
  let best = merit(prepared, queries, weights);
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false;
    for (const [name, values, step] of knobs) {
      for (const value of values) {
        const tried = step(weights, value);
        const reached = merit(prepared, queries, tried);
        if (reached <= best + 1e-9) continue;
        [weights, best, hasMoved] = [tried, reached, true];
        log(`${best.toFixed(4)}  ${name} ${value}`);
      }
    }
  }
  return weights;
}

/** The mean over the kinds of answerable queries of the mean reciprocal rank, less a part of the false hits. */
function merit(prepared: Prepared, queries: Prepared['queries'], weights: ScoreWeights): number {
  const ranks = queryKinds
    .filter((kind) => kind !== 'unanswerable')
    .map((kind) =>
      qualityOf(
        prepared,
        queries.filter((query) => query.kind === kind),
        'hybrid',
        weights,
      ),
    );
  const unanswerable = queries.filter(({ kind }) => kind === 'unanswerable');
  const { falseHits } = qualityOf(prepared, unanswerable, 'hybrid', weights);
  const rank = ranks.reduce((sum, { meanReciprocalRank }) => sum + meanReciprocalRank, 0) / ranks.length;
  return rank - falseHitPrice * falseHits;
}

/** What a query that should find nothing costs, in ranks of others: nine in ten false hits are worth a tenth of a rank. */
const falseHitPrice = 0.11;
