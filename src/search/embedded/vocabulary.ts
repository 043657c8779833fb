import { scoreWeights, shortestMisspelt } from '../score.ts';
import { bitCount } from './bitmap.ts';

/** How many letters may be wrong; see `spelling`. */
const mostWrong = scoreWeights.misspelt.length;

/**
 * The terms of all agents, so that misspelt ones are found without trying every one: `spelling` only takes terms for each
 * other that begin with the same letter and differ little in length and letters. It decides; this leaves out most of
 * those it would refuse.
 */
export class Vocabulary {
  readonly #buckets = new Map<string, Bucket>();

  /** @param term one that was not added before */
  add(term: string): void {
    const key = keyOf(term, term.length);
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { terms: [], letters: [] };
      this.#buckets.set(key, bucket);
    }
    bucket.terms.push(term);
    bucket.letters.push(lettersOf(term));
  }

  /** Every known term that may be a spelling of this one, and others. */
  near(term: string): string[] {
    const near: string[] = [];
    if (term.length < shortestMisspelt) return near;
    const letters = lettersOf(term);
    for (let length = term.length - mostWrong; length <= term.length + mostWrong; length++) {
      const bucket = this.#buckets.get(keyOf(term, length));
      if (bucket === undefined) continue;
      for (let at = 0; at < bucket.letters.length; at++) {
        // A wrong letter takes one away and brings another.
        if (bitCount(letters ^ (bucket.letters[at] ?? 0)) > 2 * mostWrong) continue;
        near.push(bucket.terms[at] ?? '');
      }
    }
    return near;
  }
}

interface Bucket {
  terms: string[];
  /** Of each term. */
  letters: number[];
}

function keyOf(term: string, length: number): string {
  return `${length}${term[0]}`;
}

/** Which letters occur, one bit for each 32nd of them. */
function lettersOf(term: string): number {
  let letters = 0;
  for (let at = 0; at < term.length; at++) letters |= 1 << (term.charCodeAt(at) & 31);
  return letters;
}
