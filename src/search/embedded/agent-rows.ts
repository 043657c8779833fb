import { exactKey } from '../analysis.ts';
import type { SearchDocument } from '../document.ts';
import type { ExactHit } from '../score.ts';
import { Bitmap } from './bitmap.ts';
import { GlobRows } from './glob-rows.ts';
import { NumberedLists, PostingLists } from './posting-lists.ts';
import type { QuantizedVector } from './quantize.ts';
import { VectorRows } from './vector-rows.ts';
import { Vocabulary } from './vocabulary.ts';

/** Which content of which document; another one of the same agent has another stamp. */
export interface Stamp {
  number: number;
  version: number;
}

/** What of a document is found by. */
export interface RowDocument extends Pick<SearchDocument, 'agentId' | 'name' | 'tags' | 'facets'> {
  /** Each a term's number, with its place in the last {@link placeBits}. */
  terms: Uint32Array;
}

/** Terms by number. No number stands for two. */
export interface Dictionary {
  numberOf(term: string): number | undefined;
  termOf(number: number): string;
}

/** The order in which they count. */
export const exactHits: readonly ExactHit[] = ['id', 'name', 'tag'];

/** A term's posting is a row and the term's place there, an exact key's a row and one of {@link exactHits}. */
export const placeBits = 3;
export const hitBits = 2;

/**
 * What is in memory of the agents, for finding them. Each document has a row; a changed one gets a new row and the old one
 * dies, so all lists only grow, in the order of the rows. Dead rows are closed up when they are half as many as the others.
 */
export class AgentRows {
  /** By row, dead ones too. */
  agentIds: string[] = [];
  alive = new Bitmap();
  /** By number: rows with the places of the term. */
  terms = new NumberedLists();
  vocabulary = new Vocabulary();
  /** By `exactKey`: rows of which the key is the id, the name or a tag. */
  exact = new PostingLists();
  tags = new PostingLists();
  facets = new PostingLists();
  globs = new GlobRows();
  /** Of the set that serves. */
  vectors: VectorRows | undefined;
  #rows = new Map<string, number>();
  #stamps: Stamp[] = [];
  readonly dictionary: Dictionary;
  readonly #mostDeadRows: number;

  /** @param mostDeadRows fewer are not worth the work of closing up */
  constructor(dictionary: Dictionary, mostDeadRows = 1_000) {
    this.dictionary = dictionary;
    this.#mostDeadRows = mostDeadRows;
  }

  get size(): number {
    return this.#rows.size;
  }

  rowOf(agentId: string): number | undefined {
    return this.#rows.get(agentId);
  }

  stampOf(row: number): Stamp | undefined {
    return this.#stamps[row];
  }

  /** Puts a document over the one of its agent, and no vector. */
  put(document: RowDocument, stamp: Stamp): void {
    const { agentId } = document;
    this.remove(agentId);
    const row = this.agentIds.push(agentId) - 1;
    this.#stamps[row] = stamp;
    this.#rows.set(agentId, row);
    this.alive.add(row);
    this.globs.add(row, agentId);
    for (const posting of document.terms) {
      const number = posting >>> placeBits;
      if (this.terms.add(number, (row << placeBits) | (posting & ((1 << placeBits) - 1))))
        this.vocabulary.add(this.dictionary.termOf(number));
    }
    for (const tag of new Set(document.tags)) this.tags.add(tag, row);
    for (const facet of new Set(document.facets)) this.facets.add(facet, row);
    for (const [key, hit] of exactKeysOf(document)) this.exact.add(key, (row << hitBits) | hit);
  }

  remove(agentId: string): void {
    const row = this.#rows.get(agentId);
    if (row === undefined) return;
    this.#rows.delete(agentId);
    this.alive.delete(row);
    this.vectors?.delete(row);
    const dead = this.agentIds.length - this.size;
    if (dead > this.#mostDeadRows && dead > this.size / 2) this.#closeUp();
  }

  /** For an agent that has a row. */
  setVector(agentId: string, vector: QuantizedVector | undefined): void {
    const row = this.#rows.get(agentId);
    if (row === undefined) return;
    if (vector === undefined) this.vectors?.delete(row);
    else this.vectors?.set(row, vector);
  }

  /** Drops all vectors; those that come are of another set. */
  expectVectors(dimensions: number | undefined): void {
    this.vectors = dimensions === undefined ? undefined : new VectorRows(dimensions);
  }

  /** Gives the rows with an agent the lowest numbers, in the order they had. */
  #closeUp(): void {
    const living = this.alive.values();
    const next = new Map<number, number>();
    for (const [row, old] of living.entries()) {
      next.set(old, row);
      if (row !== old) this.vectors?.move(old, row);
    }
    const moved = (bits: number) => (value: number) => {
      const row = next.get(value >>> bits);
      return row === undefined ? undefined : (row << bits) | (value & ((1 << bits) - 1));
    };
    this.terms = this.terms.mapped(moved(placeBits));
    this.exact = this.exact.mapped(moved(hitBits));
    this.tags = this.tags.mapped(moved(0));
    this.facets = this.facets.mapped(moved(0));
    this.agentIds = Array.from(living, (old) => this.agentIds[old] ?? '');
    this.#stamps = Array.from(living, (old) => this.#stamps[old] ?? { number: 0, version: 0 });
    this.#rows = new Map(this.agentIds.map((agentId, row) => [agentId, row]));
    this.alive = new Bitmap();
    for (let row = 0; row < living.length; row++) this.alive.add(row);
    this.globs = new GlobRows();
    this.vocabulary = new Vocabulary();
    for (const number of this.terms.keys()) this.vocabulary.add(this.dictionary.termOf(number));
  }
}

/** Each key once, with the best it is. */
function exactKeysOf({ agentId, name, tags }: RowDocument): Map<string, number> {
  const keys = new Map<string, number>();
  for (const [hit, key] of [
    [2, tags.map(exactKey)],
    [1, [name]],
    [0, [exactKey(agentId)]],
  ] as const) {
    for (const one of key) keys.set(one, hit);
  }
  keys.delete('');
  return keys;
}
