import type { Agent } from '../../src/registry/agent.ts';
import { exactKey, termsOf } from '../../src/search/analysis.ts';
import { toQueryVector } from '../../src/search/calibrate.ts';
import { type SearchDocument, toSearchDocument } from '../../src/search/document.ts';
import type { Embedder } from '../../src/search/embedder.ts';
import { queryTermsOf } from '../../src/search/query-terms.ts';
import type { IndexQuery, VectorSet } from '../../src/search/search-index.ts';
import { normalized } from '../../src/search/vector.ts';
import { anAgent } from '../contract/store.ts';

/**
 * Words hashed to dimensions: texts that share words are near to each other, and nothing is known of meaning. Model id
 * `hashing:<dimensions>`; the same text has the same vector in every process.
 */
export function hashingEmbedder(dimensions = 512): Embedder {
  return {
    model: { id: `hashing:${dimensions}`, dimensions },
    embed: async (texts) => texts.map((text) => hashedVector(text, dimensions)),
    close: async () => {},
  };
}

export function hashedVector(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const term of termsOf(text)) {
    let hash = 2_166_136_261;
    for (const char of term) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619) >>> 0;
    const at = hash % dimensions;
    vector[at] = (vector[at] ?? 0) + ((hash & 0x1_00_00) === 0 ? 1 : -1);
  }
  return normalized(vector);
}

/** The set of an embedder's vectors. A few hundred words share dimensions by chance, so little likeness counts as none. */
export function hashingSet({ model }: Embedder = hashingEmbedder()): VectorSet {
  const none = new Array<number>(model.dimensions).fill(0);
  return {
    model,
    source: { kind: 'bedrock', modelId: 'hashing', dimensions: model.dimensions },
    calibration: { needs: none, agents: none, low: 0.2, high: 0.8 },
  };
}

/** What a test says of an agent. */
export interface AgentLiteral {
  agentId: string;
  name?: string;
  description?: string;
  tags?: readonly string[];
  /** Each becomes a skill of this name. */
  skills?: readonly string[];
  streaming?: boolean;
}

/** An agent in the registry, its document, and the vector of that. */
export interface SearchEntry {
  agent: Agent;
  document: SearchDocument;
  vector: Float32Array;
}

/** Active agents of these texts, with one JSONRPC interface of version 1.0 each. */
export async function toEntries(
  literals: readonly AgentLiteral[],
  embedder: Embedder = hashingEmbedder(),
): Promise<SearchEntry[]> {
  const entries: SearchEntry[] = [];
  for (const literal of literals) {
    const agent = toAgent(literal);
    const document = toSearchDocument(agent);
    const [vector = new Float32Array()] = await embedder.embed([document.text], 'document');
    entries.push({ agent, document, vector });
  }
  return entries;
}

function toAgent(literal: AgentLiteral): Agent {
  const { agentId, name = agentId, description = '', tags = [], skills = [], streaming = false } = literal;
  const base = anAgent(agentId);
  return {
    ...base,
    tags: [...tags],
    card: {
      ...base.card,
      ...{ name, description, capabilities: { streaming } },
      skills: skills.map((skill, at) => ({ id: `s${at}`, name: skill, description: '', tags: [] })),
    },
  };
}

/** A query as the search makes it: by words and vector, for a caller who may see everything, unless `within` differs. */
export async function toIndexQuery(
  text: string,
  within: Partial<IndexQuery> = {},
  embedder: Embedder = hashingEmbedder(),
): Promise<IndexQuery> {
  const [values = new Float32Array()] = await embedder.embed([text], 'query');
  const { calibration } = hashingSet(embedder);
  return {
    ...{
      terms: queryTermsOf(text),
      exact: exactKey(text),
      patterns: ['*'],
      deniedPatterns: [],
      tags: [],
      facets: [],
      limit: 10,
    },
    vector: { modelId: embedder.model.id, ...toQueryVector(values, calibration) },
    ...within,
  };
}

/** The same query by words alone. */
export function byWords({ vector: _, ...query }: IndexQuery): IndexQuery {
  return query;
}
