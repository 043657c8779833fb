import { workerData } from 'node:worker_threads';
import { GatewayError } from '../../failure.ts';
import type { Log } from '../../ports.ts';
import type { SqlDriver } from '../../store/sqlite/driver.ts';
import type { IndexStatus, MissingVector } from '../kept-index.ts';
import type { IndexAnswer, IndexQuery, VectorSet } from '../search-index.ts';
import { serveThread, tell } from '../thread/serve.ts';
import { answerQuery } from './answer.ts';
import { Follower } from './follower.ts';
import { IndexFile } from './index-file.ts';
import type { ThreadNews } from './index-news.ts';
import {
  applyChanges,
  type DocumentChanges,
  documentCount,
  documentIds,
  documentOf,
  forgetRemovals,
  positionOf,
} from './kept-documents.ts';
import {
  beginSet,
  missingVectors,
  outdateSet,
  putVectors,
  serveSet,
  servingSet,
  statusOfSets,
  takeLease,
} from './kept-sets.ts';
import { forgetTerms } from './kept-terms.ts';

/** The thread of the embedded index: the file, and in memory what finds agents. */

/** How often what other processes write is read when nobody asks. */
const followMs = 250;
/** Agents put or removed, after which what is of no use any more is looked for. */
const tidyEvery = 1_000;

// As `openEmbeddedIndex` starts it.
const { path } = workerData as { path: string };
const log: Log = {
  write: (level, event, fields = {}) => news({ log: { level, event, fields: plain(fields) } }),
};
const file = new IndexFile(path, log);
const follower = new Follower();
let openings = 0;
let untidied = 0;
let catchingUp: Promise<void> | undefined;
let hasFailed = false;
let told: string | undefined;

function news(event: ThreadNews): void {
  tell(event);
}

/** What a field holds may not survive the way between threads. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

function use<T>(work: (driver: SqlDriver) => T): T {
  return file.use((driver) => {
    if (file.openings !== openings) follower.reset();
    openings = file.openings;
    return work(driver);
  });
}

function step(driver: SqlDriver): boolean {
  const isMore = follower.step(driver);
  tellServing(follower.set);
  return isMore;
}

/** The first time, and whenever another set serves. */
function tellServing(set: VectorSet | undefined): void {
  const text = JSON.stringify(set ?? null);
  if (text === told) return;
  told = text;
  news({ serving: set });
}

/** Reads all that was written, with other calls in between. */
function catchUp(): Promise<void> {
  async function run(): Promise<void> {
    while (use((driver) => driver.snapshot(() => step(driver))))
      await new Promise((resolve) => setImmediate(resolve));
  }
  catchingUp ??= run().finally(() => {
    catchingUp = undefined;
  });
  return catchingUp;
}

async function follow(): Promise<void> {
  try {
    await catchUp();
    hasFailed = false;
  } catch (cause) {
    if (!hasFailed) log.write('warn', 'search: index not read', { cause });
    hasFailed = true;
  }
}

const following = setInterval(() => void follow(), followMs);
setImmediate(() => void follow());

async function query(asked: IndexQuery): Promise<IndexAnswer> {
  await catchUp();
  return use((driver) =>
    driver.snapshot(() => {
      // All that is acknowledged by now.
      while (step(driver));
      if (asked.vector !== undefined && asked.vector.modelId !== follower.set?.model.id)
        throw new GatewayError({ code: 'search_unavailable', problem: 'index' });
      return answerQuery(follower.agents, asked, (agentId) => documentOf(driver, follower.terms, agentId));
    }),
  );
}

function apply(changes: DocumentChanges): void {
  use((driver) => {
    applyChanges(driver, follower.terms, changes);
    untidied += changes.put.length + changes.remove.length;
    if (untidied < tidyEvery) return;
    untidied = 0;
    forgetRemovals(driver);
    forgetTerms(driver);
  });
}

function status(): IndexStatus {
  return use((driver) =>
    driver.snapshot(() => ({
      position: positionOf(driver),
      documents: documentCount(driver),
      sets: statusOfSets(driver),
    })),
  );
}

serveThread({
  query,
  apply,
  status,
  serving: () => use((driver) => servingSet(driver)?.set),
  ids: (page: { after?: string; limit: number }) => use((driver) => documentIds(driver, page)),
  begin: (set: VectorSet) => use((driver) => beginSet(driver, set)),
  missing: ({ modelId, limit }: { modelId: string; limit: number }) =>
    use((driver) => missingVectors(driver, modelId, limit)),
  putVectors: ({
    modelId,
    vectors,
  }: {
    modelId: string;
    vectors: (MissingVector & { vector: Float32Array })[];
  }) => use((driver) => putVectors(driver, modelId, vectors)),
  outdate: (modelId: string) => use((driver) => outdateSet(driver, modelId)),
  serve: (modelId: string) =>
    use((driver) => {
      const serves = serveSet(driver, modelId);
      tellServing(servingSet(driver)?.set);
      return serves;
    }),
  lease: ({ holder, forMs, nowMs }: { holder: string; forMs: number; nowMs: number }) =>
    use((driver) => takeLease(driver, holder, forMs, nowMs)),
  memory: () => ({
    vectorBytes: follower.agents.vectors?.memoryBytes ?? 0,
    rows: follower.agents.agentIds.length,
  }),
  close() {
    clearInterval(following);
    file.close();
  },
});
