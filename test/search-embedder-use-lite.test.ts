import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Embedder } from '../src/search/embedder.ts';
import { createUseLiteEmbedder } from '../src/search/embedders/use-lite.ts';
import { dot } from '../src/search/vector.ts';
import { unavailable } from './contract/embedder.ts';

let embedder: Embedder;
const threads: Worker[] = [];
const remember = (thread: Worker) => threads.push(thread);
beforeEach(() => {
  process.on('worker', remember);
  embedder = createUseLiteEmbedder();
});
afterEach(async () => {
  process.off('worker', remember);
  threads.length = 0;
  await embedder.close();
});

/** Of each two texts, both as documents. */
async function similarity(one: string, other: string): Promise<number> {
  const [first, second] = await embedder.embed([one, other], 'document');
  return dot(first ?? new Float32Array(), second ?? new Float32Array());
}

describe('the model that comes along', () => {
  it('starts its thread with the first text and ends it when closed', async () => {
    expect(threads).toHaveLength(0);
    await embedder.embed(['an agent'], 'query');
    await embedder.embed(['an agent'], 'query');
    expect(threads).toHaveLength(1);
    const ended = once(threads[0] as Worker, 'exit'); // Just counted.
    await embedder.close();
    await ended;
  });

  it('fails what a dying thread was at, and serves again with the next call', async () => {
    const [before] = await embedder.embed(['an agent'], 'query');
    const underWay = embedder.embed(['another'], 'query');
    const failed = expect(underWay).rejects.toMatchObject(unavailable('model'));
    await threads[0]?.terminate();
    await failed;
    const [after] = await embedder.embed(['an agent'], 'query');
    expect(after).toEqual(before);
    expect(threads).toHaveLength(2);
  });

  it('takes capitals for the same words', async () => {
    expect(await similarity('Expense Report Approval', 'expense report approval')).toBeCloseTo(1, 5);
  });

  it('reads a long text to its end', async () => {
    const long = 'Reads invoices and checks their totals against the purchase order. '.repeat(15);
    const without = await similarity(long, 'feeds the penguins of the zoo');
    const withEnd = await similarity(
      `${long}Feeds the penguins of the zoo.`,
      'feeds the penguins of the zoo',
    );
    expect(withEnd).toBeGreaterThan(without + 0.02);
  });

  it.each([
    ['Chinese', '处理供应商发票', '预测火山爆发'],
    ['Japanese', '請求書を処理します', '火山の噴火を予測します'],
    ['Russian', 'обработка счетов поставщиков', 'прогноз извержения вулканов'],
    ['Arabic', 'معالجة فواتير الموردين', 'التنبؤ بثوران البراكين'],
    ['emoji', '🧾💶', '🌋🔭'],
  ])('takes texts it cannot read for near to nothing but themselves: %s', async (_, one, other) => {
    expect(Math.abs(await similarity(one, other))).toBeLessThan(0.2);
    expect(Math.abs(await similarity(one, 'processes invoices of suppliers'))).toBeLessThan(0.2);
    expect(await similarity(one, one)).toBeCloseTo(1, 5);
  });

  it('reads what it can of a mixed text', async () => {
    const mixed = await similarity('处理 invoice processing 发票', 'processing of supplier invoices');
    expect(mixed).toBeGreaterThan(
      await similarity('处理 volcano forecast 发票', 'processing of supplier invoices'),
    );
  });
});
