import type { SqlDriver } from '../../store/sqlite/driver.ts';
import type { VectorSet } from '../search-index.ts';
import { AgentRows } from './agent-rows.ts';
import { rowDocument } from './kept-documents.ts';
import { type ServingSet, servingSet } from './kept-sets.ts';
import { KeptTerms } from './kept-terms.ts';
import type { QuantizedVector } from './quantize.ts';

/** Read at a time: a few milliseconds of work. All that one step reads is of one state of the file. */
const pageRows = 250;

/**
 * Keeps what is in memory in step with the file, whichever process writes it. At the start it is all read the same way, as
 * changes.
 */
export class Follower {
  terms = new KeptTerms();
  agents = new AgentRows(this.terms);
  #serving: ServingSet | undefined;
  /** Changes up to here have been read. */
  #sequence = 0;
  #forgotten = 0;
  /** Where a new set's vectors are being read, the document up to which they are. */
  #loadedUpTo: number | undefined;

  get set(): VectorSet | undefined {
    return this.#serving?.set;
  }

  /** Of the file nothing is known: another has taken its place. */
  reset(): void {
    this.terms = new KeptTerms();
    this.agents = new AgentRows(this.terms);
    this.#serving = undefined;
    this.#sequence = 0;
    this.#loadedUpTo = undefined;
  }

  /** Reads a part of what is not known yet; false where nothing was left. */
  step(driver: SqlDriver): boolean {
    this.#look(driver);
    // Before the documents that hold them.
    if (this.terms.step(driver)) return true;
    if (this.#loadedUpTo !== undefined) return this.#loadVectors(driver, this.#loadedUpTo);
    return this.#followChanges(driver);
  }

  #look(driver: SqlDriver): void {
    const state = driver.get<StateRow>(
      'SELECT forgotten_sequence, (SELECT number FROM sets WHERE serves = 1) AS serving FROM state',
      [],
    );
    const forgotten = state?.forgotten_sequence ?? 0;
    if (forgotten !== this.#forgotten) {
      // Some removals after it are not told any more.
      if (this.#sequence > 0 && this.#sequence < forgotten) this.reset();
      this.#forgotten = forgotten;
    }
    if ((state?.serving ?? undefined) === this.#serving?.number) return;
    this.#serving = servingSet(driver);
    this.agents.expectVectors(this.#serving?.set.model.dimensions);
    this.#loadedUpTo = this.#serving === undefined || this.#sequence === 0 ? undefined : 0;
  }

  #loadVectors(driver: SqlDriver, after: number): boolean {
    const rows = driver.all<VectorRow & { number: number; agent_id: string }>(
      `SELECT number, agent_id, scale, bytes FROM vectors JOIN documents ON number = document_number
       WHERE set_number = ? AND document_number > ? ORDER BY document_number LIMIT ?`,
      [this.#serving?.number ?? 0, after, pageRows],
    );
    for (const { agent_id: agentId, number, ...vector } of rows) {
      const row = this.agents.rowOf(agentId);
      // One that is not known yet comes with its change.
      if (row !== undefined && this.agents.stampOf(row)?.number === number)
        this.agents.setVector(agentId, vectorOf(vector));
    }
    this.#loadedUpTo = rows.at(-1)?.number;
    return true;
  }

  #followChanges(driver: SqlDriver): boolean {
    const rows = driver.all<ChangeRow>(
      `SELECT sequence, changes.agent_id, number, version, document, terms, scale, bytes
       FROM changes LEFT JOIN documents ON documents.agent_id = changes.agent_id
         LEFT JOIN vectors ON set_number = ? AND document_number = number
       WHERE sequence > ? ORDER BY sequence LIMIT ?`,
      [this.#serving?.number ?? 0, this.#sequence, pageRows],
    );
    for (const row of rows) {
      this.#take(row);
      this.#sequence = row.sequence;
    }
    return rows.length === pageRows;
  }

  #take({ agent_id: agentId, number, version, document, terms, scale, bytes }: ChangeRow): void {
    if (number === null || version === null || document === null || terms === null) {
      this.agents.remove(agentId);
      return;
    }
    const row = this.agents.rowOf(agentId);
    const known = row === undefined ? undefined : this.agents.stampOf(row);
    if (known?.number !== number || known.version !== version)
      this.agents.put(rowDocument(agentId, document, terms), { number, version });
    this.agents.setVector(agentId, vectorOf({ scale, bytes }));
  }
}

interface StateRow {
  forgotten_sequence: number;
  serving: number | null;
}

interface VectorRow {
  scale: number | null;
  bytes: Uint8Array | null;
}

interface ChangeRow extends VectorRow {
  sequence: number;
  agent_id: string;
  number: number | null;
  version: number | null;
  document: string | null;
  terms: Uint8Array | null;
}

function vectorOf({ scale, bytes }: VectorRow): QuantizedVector | undefined {
  if (scale === null || bytes === null) return undefined;
  return { scale, bytes: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}
