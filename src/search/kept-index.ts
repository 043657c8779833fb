import type { SearchDocument } from './document.ts';
import type { SearchIndex, VectorSet } from './search-index.ts';

/** How far the documents follow the changes of a store. */
export interface IndexPosition {
  /** Of the store whose changes were followed; another store's numbers mean nothing. */
  storeId: string;
  sequence: number;
}

export interface IndexStatus {
  position: IndexPosition | undefined;
  documents: number;
  /** Every set there is: at most one that serves, at most one more that is being made. */
  sets: { modelId: string; serves: boolean; vectors: number; missing: number }[];
}

export interface MissingVector {
  agentId: string;
  text: string;
}

/**
 * An index this gateway keeps, durable, shared by the processes of one data folder. All of it is made from the registry
 * and may be deleted at any time. Every write is one transaction.
 */
export interface KeptIndex extends SearchIndex {
  status(): Promise<IndexStatus>;
  /**
   * Puts documents, each over the one of its agent whatever revision that had; the vector stays where the text did.
   * Absent agents are removed silently. `position` is kept in the same transaction, unless another process is already
   * further in the same store.
   */
  apply(changes: {
    put: readonly SearchDocument[];
    remove: readonly string[];
    position?: IndexPosition;
  }): Promise<void>;
  /** Ids of the documents there are, in order. */
  ids(page: { after?: string; limit: number }): Promise<string[]>;
  /** Makes a set known, beside the one that serves; a third one is dropped for it. Nothing if it is known. */
  begin(set: VectorSet): Promise<void>;
  /** Documents whose vector in this set is absent or stale, up to `limit`, and how many there are. */
  missing(modelId: string, limit: number): Promise<{ items: MissingVector[]; total: number }>;
  /** A vector whose text is not the document's any more is ignored, and so are those of an unknown set. */
  putVectors(modelId: string, vectors: readonly (MissingVector & { vector: Float32Array })[]): Promise<void>;
  /** Marks every vector of a set stale: it serves on until the new one is put. */
  outdate(modelId: string): Promise<void>;
  /** From now on this set serves, and every other is dropped. False where vectors are missing or the set is unknown. */
  serve(modelId: string): Promise<boolean>;
  /**
   * Takes or renews the right to fill vectors, so that of several processes one pays for them. False: another has it.
   */
  lease(holder: string, forMs: number): Promise<boolean>;
}
