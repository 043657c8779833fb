/** A vector of 8-bit numbers; each stands for itself times `scale`, rounded to 32-bit floats. */
export interface QuantizedVector {
  scale: number;
  bytes: Int8Array;
}

const largest = 127;

/** The nearest such vector: the largest component is kept, the others to 1/254 of it. */
export function quantize(vector: Float32Array): QuantizedVector {
  let most = 0;
  for (const value of vector) most = Math.max(most, Math.abs(value));
  const scale = Math.fround(most / largest);
  const bytes = new Int8Array(vector.length);
  if (scale === 0) return { scale, bytes };
  for (const [at, value] of vector.entries()) {
    bytes[at] = Math.max(-largest, Math.min(largest, Math.round(value / scale)));
  }
  return { scale, bytes };
}

/** The vector it stands for; what a scan is given to find the same. */
export function dequantize({ scale, bytes }: QuantizedVector): Float32Array {
  const vector = new Float32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) vector[at] = (bytes[at] ?? 0) * scale;
  return vector;
}

/** A query of 16-bit numbers, as the scan takes it. */
export interface QuantizedQuery {
  scale: number;
  values: Int16Array;
  /** The length of what was lost. */
  errorLength: number;
}

/** As many of 16 bits as are sure not to overflow a 32-bit sum of products with 8-bit numbers. */
export function quantizeQuery(query: Float32Array): QuantizedQuery {
  const most = Math.min(32_767, Math.floor((2 ** 31 - 1) / (largest * Math.max(1, query.length))));
  let greatest = 0;
  for (const value of query) greatest = Math.max(greatest, Math.abs(value));
  const scale = greatest === 0 ? 1 : greatest / most;
  const values = new Int16Array(query.length);
  let squares = 0;
  for (const [at, value] of query.entries()) {
    const step = Math.max(-most, Math.min(most, Math.round(value / scale)));
    values[at] = step;
    squares += (value - step * scale) ** 2;
  }
  return { scale, values, errorLength: Math.sqrt(squares) };
}
