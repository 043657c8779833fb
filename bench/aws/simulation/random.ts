/** A source of numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

/** Mulberry32: 32 bits of state, good enough to draw loads, worth nothing for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A waiting time with this mean, without memory: arrivals of many who know nothing of each other. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** Sizes with a long tail: half are below the median, and `sigma` says how far the large ones go. */
export function logNormal(random: Random, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

export interface Zipf {
  /** A rank, 0 the most popular. */
  draw(random: Random): number;
  /** How likely a rank is. */
  share(rank: number): number;
}

/** Ranks whose popularity falls with `1 / (rank + 1) ** skew`; 0 makes all alike. By Vose's alias table. */
export function createZipf(count: number, skew: number): Zipf {
  const shares = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    const weight = (rank + 1) ** -skew;
    shares[rank] = weight;
    sum += weight;
  }
  for (let rank = 0; rank < count; rank++) shares[rank] = (shares[rank] ?? 0) / sum;
  const { keep, other } = aliasTable(shares);
  return {
    draw(random) {
      const slot = Math.floor(random() * count);
      return random() < (keep[slot] ?? 1) ? slot : (other[slot] ?? slot);
    },
    share: (rank) => shares[rank] ?? 0,
  };
}

function aliasTable(shares: Float64Array): { keep: Float64Array; other: Int32Array } {
  const count = shares.length;
  const keep = shares.map((share) => share * count);
  const other = new Int32Array(count);
  const small: number[] = [];
  const large: number[] = [];
  for (let slot = 0; slot < count; slot++) ((keep[slot] ?? 0) < 1 ? small : large).push(slot);
  for (;;) {
    const short = small.pop();
    const long = large.at(-1);
    if (short === undefined || long === undefined) break;
    other[short] = long;
    keep[long] = (keep[long] ?? 0) + (keep[short] ?? 0) - 1;
    if ((keep[long] ?? 0) < 1) small.push(large.pop() ?? long);
  }
  // What is left over is one but for rounding.
  for (const slot of large) keep[slot] = 1;
  return { keep, other };
}
