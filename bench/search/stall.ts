import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { toSearchDocument } from '../../src/search/document.ts';
import { createUseLiteEmbedder } from '../../src/search/embedders/use-lite.ts';
import { readEnterpriseSet } from './labelled.ts';

/**
 * What embedding costs this process: how long the event loop stands still while agents and queries are embedded, beside
 * how long it does when nothing is, which tells what the machine's other work is to blame for; how long a query takes
 * alone and behind agents that wait; and the memory. `--rounds` repeats all for the memory's sake.
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '2' } } });
const rounds = Number(values.rounds);

const { agents, queries } = readEnterpriseSet();
const documents = agents.map((agent) => toSearchDocument(agent).text);
const embedder = createUseLiteEmbedder();
// The embedder's thread does not keep the process alive.
const alive = setInterval(() => {}, 1_000);

const startedAtMs = performance.now();
await embedder.embed(['first'], 'query');
console.log(`first query, thread and model included: ${ms(performance.now() - startedAtMs)}`);

const idle = monitored();
await new Promise((resolve) => setTimeout(resolve, 5_000));
console.log(`nothing to do: event loop ${idle()}`);

for (let round = 1; round <= rounds; round++) {
  const stalls = monitored();
  const alone = await timesOf(queries.slice(0, 100).map(({ query }) => query));
  const begunAtMs = performance.now();
  const filling = embedAll();
  const behind = await timesOf(queries.slice(100, 200).map(({ query }) => query));
  await filling;
  const perDocumentMs = (performance.now() - begunAtMs) / documents.length;
  console.log(
    [
      `round ${round}: event loop ${stalls()}`,
      `query p50 ${ms(quantile(alone, 0.5))} p95 ${ms(quantile(alone, 0.95))}`,
      `behind documents p50 ${ms(quantile(behind, 0.5))} p95 ${ms(quantile(behind, 0.95))} max ${ms(Math.max(...behind))}`,
      `document ${ms(perDocumentMs)} with queries between`,
      `RSS ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`,
    ].join('; '),
  );
}
await embedder.close();
clearInterval(alive);

/** Begins to watch the event loop; the answer ends it and tells. */
function monitored(): () => string {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  return () => {
    delay.disable();
    return `stood still ${ms(delay.max / 1e6)} at most, p99.9 ${ms(delay.percentile(99.9) / 1e6)}`;
  };
}

async function embedAll(): Promise<void> {
  for (let at = 0; at < documents.length; at += 16) {
    await embedder.embed(documents.slice(at, at + 16), 'document');
  }
}

async function timesOf(texts: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const text of texts) {
    const askedAtMs = performance.now();
    await embedder.embed([text], 'query');
    times.push(performance.now() - askedAtMs);
  }
  return times;
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((one, other) => one - other)[Math.round(share * (times.length - 1))] ?? Number.NaN;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
