import type { QueryVector } from '../search-index.ts';
import type { VectorRows } from './vector-rows.ts';

/** How near the vectors of rows are to a query: estimates of all, and of each, when needed, what `scan` would say. */
export interface Nearness {
  rows: Uint32Array;
  /** Of each of the rows; NaN: it has no vector. */
  values: Float64Array;
  /** How far an estimate may be from what is exact. */
  error: number;
  exact(row: number): number;
}

export function nearnessOf(vectors: VectorRows, rows: Uint32Array, query: QueryVector): Nearness {
  const { values, error } = vectors.similarities(rows, query.values);
  const known = new Map<number, number>();
  return {
    ...{ rows, values, error },
    exact(row) {
      let similarity = known.get(row);
      if (similarity === undefined) {
        similarity = vectors.similarity(row, query.values);
        known.set(row, similarity);
      }
      return similarity;
    },
  };
}
