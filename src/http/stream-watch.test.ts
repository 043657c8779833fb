import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GatewayError } from '../failure.ts';
import { createStreamWatch, type Standing, type StreamWatch, type WatchedStream } from './stream-watch.ts';

let watch: StreamWatch;
let judged: string[];
/** By the key of what is judged; absent: it is good. */
let verdicts: Map<string, unknown>;

beforeEach(() => {
  vi.useFakeTimers();
  watch = createStreamWatch({ elapsedMs: () => Date.now() });
  judged = [];
  verdicts = new Map();
});
afterEach(() => vi.useRealTimers());

function standing(key: string): Standing {
  return {
    key,
    async judge() {
      judged.push(key);
      const verdict = verdicts.get(key);
      if (verdict !== undefined) throw verdict;
    },
  };
}

class Stream implements WatchedStream {
  ended: string | undefined;

  refuse(error: GatewayError): void {
    this.ended = error.failure.code;
    watch.forget(this);
  }
}

function opened(key: string): Stream {
  const stream = new Stream();
  watch.watch(stream, standing(key));
  return stream;
}

const forbidden = new GatewayError({ code: 'agent_forbidden' });
const storeDown = new GatewayError({ code: 'store_unavailable' });

it('judges once for all streams that stand or fall together', async () => {
  const streams = ['a', 'a', 'a', 'b'].map(opened);
  await vi.advanceTimersByTimeAsync(1_600);
  expect(judged).toEqual(['a', 'b']);
  verdicts.set('a', forbidden);
  await vi.advanceTimersByTimeAsync(1_600);
  const ended = streams.map((stream) => stream.ended);
  expect(ended).toEqual(['agent_forbidden', 'agent_forbidden', 'agent_forbidden', undefined]);
  judged = [];
  await vi.advanceTimersByTimeAsync(1_600);
  expect(judged).toEqual(['b']);
});

it('has no timer when there are no streams, and one again with the next', async () => {
  expect(vi.getTimerCount()).toBe(0);
  const stream = opened('a');
  expect(vi.getTimerCount()).toBe(1);
  watch.forget(stream);
  watch.forget(stream);
  await vi.advanceTimersByTimeAsync(1_600);
  expect([vi.getTimerCount(), judged]).toEqual([0, []]);
  opened('a');
  await vi.advanceTimersByTimeAsync(1_600);
  expect(judged).toEqual(['a']);
});

it('judges a stream that somebody else goes on with by them alone', async () => {
  const stream = opened('first');
  watch.watch(stream, standing('second'));
  verdicts.set('first', forbidden);
  await vi.advanceTimersByTimeAsync(1_600);
  expect([judged, stream.ended]).toEqual([['second'], undefined]);
});

it('bears a store that does not answer for a while, and then ends what it cannot judge', async () => {
  const stream = opened('a');
  verdicts.set('a', storeDown);
  await vi.advanceTimersByTimeAsync(4_700);
  expect([judged.length, stream.ended]).toEqual([3, undefined]);
  verdicts.delete('a');
  await vi.advanceTimersByTimeAsync(1_600);
  verdicts.set('a', new Error('unforeseen'));
  await vi.advanceTimersByTimeAsync(4_600);
  expect(stream.ended).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1_600);
  expect(stream.ended).toBe('internal');
});

it('bears a store that hangs no longer, and judges others meanwhile', async () => {
  const hanging = new Stream();
  const asked: string[] = [];
  const judge = () => {
    asked.push('hanging');
    return new Promise<void>(() => {});
  };
  watch.watch(hanging, { key: 'hanging', judge });
  const other = opened('other');
  await vi.advanceTimersByTimeAsync(4_900);
  expect([hanging.ended, asked.length > 1, judged.length > 1]).toEqual([undefined, true, true]);
  verdicts.set('other', forbidden);
  await vi.advanceTimersByTimeAsync(2_100);
  expect([hanging.ended, other.ended]).toEqual(['store_unavailable', 'agent_forbidden']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(vi.getTimerCount()).toBe(0);
});

it('ends what it cannot judge as soon where hundreds hang as where one does', async () => {
  const hanging = Array.from({ length: 600 }, (_, n) => {
    const stream = new Stream();
    watch.watch(stream, { key: `${n}`, judge: () => new Promise<void>(() => {}) });
    return stream;
  });
  await vi.advanceTimersByTimeAsync(8_500);
  expect(hanging.filter(({ ended }) => ended !== 'store_unavailable')).toEqual([]);
});

it('judges ten thousand callers in a round, with turns for others between', async () => {
  const streams = Array.from({ length: 10_000 }, (_, n) => opened(`${n}`));
  verdicts.set('9999', forbidden);
  await vi.advanceTimersByTimeAsync(1_700);
  expect(new Set(judged).size).toBe(10_000);
  expect(streams.filter(({ ended }) => ended !== undefined)).toEqual([streams[9_999]]);
});
