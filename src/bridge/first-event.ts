import type { CoreAnswer } from './core-call.ts';

/** A stream that has begun: its first event, as far as it came in time, and all events, that one included. */
export interface BegunStream {
  first?: CoreAnswer;
  events: AsyncIterable<CoreAnswer>;
}

/**
 * Waits for the first event of a stream, but no longer than whoever waits for the stream can be left without a word. What
 * comes later comes with the other events.
 *
 * @throws what reading the events does, as far as it comes in time
 */
export async function withFirstEvent(
  events: AsyncIterable<CoreAnswer>,
  waitMs: number,
): Promise<BegunStream> {
  const iterator = events[Symbol.asyncIterator]();
  const reading = iterator.next();
  const first = await inTime(reading, waitMs);
  return {
    ...(first !== undefined && first.done !== true && { first: first.value }),
    events: resumed(reading, iterator),
  };
}

async function inTime<T>(work: Promise<T>, waitMs: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, waitMs, undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function* resumed(
  reading: Promise<IteratorResult<CoreAnswer>>,
  iterator: AsyncIterator<CoreAnswer>,
): AsyncGenerator<CoreAnswer> {
  try {
    for (let next = await reading; next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
