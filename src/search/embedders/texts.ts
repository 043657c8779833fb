import { maxTextChars } from '../document.ts';
import { normalized } from '../vector.ts';

/** Of one call of `embed`. */
export const maxTexts = 64;

/**
 * A text as every model can take it: no lone surrogate, no control character, one space between words, 2000 characters
 * at most. Where nothing is left it is U+FFFD, so that no model is ever given an empty text.
 */
export function cleanText(text: string): string {
  // Cut first: what follows then has little to do, and sees the pair that the cut may have split.
  const clean = text
    .slice(0, maxTextChars)
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return clean || '\uFFFD';
}

/** @throws TypeError where there are none or too many */
export function cleanTexts(texts: readonly string[]): string[] {
  if (texts.length === 0 || texts.length > maxTexts) throw new TypeError(`1 to ${maxTexts} texts a call`);
  return texts.map(cleanText);
}

/**
 * What a model answered as a vector of length 1.
 * @throws Error where it is of another length, holds what is no number, or has no direction
 */
export function toUnitVector(values: ArrayLike<number>, dimensions: number): Float32Array {
  if (values.length !== dimensions) {
    throw new Error(`the model answers ${values.length} dimensions, not ${dimensions}`);
  }
  const vector = normalized(Float32Array.from(values));
  if (!vector.every(Number.isFinite)) throw new Error('the model answers a vector of what is no number');
  if (vector.every((value) => value === 0)) throw new Error('the model answers a vector without a direction');
  return vector;
}
