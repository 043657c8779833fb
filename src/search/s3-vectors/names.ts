import { createHash } from 'node:crypto';

/** What the names of our indexes in a vector bucket begin with. */
export const indexPrefix = 'agents-';

/** The index of a model's vectors: the prefix and 16 hexadecimal digits of the SHA-256 of the model's id. */
export function indexNameOf(modelId: string): string {
  return indexPrefix + createHash('sha256').update(modelId).digest('hex').slice(0, 16);
}

/**
 * Metadata that no filter asks for. An index must declare it when it is made, or it counts as filterable, of which a
 * vector may have 2 KB only.
 */
export const nonFilterableKeys = ['document', 'digest', 'set', 'centre'] as const;

/** Keys of what an index says of itself; no agent's id has a `#`. */
export const setKeys = { needs: '#set', agents: '#set-agents' } as const;

export function isSetKey(key: string): boolean {
  return key.startsWith('#');
}
