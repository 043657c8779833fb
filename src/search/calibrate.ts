import type { Embedder } from './embedder.ts';
import type { Calibration } from './score.ts';
import { dot } from './vector.ts';

/**
 * Needs and the agents that meet them, of many trades, in other words. Part of what scores mean: a change of them changes
 * scores, so a new set of vectors is calibrated anew and an old one keeps what it was built with.
 */
const pairs: readonly (readonly [need: string, agent: string])[] = [
  ['remind the team about the meeting tomorrow', 'Calendar: schedules appointments and sends invitations'],
  ['is it going to rain this weekend', 'Weather forecasts for any city, with warnings of storms'],
  ['turn this speech into written words', 'Transcription: recognises spoken audio and returns text'],
  ['what does this sentence say in French', 'Translator between thirty languages'],
  ['my screen is broken and I want a new one', 'Hardware requests: replaces laptops, monitors and phones'],
  [
    'make this picture brighter and cut off the edges',
    'Image editing: crops, resizes and corrects photographs',
  ],
  ['who are the owners of this company', 'Business register lookup: shareholders and directors'],
  ['cook something with eggs and spinach', 'Recipe suggestions from the ingredients in your kitchen'],
  ['how many euros do I get for a hundred pounds', 'Currency conversion at current exchange rates'],
  [
    'the lights in the office should turn off at night',
    'Building automation: controls lamps, heating and blinds',
  ],
  ['put these numbers in a chart', 'Data visualisation: draws graphs from tables'],
  ['is the password of this account strong enough', 'Credential auditing: finds weak and leaked passwords'],
  ['shorten this long report to one page', 'Summarises documents'],
  ['where can I charge my electric car', 'Finds charging stations near a place'],
  ['check my essay for mistakes', 'Proofreading: grammar, spelling and style'],
  ['rent a flat near the university', 'Real estate search: apartments and houses to let or buy'],
  ['find out which customers are unhappy', 'Sentiment analysis of reviews and survey answers'],
  ['play something calm while I work', 'Music recommendations by mood and genre'],
  ['the printer on the third floor has no paper', 'Facilities desk: reports faults in the building'],
  ['how far is it to walk to the station', 'Maps and directions, with distances and travel times'],
  ['water the plants when the soil is dry', 'Irrigation control with moisture sensors'],
  ['which of these two medicines is safe with alcohol', 'Drug interaction checks for pharmacists'],
  ['teach me some words for my trip to Spain', 'Language tutor: vocabulary, dialogues and exercises'],
  ['make sure nobody copied this text', 'Plagiarism detection'],
];

/** What is measured of a model once, before its vectors are used. Plain numbers, kept beside the vectors. */
export interface ModelCalibration extends Calibration {
  /** The mean of many needs: what agents are near to whatever is asked. */
  needs: number[];
  /** The mean of many agents: how near a query is to whatever there is. */
  agents: number[];
}

/**
 * Measures where a model puts texts that belong together and texts that do not. Models differ widely: a floor that suits
 * one would let noise through in the next, or nothing at all. Costs 48 embeddings, once a set.
 */
export async function calibrate(embedder: Embedder): Promise<ModelCalibration> {
  const needs = await embedder.embed(
    pairs.map(([need]) => need),
    'query',
  );
  const agents = await embedder.embed(
    pairs.map(([, agent]) => agent),
    'document',
  );
  const centres = { needs: [...mean(needs)], agents: [...mean(agents)] };
  const related: number[] = [];
  const unrelated: number[] = [];
  for (const [at, need] of needs.entries()) {
    const { values, calibration } = toQueryVector(need, { ...centres, low: 0, high: 1 });
    for (const [other, agent] of agents.entries()) {
      (at === other ? related : unrelated).push(dot(values, agent) - calibration.low);
    }
  }
  const low = quantile(unrelated, lowQuantile);
  // A model that cannot tell them apart still gets a scale that grows.
  return { ...centres, low, high: Math.max(quantile(related, highQuantile), low + 0.05) };
}

/**
 * A query's vector as it is compared. Some agents are near to every query and some queries near to every agent; what is
 * common to all of them is taken off on both sides, or a vague card would win and nonsense would find much.
 */
export function toQueryVector(
  query: Float32Array,
  { needs, agents, low, high }: ModelCalibration,
): { values: Float32Array; calibration: Calibration } {
  const common = agentsShare * dot(query, Float32Array.from(agents));
  return {
    values: query.map((value, at) => value - needsShare * (needs[at] ?? 0)),
    calibration: { low: low + common, high: high + common },
  };
}

const needsShare = 0.5;
const agentsShare = 1.2;
const lowQuantile = 0.93;
const highQuantile = 0.9;

function mean(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) for (const [at, value] of vector.entries()) sum[at] = (sum[at] ?? 0) + value;
  return sum.map((value) => value / vectors.length);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}
