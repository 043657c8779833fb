import { dot } from '../vector.ts';
import { dotWasm } from './dot-wasm.ts';
import { dequantize, type QuantizedVector, quantizeQuery } from './quantize.ts';

/** Rows looked at in one call; their numbers and results have fixed places in the memory. */
const chunkRows = 4_096;
const chunkBytes = 4 * chunkRows;
const pageBytes = 65_536;
/** Of a component of a vector that is rounded to a 32-bit float, relative to it; and a margin for sums of 64-bit ones. */
const roundingError = 1e-7;

type Dots = (
  rows: number,
  count: number,
  vectors: number,
  stride: number,
  query: number,
  out: number,
) => void;

let compiled: WebAssembly.Module | undefined;

function dotModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Buffer.from(dotWasm, 'base64'));
  return compiled;
}

/**
 * The vectors of one set, a place a row, in the memory of a WebAssembly module that compares a query with many.
 * Layout: row numbers, results, the query, then the rows.
 */
export class VectorRows {
  readonly dimensions: number;
  readonly #stride: number;
  readonly #base: number;
  readonly #memory: WebAssembly.Memory;
  readonly #dots: Dots;
  /** NaN: no vector. */
  #scales = new Float32Array(0).fill(Number.NaN);
  /** Of the longest vector there has been. */
  #longest = 0;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#stride = Math.ceil(dimensions / 16) * 16;
    this.#base = 2 * chunkBytes + 2 * this.#stride;
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(this.#base / pageBytes) });
    const { exports } = new WebAssembly.Instance(dotModule(), { index: { memory: this.#memory } });
    // Exported by `dot.wat`.
    this.#dots = exports.dots as Dots;
  }

  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  has(row: number): boolean {
    return !Number.isNaN(this.#scales[row] ?? Number.NaN);
  }

  /** @throws TypeError where the vector is of another length; RangeError past 4 GiB */
  set(row: number, { scale, bytes }: QuantizedVector): void {
    if (bytes.length !== this.dimensions) throw new TypeError('a vector of another length than its set');
    this.#reserve(row + 1);
    this.#bytesOf(row).set(bytes);
    this.#scales[row] = scale;
    let squares = 0;
    for (const value of bytes) squares += value * value;
    this.#longest = Math.max(this.#longest, Math.sqrt(squares) * scale);
  }

  delete(row: number): void {
    if (row < this.#scales.length) this.#scales[row] = Number.NaN;
  }

  get(row: number): Float32Array | undefined {
    if (!this.has(row)) return undefined;
    return dequantize({ scale: this.#scales[row] ?? 0, bytes: this.#bytesOf(row) });
  }

  move(from: number, to: number): void {
    if (this.has(from)) this.set(to, { scale: this.#scales[from] ?? 0, bytes: this.#bytesOf(from).slice() });
    else this.delete(to);
    this.delete(from);
  }

  /** What `scan` calls the similarity, to the last bit. */
  similarity(row: number, query: Float32Array): number {
    const vector = this.get(row);
    return vector === undefined ? Number.NaN : dot(vector, query);
  }

  /**
   * The similarity of each of these rows, or NaN where it has no vector, and by how much any may be wrong: the query is
   * rounded to 16 bits, and what that can make of a dot product is bounded by the lengths of the two (Cauchy-Schwarz).
   * @throws RangeError where the query is not finite or not of this length
   */
  similarities(rows: Uint32Array, query: Float32Array): { values: Float64Array; error: number } {
    const length = Math.sqrt(dot(query, query));
    if (query.length !== this.dimensions || !Number.isFinite(length))
      throw new RangeError('no query of this set');
    const { scale, values: steps, errorLength } = quantizeQuery(query);
    new Int16Array(this.#memory.buffer, 2 * chunkBytes, this.#stride).fill(0);
    new Int16Array(this.#memory.buffer, 2 * chunkBytes, this.#stride).set(steps);
    const values = new Float64Array(rows.length);
    this.#reserve((rows.at(-1) ?? -1) + 1);
    for (let start = 0; start < rows.length; start += chunkRows) {
      const chunk = rows.subarray(start, start + chunkRows);
      const sums = this.#sums(chunk);
      for (let at = 0; at < chunk.length; at++) {
        values[start + at] = (sums[at] ?? 0) * (this.#scales[chunk[at] ?? 0] ?? Number.NaN) * scale;
      }
    }
    return { values, error: this.#longest * (errorLength + roundingError * length) + 1e-12 };
  }

  #sums(rows: Uint32Array): Int32Array {
    new Uint32Array(this.#memory.buffer, 0, chunkRows).set(rows);
    this.#dots(0, rows.length, this.#base, this.#stride, 2 * chunkBytes, chunkBytes);
    return new Int32Array(this.#memory.buffer, chunkBytes, rows.length);
  }

  #bytesOf(row: number): Int8Array {
    return new Int8Array(this.#memory.buffer, this.#base + row * this.#stride, this.dimensions);
  }

  /** Growing by half keeps copies of the memory rare. */
  #reserve(rows: number): void {
    if (rows <= this.#scales.length) return;
    const capacity = Math.max(rows, Math.ceil(1.5 * this.#scales.length), 256);
    const missing = this.#base + capacity * this.#stride - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
    const scales = new Float32Array(capacity).fill(Number.NaN);
    scales.set(this.#scales);
    this.#scales = scales;
  }
}
