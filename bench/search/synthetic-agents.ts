import { exactKey, termsOf } from '../../src/search/analysis.ts';
import { fields, type SearchDocument } from '../../src/search/document.ts';
import { queryTermsOf } from '../../src/search/query-terms.ts';
import type { IndexQuery } from '../../src/search/search-index.ts';
import { normalized } from '../../src/search/vector.ts';

/** Agents as large registries may have them, made of numbers: the same in every run, and each by itself. */

export const dimensions = 512;
export const modelId = 'synthetic:512';

const vocabularySize = 30_000;
const clusters = 200;
const syllables = 'ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu zar ten mor lin dra'.split(
  ' ',
);

/** Numbers from 0 to 1, by a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = (Math.imul(seed, 2_654_435_761) + 1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const words = Array.from({ length: vocabularySize }, (_, at) => {
  const random = randomFrom(at);
  return Array.from(
    { length: 2 + Math.floor(random() * 3) },
    () => syllables[Math.floor(random() * syllables.length)],
  ).join('');
});

/** By Zipf's law with exponent 1: the nth word is as frequent as 1 / n. */
function someWord(random: () => number): string {
  return words[Math.floor(Math.exp(random() * Math.log(vocabularySize))) - 1] ?? '';
}

function someWords(random: () => number, count: number): string {
  return Array.from({ length: count }, () => someWord(random)).join(' ');
}

/** 50 to 100 words; ids `team-<0 to 99>-<number>`, every tenth with tag `tenth`. */
export function documentOf(number: number): SearchDocument {
  const random = randomFrom(1_000_000 + number);
  const agentId = `team-${number % 100}-${number}`;
  const name = `${someWords(random, 2)} ${number}`;
  const tags = [`tag-${Math.floor(random() * 500)}`, `area-${number % 40}`];
  if (number % 10 === 0) tags.push('tenth');
  const parts = [
    name,
    tags.join(' '),
    someWords(random, 6),
    someWords(random, 30 + Math.floor(random() * 30)),
    someWords(random, 12 + Math.floor(random() * 20)),
  ];
  const terms = new Map<string, number>();
  for (const place of fields.keys())
    for (const term of termsOf(parts[place] ?? '')) if (!terms.has(term)) terms.set(term, place);
  const facets = ['binding:JSONRPC', 'version:1.0', ...(number % 2 === 0 ? ['capability:streaming'] : [])];
  return { agentId, revision: 1, name: exactKey(name), tags, facets, terms, text: parts.join('. ') };
}

/** Near to those of its cluster. */
export function vectorOf(number: number): Float32Array {
  return near(clusterCentre(number % clusters), randomFrom(2_000_000 + number), 1);
}

const centres = new Map<number, Float32Array>();

function clusterCentre(cluster: number): Float32Array {
  let centre = centres.get(cluster);
  if (centre === undefined) {
    centre = near(new Float32Array(dimensions), randomFrom(3_000_000 + cluster), 1);
    centres.set(cluster, centre);
  }
  return centre;
}

function near(centre: Float32Array, random: () => number, noise: number): Float32Array {
  const spread = (noise * 3.46) / Math.sqrt(dimensions);
  return normalized(centre.map((value) => value + (random() - 0.5) * spread));
}

/** Words of one of the agents, some misspelt, and a vector near to its. */
export function queryOf(number: number, agents: number, patterns: readonly string[]): IndexQuery {
  const random = randomFrom(4_000_000 + number);
  const meant = Math.floor(random() * agents);
  const known = [...documentOf(meant).terms.keys()];
  const asked = Array.from({ length: 2 + Math.floor(random() * 6) }, () => {
    const word = known[Math.floor(random() * known.length)] ?? '';
    return random() < 0.2 ? `${word.slice(0, 3)}x${word.slice(4)}` : word;
  }).join(' ');
  return {
    ...{ terms: queryTermsOf(asked), exact: exactKey(asked), patterns, deniedPatterns: [] },
    ...{ tags: [], facets: [], limit: 10 },
    vector: {
      modelId,
      values: near(vectorOf(meant), random, 0.7),
      calibration: { low: 0.25, high: 0.85 },
    },
  };
}
