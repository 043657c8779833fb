import type { ModelCalibration } from './calibrate.ts';
import type { Field } from './document.ts';
import type { EmbedderSource, EmbeddingModel } from './embedder.ts';
import type { QueryTerm } from './query-terms.ts';
import type { Calibration, ExactHit } from './score.ts';

/** The vectors of one model over the registry. */
export interface VectorSet {
  model: EmbeddingModel;
  source: EmbedderSource;
  calibration: ModelCalibration;
}

/** From `toQueryVector`. */
export interface QueryVector {
  modelId: string;
  /** Not of length 1. An agent's similarity is the dot product of this and its vector. */
  values: Float32Array;
  /** How that similarity is read: it differs from query to query. */
  calibration: Calibration;
}

/** A search as an index runs it. */
export interface IndexQuery {
  /** From `queryTermsOf`, each once. */
  terms: readonly QueryTerm[];
  /** `exactKey` of the whole query. */
  exact: string;
  /** Absent: by words alone. */
  vector?: QueryVector;
  /** Only agents covered by any of these `allowedAgents` entries; an empty list covers nothing. */
  patterns: readonly string[];
  /** Only agents covered by none of these: the others are neither counted nor ranked. */
  deniedPatterns: readonly string[];
  /** Only agents with all of these tags. */
  tags: readonly string[];
  /** Only agents with all of these facets. */
  facets: readonly string[];
  /** 1 to 100. */
  limit: number;
}

/** One way in which a term of the query was found. */
export interface TermMatch {
  /** Of the query. */
  term: string;
  /** Of the agent; another where the query's is misspelt, or has a synonym there. */
  found: string;
  field: Field;
}

/** An agent that fits, and why. */
export interface IndexHit {
  agentId: string;
  /** Above the floor, to 1; see `score.ts`. */
  score: number;
  /** The query is this of the agent, whole. */
  exact?: ExactHit;
  /** `rank` 1 is the best of all permitted agents; agents of one score share a rank. Absent: no term was found. */
  lexical?: { score: number; rank: number; matches: TermMatch[] };
  /** Absent: searched by words alone, or the agent has no vector yet. */
  vector?: { score: number; rank: number; similarity: number };
}

export interface IndexAnswer {
  /** Best first; agents of one score in the order of their ids. */
  hits: IndexHit[];
  /** How many are above the floor. */
  total: number;
  /** False: `total` counts only what was looked at, there may be more. */
  isTotalExact: boolean;
}

/**
 * Finds agents. What it answers is what `scan` would answer of the same documents and vectors; where an adapter cannot
 * promise that, its own docstring says when not. Documents of agents that are not active are not in it.
 */
export interface SearchIndex {
  /** Undefined: no model's vectors are complete yet, so there are words only, if the index can do without. */
  serving(): Promise<VectorSet | undefined>;
  /**
   * @throws GatewayError `search_unavailable`; also where `vector` is of another model than the one that serves now
   */
  query(query: IndexQuery): Promise<IndexAnswer>;
  close(): Promise<void>;
}
