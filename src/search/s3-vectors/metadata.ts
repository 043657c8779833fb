import { createHash } from 'node:crypto';
import { fromDocumentJson, type SearchDocument, toDocumentJson } from '../document.ts';
import { marksOf } from './marks.ts';

/** What is kept with an agent's vector. */
export interface AgentMetadata {
  /** Set with agents only: what has none of it is found by no query. */
  agent: true;
  /** See `marks.ts`. */
  has: string[];
  /** `toDocumentJson` without the text. */
  document: string;
  /** Of the text the vector was made of. */
  digest: string;
}

/** S3 Vectors takes 40 KB of metadata in all. */
const maxDocumentBytes = 30_000;
/** A query has 1000 characters, so no longer name is one. */
const maxNameBytes = 4_000;

/**
 * The text is left out, as nothing but its digest is asked for. A document too large for S3 Vectors loses terms, the last
 * ones first; every other part of it is bounded by what may be registered.
 */
export function toMetadata(document: SearchDocument): AgentMetadata {
  const name = byteLength(document.name) > maxNameBytes ? '' : document.name;
  let kept: SearchDocument = { ...document, name, text: '' };
  while (byteLength(toDocumentJson(kept)) > maxDocumentBytes && kept.terms.size > 0) {
    const terms = [...kept.terms];
    kept = { ...kept, terms: new Map(terms.slice(0, Math.floor(terms.length * 0.8))) };
  }
  return {
    agent: true,
    has: marksOf(kept),
    document: toDocumentJson(kept),
    digest: createHash('sha256').update(document.text).digest('base64url').slice(0, 22),
  };
}

/** Of an agent's vector; undefined for others. What `toMetadata` wrote is not checked further. */
export function fromMetadata(metadata: unknown): AgentMetadata | undefined {
  const kept = metadata as Partial<AgentMetadata> | undefined;
  return kept?.agent === true && typeof kept.document === 'string' ? (kept as AgentMetadata) : undefined;
}

/** Its text is empty. */
export function documentOf({ document }: AgentMetadata): SearchDocument {
  return fromDocumentJson(document);
}

/** Whether an agent's metadata would be written as it is kept; the order of a list is S3 Vectors' own. */
export function isSameMetadata(one: AgentMetadata, other: AgentMetadata): boolean {
  return (
    one.document === other.document &&
    one.digest === other.digest &&
    one.has.toSorted().join() === other.has.toSorted().join()
  );
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
