import { randomUUID } from 'node:crypto';
import { probeOnce } from '../../health/single-round.ts';
import { pause } from '../../pause.ts';
import { createCardProbe, publicOriginsOf } from '../../registry/card-probe.ts';
import { createNodeUpstream } from '../../upstream/node-upstream.ts';
import { openUpstream } from '../upstream.ts';
import type { Parts } from './parts.ts';

/** Less than the function's five minutes by more than the longest probe. */
const maxRoundMs = 3 * 60_000;

/** Asks some agents for their cards, without any credential: the function has none, and reads no secret. */
export async function probeSome({ settings, store, clock, log }: Parts): Promise<number> {
  const upstream = openUpstream(settings, createNodeUpstream);
  const ask = createCardProbe({
    upstream,
    send: () => Promise.reject(new TypeError('nothing is asked for with a credential')),
    newId: randomUUID,
    limits: { ...settings.limits, ...settings.deadlines },
  });
  const ending = new AbortController();
  // It keeps the process alive through the pauses of a round, which Lambda would take for the end of the function.
  const timer = setTimeout(() => ending.abort(), maxRoundMs);
  try {
    const originsOf = publicOriginsOf;
    return await probeOnce(
      { ...store, ask, originsOf, clock, log, pause, random: Math.random },
      ending.signal,
    );
  } finally {
    clearTimeout(timer);
  }
}
