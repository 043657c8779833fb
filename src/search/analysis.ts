import { stemmer } from 'stemmer';

/** Scripts written without spaces between words: a segmenter finds them. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const words = /[\p{L}\p{N}\p{M}]+/gu;
/** Accents of Latin, Greek and Cyrillic; elsewhere marks are vowels and sounds. */
const marks = /[\u0300-\u036f]/g;
/** `invoiceReader` and `HTTPServer` hold two words each. */
const humps = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu;
const latinWord = /^[a-z]{3,}$/;

/** Longer words are no words. */
const maxWordChars = 40;

/**
 * The terms of a text, in its order, with repetitions: words without case, marks and (English) endings. Text in scripts
 * without spaces is cut by Unicode's rules with the platform's dictionaries. Endings of other languages stay.
 */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  for (const [word] of text.normalize('NFKC').replace(humps, ' ').matchAll(words)) {
    for (const part of unspaced.test(word) ? segmentsOf(word) : [word]) {
      if (part.length <= maxWordChars) terms.push(toTerm(part));
    }
  }
  return terms.filter((term) => term !== '');
}

/** How ids, names and tags are compared where a query must be one of them: without case, marks and punctuation. */
export function exactKey(text: string): string {
  const found = fold(text.normalize('NFKC')).match(words);
  return found === null ? '' : found.join(' ');
}

function toTerm(word: string): string {
  const folded = fold(word);
  return latinWord.test(folded) ? stemmer(folded) : folded;
}

function fold(text: string): string {
  return text.toLowerCase().normalize('NFKD').replace(marks, '').normalize('NFKC');
}

function segmentsOf(word: string): string[] {
  return [...segmenter().segment(word)].flatMap(({ segment, isWordLike }) => (isWordLike ? segment : []));
}

let knownSegmenter: Intl.Segmenter | undefined;

/** Made when first needed: its dictionaries cost some milliseconds. */
function segmenter(): Intl.Segmenter {
  knownSegmenter ??= new Intl.Segmenter('und', { granularity: 'word' });
  return knownSegmenter;
}
