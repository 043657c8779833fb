import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import { dot } from '../vector.ts';
import { dotWasm } from './dot-wasm.ts';
import { dequantize, quantize } from './quantize.ts';
import { VectorRows } from './vector-rows.ts';

describe('dot-wasm.ts', () => {
  it('is what dot.wat is assembled to', async () => {
    const features = { simd: true };
    const { parseWat } = await wabt();
    const module = parseWat('dot.wat', readFileSync(join(import.meta.dirname, 'dot.wat'), 'utf8'), features);
    module.validate();
    expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(dotWasm);
  });
});

describe('the rows of vectors', () => {
  const vectorsOf = (dimensions: number) =>
    fc
      .array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: dimensions, maxLength: dimensions })
      .map((values) => Float32Array.from(values));

  it('are compared within the error they tell, whatever the dimensions', () => {
    const cases = fc
      .integer({ min: 1, max: 70 })
      .chain((dimensions) =>
        fc.tuple(vectorsOf(dimensions), fc.array(fc.option(vectorsOf(dimensions)), { maxLength: 20 })),
      );
    fc.assert(
      fc.property(cases, ([query, vectors]) => {
        const rows = new VectorRows(query.length);
        for (const [row, vector] of vectors.entries()) if (vector !== null) rows.set(row, quantize(vector));
        const { values, error } = rows.similarities(Uint32Array.from(vectors.keys()), query);
        for (const [row, vector] of vectors.entries()) {
          const exact = vector === null ? Number.NaN : dot(dequantize(quantize(vector)), query);
          expect(rows.similarity(row, query)).toBe(exact);
          if (vector === null) expect(values[row]).toBeNaN();
          else expect(Math.abs((values[row] ?? Number.NaN) - exact)).toBeLessThanOrEqual(error);
        }
      }),
    );
  });

  it('do not overflow where all numbers are as large as they get', () => {
    for (const dimensions of [1, 512, 4_096]) {
      const rows = new VectorRows(dimensions);
      const ones = new Float32Array(dimensions).fill(1);
      rows.set(3, quantize(ones));
      const { values, error } = rows.similarities(Uint32Array.of(3), ones);
      expect(Math.abs((values[0] ?? 0) - dimensions)).toBeLessThanOrEqual(error);
      expect(error).toBeLessThan(dimensions * 1e-5);
    }
  });

  it('are compared in any number', () => {
    const rows = new VectorRows(16);
    const count = 10_000;
    for (let row = 0; row < count; row++) {
      const vector = new Float32Array(16);
      vector[row % 16] = 1;
      rows.set(row, quantize(vector));
    }
    const query = Float32Array.from({ length: 16 }, (_, at) => at / 16);
    const { values, error } = rows.similarities(
      Uint32Array.from({ length: count }, (_, row) => row),
      query,
    );
    const wrong = [...values].filter((value, row) => Math.abs(value - (row % 16) / 16) > error);
    expect(wrong).toEqual([]);
    expect(rows.memoryBytes).toBeGreaterThanOrEqual(16 * count);
  });
});
