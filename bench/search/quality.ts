import { parseArgs } from 'node:util';
import { calibrate, toQueryVector } from '../../src/search/calibrate.ts';
import { toSearchDocument } from '../../src/search/document.ts';
import type { Embedder } from '../../src/search/embedder.ts';
import { createEmbedders } from '../../src/search/embedders/open.ts';
import {
  type Half,
  halfOf,
  type LabelledSet,
  queryKinds,
  readEnterpriseSet,
  readRealSet,
} from './labelled.ts';
import { methods, type Prepared, qualityOf } from './measure.ts';
import { tune } from './tune.ts';

/**
 * How well agents are found, by kind of query and by method: `--cards <folder>` adds real cards, `--tune` chooses weights on
 * the tuning half first and prints them.
 */
const { values } = parseArgs({
  options: { cards: { type: 'string' }, tune: { type: 'boolean', default: false } },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const embedders = createEmbedders({});
const embedder = await embedders.open({ kind: 'use-lite' });
const enterprise = await prepare(readEnterpriseSet(), embedder);
const half = (wanted: Half) => enterprise.queries.filter((query) => halfOf(query) === wanted);
const weights = values.tune ? tune(enterprise, half('tuning'), print) : undefined;
if (weights !== undefined) print(JSON.stringify(weights, undefined, 2));
show('Tuning half', enterprise, half('tuning'));
show('Held-out half', enterprise, half('held out'));
if (values.cards !== undefined) {
  const { refused, ...set } = readRealSet(values.cards);
  show(`${set.agents.length} real cards (${refused} cannot be registered)`, await prepare(set, embedder));
}
await embedders.close();

async function prepare({ agents, queries }: LabelledSet, by: Embedder): Promise<Prepared> {
  const calibration = await calibrate(by);
  const documents = agents.map(toSearchDocument);
  const vectors = await embedAll(
    documents.map(({ text }) => text),
    'document',
    by,
  );
  const asked = await embedAll(
    queries.map(({ query }) => query),
    'query',
    by,
  );
  return {
    entries: documents.map((document, at) => ({ document, vector: vectors[at] ?? new Float32Array() })),
    queries: queries.map((query, at) => {
      const vector = toQueryVector(asked[at] ?? new Float32Array(), calibration);
      return { ...query, vector: { modelId: by.model.id, ...vector } };
    }),
  };
}

async function embedAll(
  texts: readonly string[],
  purpose: 'query' | 'document',
  by: Embedder,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += 32) {
    vectors.push(...(await by.embed(texts.slice(at, at + 32), purpose)));
  }
  return vectors;
}

function show(title: string, prepared: Prepared, queries: Prepared['queries'] = prepared.queries): void {
  print(`\n${title}\n`);
  print('| Queries | n | | recall@1 | recall@5 | MRR |');
  print('| --- | --- | --- | --- | --- | --- |');
  for (const kind of queryKinds.filter((one) => one !== 'unanswerable')) {
    const some = queries.filter((query) => query.kind === kind);
    for (const method of methods) {
      const { recallAt1, recallAt5, meanReciprocalRank } = qualityOf(prepared, some, method, weights);
      const shares = [recallAt1, recallAt5, meanReciprocalRank].map((share) => share.toFixed(2));
      print(`| ${kind} | ${some.length} | ${method} | ${shares.join(' | ')} |`);
    }
  }
  const nothing = queries.filter(({ kind }) => kind === 'unanswerable');
  const falseHits = methods.map(
    (method) => `${method} ${qualityOf(prepared, nothing, method, weights).falseHits.toFixed(2)}`,
  );
  print(`\nUnanswerable (${nothing.length}) that find something: ${falseHits.join(', ')}`);
}
