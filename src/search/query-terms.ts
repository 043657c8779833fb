import { termsOf } from './analysis.ts';
import { stopWords } from './stop-words.ts';
import { english } from './thesaurus/english.ts';
import { otherLanguages } from './thesaurus/other-languages.ts';

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
