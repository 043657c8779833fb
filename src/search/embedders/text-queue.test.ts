import { describe, expect, it } from 'vitest';
import type { EmbeddingPurpose } from '../embedder.ts';
import { type Batch, createTextQueue, type TextQueueOptions } from './text-queue.ts';

interface Begun extends Batch {
  /** Answers each text with its length. */
  answer(): Promise<void>;
  fail(error: Error): Promise<void>;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A queue whose batches end when the test says so. */
function heldQueue(options: Partial<TextQueueOptions> = {}) {
  const begun: Begun[] = [];
  const queue = createTextQueue({
    run: (batch) =>
      new Promise((resolve, reject) => {
        begun.push({
          ...batch,
          async answer() {
            resolve(batch.texts.map((text) => Float32Array.of(text.length)));
            await turn();
          },
          async fail(error) {
            reject(error);
            await turn();
          },
        });
      }),
    ...{ lanes: 1, documentLanes: 1, maxBatchTexts: 2, maxBatchChars: 100, maxWaitingTexts: 6 },
    ...options,
  });
  return { begun, queue };
}

const lengths = async (vectors: Promise<Float32Array[]>) => (await vectors).map(([length]) => length);

describe('the queue of texts', () => {
  it('runs a few texts at a time and gives the vectors in the order of the texts', async () => {
    const { begun, queue } = heldQueue();
    const vectors = queue.embed(['a', 'bb', 'ccc', 'dddd', 'eeeee'], 'document');
    for (let at = 0; at < 3; at++) await begun[at]?.answer();
    expect(begun.map(({ texts }) => texts)).toEqual([['a', 'bb'], ['ccc', 'dddd'], ['eeeee']]);
    expect(await lengths(vectors)).toEqual([1, 2, 3, 4, 5]);
  });

  it('keeps the order where batches end in another', async () => {
    const { begun, queue } = heldQueue({ lanes: 3, documentLanes: 3 });
    const vectors = queue.embed(['a', 'bb', 'ccc', 'dddd', 'eeeee'], 'document');
    for (const at of [2, 0, 1]) await begun[at]?.answer();
    expect(await lengths(vectors)).toEqual([1, 2, 3, 4, 5]);
  });

  it('lets a query wait for one batch only, whatever documents wait', async () => {
    const { begun, queue } = heldQueue();
    void queue.embed(['d', 'd', 'd', 'd'], 'document');
    void queue.embed(['d'], 'document');
    void queue.embed(['q'], 'query');
    for (let at = 0; at < 4; at++) await begun[at]?.answer();
    expect(begun.map(({ purpose }) => purpose)).toEqual(['document', 'query', 'document', 'document']);
  });

  it('keeps lanes free for queries', async () => {
    const { begun, queue } = heldQueue({ lanes: 3, documentLanes: 2, maxBatchTexts: 1 });
    void queue.embed(['d', 'd', 'd'], 'document');
    expect(begun).toHaveLength(2);
    void queue.embed(['q'], 'query');
    expect(begun.map(({ purpose }) => purpose)).toEqual(['document', 'document', 'query']);
  });

  it('gives queries every lane where they fill them', () => {
    const { begun, queue } = heldQueue({ lanes: 3, documentLanes: 2, maxBatchTexts: 1 });
    for (let at = 0; at < 5; at++) void queue.embed(['q'], 'query');
    expect(begun).toHaveLength(3);
  });

  it('ends a batch at its characters, but gives a long text one of its own', () => {
    const { begun, queue } = heldQueue({ lanes: 4, documentLanes: 4, maxBatchTexts: 4, maxBatchChars: 5 });
    void queue.embed(['123', '12', '1', '123456789', '1'], 'document');
    expect(begun.map(({ texts }) => texts)).toEqual([['123', '12'], ['1'], ['123456789'], ['1']]);
  });

  it.each(['query', 'document'] as const)('refuses a %s past those that may wait', async (purpose) => {
    const { begun, queue } = heldQueue();
    const other: EmbeddingPurpose = purpose === 'query' ? 'document' : 'query';
    const first = queue.embed(['1', '2'], purpose);
    void queue.embed(['3', '4', '5', '6'], purpose);
    const last = queue.embed(['7', '8'], purpose);
    await expect(queue.embed(['9'], purpose)).rejects.toMatchObject({
      failure: { code: 'search_unavailable', problem: 'busy' },
    });
    void queue.embed(['1', '2', '3', '4', '5', '6'], other);
    await begun[0]?.answer();
    expect(await lengths(first)).toEqual([1, 1]);
    for (let at = 1; at < 7; at++) await begun[at]?.answer();
    expect(await lengths(last)).toEqual([1, 1]);
  });

  it('fails the call whose batch fails, with all that is left of it, and no other', async () => {
    const { begun, queue } = heldQueue();
    const poisoned = queue.embed(['1', '2', '3', '4'], 'document');
    const other = queue.embed(['5'], 'document');
    const cause = new Error('cannot bear it');
    const refused = expect(poisoned).rejects.toMatchObject({
      failure: { code: 'search_unavailable', problem: 'model' },
      cause,
    });
    await begun[0]?.fail(cause);
    await refused;
    await begun[1]?.answer();
    expect(begun[1]?.texts).toEqual(['5']);
    expect(await lengths(other)).toEqual([1]);
  });

  it('fails all that waits when closed, and all that comes later', async () => {
    const { begun, queue } = heldQueue();
    const underWay = queue.embed(['1', '2', '3'], 'document');
    const waiting = queue.embed(['4'], 'query');
    queue.close();
    for (const call of [underWay, waiting, queue.embed(['5'], 'query')]) {
      await expect(call).rejects.toMatchObject({ failure: { problem: 'model' } });
    }
    await begun[0]?.answer();
    expect(begun).toHaveLength(1);
  });
});
