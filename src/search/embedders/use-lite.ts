import type { Embedder } from '../embedder.ts';
import { createThread } from '../thread/thread.ts';
import { createTextQueue } from './text-queue.ts';
import { cleanTexts, toUnitVector } from './texts.ts';
import { meanOf, piecesOf } from './use-lite-text.ts';

const dimensions = 512;

/**
 * The model that comes along: Universal Sentence Encoder Lite, English, without network, key or cost by the call. It runs
 * in a thread of its own, which begins with the first call, takes some 250 MB and computes one batch after another; a
 * query waits for at most one, of four pieces of an agent. Other scripts than Latin it cannot read: such texts are
 * near to nothing but themselves.
 *
 * A thread that dies fails the calls it had; the next call starts another.
 */
export function createUseLiteEmbedder(): Embedder {
  const thread = createThread(new URL('./use-lite-thread', import.meta.url));
  const queue = createTextQueue({
    run: ({ texts }) => thread.call<Float32Array[]>('embed', texts),
    // Of pieces: three calls of the largest size.
    ...{ lanes: 1, documentLanes: 1, maxBatchTexts: 4, maxBatchChars: 500, maxWaitingTexts: 4_096 },
  });
  return {
    model: { id: 'use-lite', dimensions },
    async embed(texts, purpose) {
      const read = cleanTexts(texts).map((text) => piecesOf(text, purpose));
      const vectors = await queue.embed(read.flat(), purpose);
      let at = 0;
      return read.map((pieces) => {
        const own = vectors.slice(at, at + pieces.length);
        at += pieces.length;
        return toUnitVector(meanOf(own), dimensions);
      });
    },
    async close() {
      queue.close();
      await thread.close();
    },
  };
}
