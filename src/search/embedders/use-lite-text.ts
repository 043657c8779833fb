import type { EmbeddingPurpose } from '../embedder.ts';
import { normalized } from '../vector.ts';
import { cleanText } from './texts.ts';

/** How a text is read by the Universal Sentence Encoder Lite, which was made for English sentences. Pure. */

/**
 * Longest piece. The model reads 128 tokens, some 90 words, and nothing after, so an agent is read a sentence or so at a
 * time. On the queries of `bench/search`, by vectors alone, this finds keywords better than the first 128 tokens do;
 * for paraphrases no difference could be told.
 */
const maxPieceChars: Readonly<Record<EmbeddingPurpose, number>> = { query: 400, document: 100 };

/** Words end where they do: without it the last piece would be what the others had no room for. */
const slackChars = 12;

/**
 * Pieces of about equal length, at least one. In lower case: to the model `Expense` and `expense` are unlike words.
 * @param text cleaned, so that NFKC has little to do
 */
export function piecesOf(text: string, purpose: EmbeddingPurpose): string[] {
  // Cleaned again, because NFKC makes up to eighteen characters of one.
  const normal = cleanText(text.normalize('NFKC').toLowerCase());
  const count = Math.ceil(normal.length / maxPieceChars[purpose]);
  const chars = Math.ceil(normal.length / count) + slackChars;
  // Up to a space where there is one; an endless word is cut.
  const piece = new RegExp(`\\S.{0,${chars - 1}}(?=\\s|$)|\\S{1,${chars}}`, 'gu');
  return normal.match(piece) ?? [normal];
}

/** The vector of a text from those of its pieces. */
export function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    for (let place = 0; place < sum.length; place++) sum[place] = (sum[place] ?? 0) + (vector[place] ?? 0);
  }
  return normalized(sum);
}
