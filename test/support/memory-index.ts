import type { SearchDocument } from '../../src/search/document.ts';
import type { IndexPosition, IndexStatus, KeptIndex, MissingVector } from '../../src/search/kept-index.ts';
import { scan } from '../../src/search/scan.ts';
import type { VectorSet } from '../../src/search/search-index.ts';

interface Kept {
  set: VectorSet;
  serves: boolean;
  vectors: Map<string, { text: string; vector: Float32Array; isStale: boolean }>;
}

/** A kept index in memory, found by scanning. Several keepers may share one. */
export function memoryIndex(): KeptIndex {
  const documents = new Map<string, SearchDocument>();
  const sets = new Map<string, Kept>();
  let lease: { holder: string; untilMs: number } | undefined;
  let kept: IndexPosition | undefined;

  function missingOf({ vectors }: Kept): MissingVector[] {
    return [...documents.values()]
      .filter(({ agentId, text }) => {
        const kept = vectors.get(agentId);
        return kept === undefined || kept.text !== text || kept.isStale;
      })
      .map(({ agentId, text }) => ({ agentId, text }));
  }

  const serving = () => [...sets.values()].find((kept) => kept.serves);

  return {
    async serving() {
      return serving()?.set;
    },
    async query(query) {
      const kept = serving();
      const entries = [...documents.values()].map((document) => {
        const vector = kept?.vectors.get(document.agentId)?.vector;
        return { document, ...(vector !== undefined && { vector }) };
      });
      return scan(entries, query);
    },
    async close() {},
    async status(): Promise<IndexStatus> {
      return {
        position: kept,
        documents: documents.size,
        sets: [...sets.values()].map((kept) => ({
          modelId: kept.set.model.id,
          serves: kept.serves,
          vectors: kept.vectors.size,
          missing: missingOf(kept).length,
        })),
      };
    },
    async apply({ put, remove, position }) {
      for (const document of put) documents.set(document.agentId, document);
      for (const agentId of remove) documents.delete(agentId);
      if (position === undefined) return;
      const isFurther = kept?.storeId === position.storeId && kept.sequence > position.sequence;
      if (!isFurther) kept = position;
    },
    async ids({ after = '', limit }) {
      return [...documents.keys()]
        .sort()
        .filter((id) => id > after)
        .slice(0, limit);
    },
    async begin(set) {
      if (sets.has(set.model.id)) return;
      for (const [modelId, kept] of sets) if (!kept.serves) sets.delete(modelId);
      sets.set(set.model.id, { set, serves: false, vectors: new Map() });
    },
    async missing(modelId, limit) {
      const kept = sets.get(modelId);
      const items = kept === undefined ? [] : missingOf(kept);
      return { items: items.slice(0, limit), total: items.length };
    },
    async putVectors(modelId, vectors) {
      const kept = sets.get(modelId);
      for (const { agentId, text, vector } of vectors) {
        if (documents.get(agentId)?.text === text)
          kept?.vectors.set(agentId, { text, vector, isStale: false });
      }
    },
    async outdate(modelId) {
      for (const one of sets.get(modelId)?.vectors.values() ?? []) one.isStale = true;
    },
    async serve(modelId) {
      const kept = sets.get(modelId);
      if (kept === undefined || missingOf(kept).length > 0) return false;
      sets.clear();
      sets.set(modelId, { ...kept, serves: true });
      return true;
    },
    async lease(holder, forMs) {
      if (lease !== undefined && lease.holder !== holder && lease.untilMs > Date.now()) return false;
      lease = { holder, untilMs: Date.now() + forMs };
      return true;
    },
  };
}
