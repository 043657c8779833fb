import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/ports.ts';
import { type EmbeddedIndex, openEmbeddedIndex } from '../../src/search/embedded/embedded-index.ts';
import type { Embedder } from '../../src/search/embedder.ts';
import type { KeptIndex } from '../../src/search/kept-index.ts';
import { hashingEmbedder, hashingSet, type SearchEntry } from './hashing-embedder.ts';

/** A folder with an index file, and whatever indexes a test opens on it. */
export interface EmbeddedStand {
  path: string;
  logged: { level: string; event: string }[];
  /** Another index on the file. */
  open(nowMs?: () => number): EmbeddedIndex;
  close(): Promise<void>;
}

export function startEmbeddedStand(): EmbeddedStand {
  const folder = mkdtempSync(join(tmpdir(), 'a2a-index-'));
  const path = join(folder, 'search.db');
  const opened: EmbeddedIndex[] = [];
  const logged: EmbeddedStand['logged'] = [];
  const log: Log = { write: (level, event) => void logged.push({ level, event }) };
  return {
    path,
    logged,
    open(nowMs = Date.now) {
      const index = openEmbeddedIndex({ path, clock: { nowMs }, log });
      opened.push(index);
      return index;
    },
    async close() {
      await Promise.all(opened.map((index) => index.close()));
      rmSync(folder, { recursive: true });
    },
  };
}

/** Puts documents, and their vectors into a set. */
export async function put(
  index: KeptIndex,
  entries: readonly Pick<SearchEntry, 'document' | 'vector'>[],
  modelId = hashingSet().model.id,
): Promise<void> {
  await index.apply({ put: entries.map(({ document }) => document), remove: [] });
  const vectors = entries.map(({ document: { agentId, text }, vector }) => ({ agentId, text, vector }));
  await index.putVectors(modelId, vectors);
}

/** Makes the set of an embedder serve, with what it has. */
export async function beginAndServe(index: KeptIndex, set = hashingSet()): Promise<void> {
  await index.begin(set);
  if (!(await index.serve(set.model.id))) throw new Error('vectors are missing');
}

/** Embeds whatever is missing in the set of a model. */
export async function fillSet(index: KeptIndex, embedder: Embedder = hashingEmbedder()): Promise<void> {
  const { items } = await index.missing(embedder.model.id, 1_000);
  for (const { agentId, text } of items) {
    const [vector = new Float32Array()] = await embedder.embed([text], 'document');
    await index.putVectors(embedder.model.id, [{ agentId, text, vector }]);
  }
}
