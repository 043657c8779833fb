import { stemmer } from 'stemmer';
import { stopWords } from './stop-words.ts';
import { english } from './thesaurus/english.ts';
import { otherLanguages } from './thesaurus/other-languages.ts';

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

/** One thing a query asks for. */
export interface QueryTerm {
  term: string;
  /** Terms that may stand for it, itself not among them. */
  synonyms: readonly string[];
}

/**
 * What a query asks for: its terms, each once, without those that say nothing of what is sought ("find me an agent
 * that …"); all of them where nothing else is left. At most {@link maxQueryTerms}.
 */
export function queryTermsOf(query: string): QueryTerm[] {
  const all = [...new Set(termsOf(query))];
  const telling = all.filter((term) => !stopTerms().has(term));
  const terms = (telling.length > 0 ? telling : all).slice(0, maxQueryTerms);
  return terms.map((term) => ({ term, synonyms: synonymsOf(term) }));
}

export const maxQueryTerms = 48;

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

let knownStopTerms: ReadonlySet<string> | undefined;

function stopTerms(): ReadonlySet<string> {
  knownStopTerms ??= new Set(stopWords.flatMap(termsOf));
  return knownStopTerms;
}

let knownSynonyms: ReadonlyMap<string, ReadonlySet<string>> | undefined;

function synonymsOf(term: string): readonly string[] {
  knownSynonyms ??= readSynonyms();
  return [...(knownSynonyms.get(term) ?? [])];
}

/**
 * Every word of a line stands for every other one. A word of another language that is English too means the English one:
 * most queries are.
 */
function readSynonyms(): Map<string, Set<string>> {
  const synonyms = new Map<string, Set<string>>();
  const add = (group: readonly string[]) => {
    for (const term of group) {
      const others = synonyms.get(term) ?? new Set();
      for (const other of group) if (other !== term) others.add(other);
      synonyms.set(term, others);
    }
  };
  for (const line of english.split('\n')) add([...new Set(termsOf(line))]);
  const isEnglish = new Set([...synonyms.keys(), ...stopTerms()]);
  for (const line of otherLanguages.split('\n')) {
    const [head, ...others] = new Set(termsOf(line));
    if (head !== undefined) add([head, ...others.filter((term) => !isEnglish.has(term))]);
  }
  return synonyms;
}
