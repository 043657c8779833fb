import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isDeepStrictEqual } from 'node:util';
import { type EmbeddedIndex, openEmbeddedIndex } from '../../src/search/embedded/embedded-index.ts';
import { dequantize, quantize } from '../../src/search/embedded/quantize.ts';
import { type ScanEntry, scan } from '../../src/search/scan.ts';
import { dimensions, documentOf, modelId, queryOf, vectorOf } from './synthetic-agents.ts';

/**
 * How the embedded index does with many agents: what a query takes, from the main thread and back, without an embedding;
 * what is kept in memory; how long the start takes. A sample of the answers is compared with those of a scan, whose time is
 * the measure of the machine.
 *
 *     node --import tsx bench/search/scale.ts [agents …]
 */

const queriesEach = 300;
const scansEach = 3;
const batch = 1_000;
const shares: readonly [name: string, patterns: readonly string[]][] = [
  ['3 agents', ['team-7-7', 'team-9-1009', 'team-42-5042']],
  ['1 %', ['team-7-*']],
  ['10 %', ['tag:tenth']],
  ['100 %', ['*']],
];

const sizes = process.argv.slice(2).map(Number);
// The index's thread does not keep a process alive.
const alive = setInterval(() => {}, 1_000);
for (const agents of sizes.length > 0 ? sizes : [10_000, 100_000]) await measure(agents);
clearInterval(alive);

async function measure(agents: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'a2a-scale-'));
  const path = join(folder, 'search.db');
  try {
    const filling = await timed(() => fill(path, agents));
    const megabytes = statSync(path).size / 2 ** 20;
    console.log(
      `\n${agents} agents: filled in ${seconds(filling.ms)}, ${filling.value.perBatch} ms for ${batch}; file ${megabytes.toFixed(0)} MB`,
    );
    await measureQueries(path, agents);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function fill(path: string, agents: number): Promise<{ perBatch: string }> {
  const index = openEmbeddedIndex({ path });
  const none = new Array<number>(dimensions).fill(0);
  await index.begin({
    model: { id: modelId, dimensions },
    source: { kind: 'use-lite' },
    calibration: { needs: none, agents: none, low: 0.25, high: 0.85 },
  });
  const batchesMs: number[] = [];
  for (let from = 0; from < agents; from += batch) {
    const numbers = Array.from({ length: Math.min(batch, agents - from) }, (_, at) => from + at);
    const documents = numbers.map(documentOf);
    const vectors = numbers.map((number, at) => {
      const { agentId = '', text = '' } = documents[at] ?? {};
      return { agentId, text, vector: vectorOf(number) };
    });
    const { ms } = await timed(async () => {
      await index.apply({ put: documents, remove: [] });
      await index.putVectors(modelId, vectors);
    });
    batchesMs.push(ms);
  }
  if (!(await index.serve(modelId))) throw new Error('vectors are missing');
  await index.close();
  return { perBatch: quantile(batchesMs, 0.5).toFixed(0) };
}

async function measureQueries(path: string, agents: number): Promise<void> {
  const before = process.memoryUsage().rss;
  const index = openEmbeddedIndex({ path });
  const opening = await timed(() => index.query(queryOf(0, agents, ['*'])));
  const { rss } = process.memoryUsage();
  const { vectorBytes } = await index.memory();
  const grown = ((rss - before) / 2 ** 20).toFixed(0);
  console.log(
    `first answer after ${seconds(opening.ms)}; memory +${grown} MB, ${(vectorBytes / 2 ** 20).toFixed(0)} MB of it vectors`,
  );
  for (const [share, patterns] of shares) await measureShare(index, agents, share, patterns);
  await index.close();
}

async function measureShare(
  index: EmbeddedIndex,
  agents: number,
  share: string,
  patterns: readonly string[],
): Promise<void> {
  const cold = await timed(() => index.query(queryOf(1, agents, patterns)));
  for (let number = 2; number < 40; number++) await index.query(queryOf(number, agents, patterns));
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  const times: number[] = [];
  let found = 0;
  for (let number = 100; number < 100 + queriesEach; number++) {
    const query = queryOf(number, agents, patterns);
    stalls.enable();
    const { ms, value } = await timed(() => index.query(query));
    stalls.disable();
    times.push(ms);
    found += value.total;
  }
  const { equal, scanMs } = await compare(index, agents, patterns);
  const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
  console.log(
    [
      `${share.padStart(8)} permitted: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, first ${cold.ms.toFixed(1)} ms`,
      `main thread held up ${(stalls.max / 1e6).toFixed(0)} ms at most`,
      `${(found / queriesEach).toFixed(0)} found`,
      `${(scanMs / p50).toFixed(0)} times as fast as a scan`,
      `${equal} of ${scansEach} answers equal to it`,
    ].join('; '),
  );
}

async function compare(
  index: EmbeddedIndex,
  agents: number,
  patterns: readonly string[],
): Promise<{ equal: number; scanMs: number }> {
  // In memory, as a scan would have them; half a gigabyte for the largest registry.
  const entries = Array.from({ length: agents }, (_, number): ScanEntry => {
    return { document: documentOf(number), vector: dequantize(quantize(vectorOf(number))) };
  });
  let equal = 0;
  const times: number[] = [];
  for (let number = 100; number < 100 + scansEach; number++) {
    const query = queryOf(number, agents, patterns);
    const startedAt = performance.now();
    const expected = scan(entries, query);
    times.push(performance.now() - startedAt);
    if (isDeepStrictEqual(await index.query(query), expected)) equal += 1;
  }
  return { equal, scanMs: quantile(times, 0.5) };
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const startedAt = performance.now();
  const value = await work();
  return { ms: performance.now() - startedAt, value };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
