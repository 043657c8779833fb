import { normalized } from '../vector.ts';

/**
 * What the model cannot read it takes for one and the same word, so that to it all texts in Chinese are equal. As far as
 * a piece is not in Latin letters, this replaces its vector by one that is near to nothing but this very piece.
 *
 * @param vector of length 1, as the answer is unless the two cancel out
 */
export function withoutUnread(piece: string, vector: Float32Array): Float32Array {
  const share = unreadShare(piece);
  if (share === 0) return vector;
  const stray = strayVector(piece, vector.length);
  return normalized(vector.map((value, place) => (1 - share) * value + share * (stray[place] ?? 0)));
}

function unreadShare(piece: string): number {
  const letters = piece.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  const read = piece.match(/[\p{Script=Latin}0-9]/gu)?.length ?? 0;
  return read === 0 ? 1 : Math.max(0, 1 - read / letters);
}

/** A direction drawn from the text: in 512 dimensions two of them are all but orthogonal to each other and all else. */
function strayVector(text: string, dimensions: number): Float32Array {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  const vector = new Float32Array(dimensions);
  for (let place = 0; place < dimensions; place++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    vector[place] = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  }
  return normalized(vector);
}
