import { isPrimitive, type Metadata, toPredicate } from './filter.ts';
import { check } from './service-error.ts';

export interface StoredVector {
  key: string;
  values: Float32Array;
  metadata: Metadata;
}

export interface QueryRequest {
  values: number[];
  topK: number;
  filter: unknown;
}

const limits = {
  filterableBytes: 2_048,
  metadataBytes: 40 * 1_024,
  metadataKeys: 50,
  keyChars: 1_024,
} as const;

/** The vectors of one index, in memory, in the order of their first writing. */
export class VectorIndex {
  readonly createdAtMs = Date.now();
  readonly #dimension: number;
  readonly #isCosine: boolean;
  readonly #nonFilterableKeys: readonly string[];
  readonly #vectors = new Map<string, StoredVector>();

  constructor(dimension: number, distanceMetric: string, nonFilterableKeys: readonly string[]) {
    this.#dimension = dimension;
    this.#isCosine = distanceMetric === 'cosine';
    this.#nonFilterableKeys = nonFilterableKeys;
  }

  get size(): number {
    return this.#vectors.size;
  }

  /** All or nothing. */
  put(vectors: readonly { key: unknown; values: unknown; metadata: unknown }[]): void {
    const checked = vectors.map(({ key, values, metadata }): StoredVector => {
      check(isKey(key), 'a key is a text of 1 to 1024 characters');
      return { key, values: this.#checkedValues(values), metadata: this.#checkedMetadata(metadata) };
    });
    check(new Set(checked.map(({ key }) => key)).size === checked.length, 'a key comes twice');
    for (const vector of checked) this.#vectors.set(vector.key, vector);
  }

  get(keys: readonly unknown[]): StoredVector[] {
    check(keys.every(isKey), 'a key is a text of 1 to 1024 characters');
    return [...new Set(keys)].flatMap((key) => this.#vectors.get(key) ?? []);
  }

  delete(keys: readonly unknown[]): void {
    check(keys.every(isKey), 'a key is a text of 1 to 1024 characters');
    for (const key of keys) this.#vectors.delete(key);
  }

  list(): StoredVector[] {
    return [...this.#vectors.values()];
  }

  /** @param examined how many of the nearest are held against the filter, as a search that is approximate may do */
  query(
    { values, topK, filter }: QueryRequest,
    examined: number,
  ): { vector: StoredVector; distance: number }[] {
    const wanted = this.#checkedValues(values);
    const matches = filter === undefined ? () => true : toPredicate(filter, this.#nonFilterableKeys);
    const distanceOf = this.#isCosine ? cosineDistance : euclideanDistance;
    const near = this.list().map((vector) => ({ vector, distance: distanceOf(vector.values, wanted) }));
    return near
      .sort((one, other) => one.distance - other.distance)
      .slice(0, examined)
      .filter(({ vector }) => matches(vector.metadata))
      .slice(0, topK);
  }

  #checkedValues(values: unknown): Float32Array {
    check(
      Array.isArray(values) && values.every((value) => typeof value === 'number' && Number.isFinite(value)),
      'a vector is a list of numbers',
    );
    check(values.length === this.#dimension, `a vector here has ${this.#dimension} dimensions`);
    const vector = Float32Array.from(values);
    check(!this.#isCosine || vector.some((value) => value !== 0), 'a vector of zeros has no cosine');
    return vector;
  }

  #checkedMetadata(given: unknown): Metadata {
    if (given === undefined || given === null) return {};
    check(typeof given === 'object' && !Array.isArray(given), 'metadata is an object');
    const metadata = given as Metadata; // Checked below, value by value.
    check(Object.keys(metadata).length <= limits.metadataKeys, 'at most 50 metadata keys');
    const isValue = (value: unknown) =>
      isPrimitive(value) || (Array.isArray(value) && value.length > 0 && value.every(isPrimitive));
    check(
      Object.values(metadata).every(isValue),
      'a value is a string, a number, a boolean or a list of them',
    );
    const filterable = Object.entries(metadata).filter(([name]) => !this.#nonFilterableKeys.includes(name));
    check(bytesOf(Object.fromEntries(filterable)) <= limits.filterableBytes, 'more than 2 KB is filterable');
    check(bytesOf(metadata) <= limits.metadataBytes, 'more than 40 KB of metadata');
    return metadata;
  }
}

function isKey(key: unknown): key is string {
  return typeof key === 'string' && key.length >= 1 && key.length <= limits.keyChars;
}

function bytesOf(metadata: object): number {
  return Buffer.byteLength(JSON.stringify(metadata));
}

function cosineDistance(one: Float32Array, other: Float32Array): number {
  return Math.fround(1 - dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other)));
}

function euclideanDistance(one: Float32Array, other: Float32Array): number {
  return Math.fround(Math.sqrt(dot(one, one) + dot(other, other) - 2 * dot(one, other)));
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
