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

/**
 * Measures where a model puts texts that belong together and texts that do not: models differ widely, and without this a
 * floor that suits one would let noise through in the next, or nothing at all. Costs 48 embeddings, once a set.
 */
export async function calibrate(embedder: Embedder): Promise<Calibration> {
  const needs = await embedder.embed(
    pairs.map(([need]) => need),
    'query',
  );
  const agents = await embedder.embed(
    pairs.map(([, agent]) => agent),
    'document',
  );
  const related: number[] = [];
  const unrelated: number[] = [];
  for (const [at, need] of needs.entries()) {
    for (const [other, agent] of agents.entries())
      (at === other ? related : unrelated).push(dot(need, agent));
  }
  const low = quantile(unrelated, lowQuantile);
  // A model that cannot tell them apart still gets a scale that grows.
  return { low, high: Math.max(quantile(related, highQuantile), low + 0.05) };
}

const lowQuantile = 0.75;
const highQuantile = 0.75;

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
}
