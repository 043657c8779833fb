import type { SqlDriver } from '../../store/sqlite/driver.ts';
import type { IndexStatus, MissingVector } from '../kept-index.ts';
import type { VectorSet } from '../search-index.ts';
import { noteChange } from './kept-documents.ts';
import { quantize } from './quantize.ts';

/** The sets of vectors in the file, and who may fill them. Every function is one transaction or one statement. */

export interface ServingSet {
  number: number;
  set: VectorSet;
}

interface SetRow {
  number: number;
  model_id: string;
  vector_set: string;
  serves: number;
}

export function servingSet(driver: SqlDriver): ServingSet | undefined {
  const row = driver.get<SetRow>('SELECT number, vector_set FROM sets WHERE serves = 1', []);
  // As it was written by `beginSet`.
  return row && { number: row.number, set: JSON.parse(row.vector_set) as VectorSet };
}

export function beginSet(driver: SqlDriver, set: VectorSet): void {
  driver.transaction(() => {
    if (setNumber(driver, set.model.id) !== undefined) return;
    for (const { number, serves } of allSets(driver)) if (serves === 0) dropSet(driver, number);
    driver.run('INSERT INTO sets (model_id, vector_set, serves) VALUES (?, ?, 0)', [
      set.model.id,
      JSON.stringify(set),
    ]);
    driver.run(
      `INSERT INTO missing (set_number, document_number)
         SELECT sets.number, documents.number FROM sets, documents WHERE model_id = ?`,
      [set.model.id],
    );
  });
}

export function missingVectors(
  driver: SqlDriver,
  modelId: string,
  limit: number,
): { items: MissingVector[]; total: number } {
  return driver.snapshot(() => {
    const number = setNumber(driver, modelId);
    if (number === undefined) return { items: [], total: 0 };
    const rows = driver.all<{ agent_id: string; text: string }>(
      `SELECT agent_id, text FROM missing JOIN documents ON documents.number = document_number
       WHERE set_number = ? ORDER BY document_number LIMIT ?`,
      [number, limit],
    );
    const items = rows.map((row) => ({ agentId: row.agent_id, text: JSON.parse(row.text) as string }));
    return { items, total: missingCount(driver, number) };
  });
}

/** @throws TypeError where a vector is not of the length of its set */
export function putVectors(
  driver: SqlDriver,
  modelId: string,
  vectors: readonly (MissingVector & { vector: Float32Array })[],
): void {
  driver.transaction(() => {
    const set = allSets(driver).find((row) => row.model_id === modelId);
    if (set === undefined) return;
    const { model } = JSON.parse(set.vector_set) as VectorSet;
    for (const { agentId, text, vector } of vectors) {
      if (vector.length !== model.dimensions || !vector.every(Number.isFinite))
        throw new TypeError(`a vector of ${modelId} is ${model.dimensions} finite numbers`);
      const known = driver.get<{ number: number; text: string }>(
        'SELECT number, text FROM documents WHERE agent_id = ?',
        [agentId],
      );
      if (known === undefined || known.text !== JSON.stringify(text)) continue;
      putVector(driver, set.number, known.number, vector);
      if (set.serves === 1) noteChange(driver, agentId);
    }
  });
}

function putVector(driver: SqlDriver, setNumber: number, documentNumber: number, vector: Float32Array): void {
  const { scale, bytes } = quantize(vector);
  driver.run(
    `INSERT INTO vectors (set_number, document_number, scale, bytes) VALUES (?, ?, ?, ?)
     ON CONFLICT (set_number, document_number) DO UPDATE SET scale = excluded.scale, bytes = excluded.bytes`,
    [setNumber, documentNumber, scale, new Uint8Array(bytes.buffer)],
  );
  driver.run('DELETE FROM missing WHERE set_number = ? AND document_number = ?', [setNumber, documentNumber]);
}

export function outdateSet(driver: SqlDriver, modelId: string): void {
  driver.run(
    `INSERT OR IGNORE INTO missing (set_number, document_number)
       SELECT sets.number, documents.number FROM sets, documents WHERE model_id = ?`,
    [modelId],
  );
}

export function serveSet(driver: SqlDriver, modelId: string): boolean {
  return driver.transaction(() => {
    const number = setNumber(driver, modelId);
    if (number === undefined || missingCount(driver, number) > 0) return false;
    for (const other of allSets(driver)) if (other.number !== number) dropSet(driver, other.number);
    driver.run('UPDATE sets SET serves = 1 WHERE number = ?', [number]);
    return true;
  });
}

export function statusOfSets(driver: SqlDriver): IndexStatus['sets'] {
  return allSets(driver).map(({ number, model_id: modelId, serves }) => {
    const row = driver.get<{ count: number }>('SELECT count(*) AS count FROM vectors WHERE set_number = ?', [
      number,
    ]);
    const missing = missingCount(driver, number);
    return { modelId, serves: serves === 1, vectors: row?.count ?? 0, missing };
  });
}

/**
 * A right that was taken at a later time than it is now was so before the clock was put back; it counts no more, or
 * nobody could embed until that time comes again.
 */
export function takeLease(driver: SqlDriver, holder: string, forMs: number, nowMs: number): boolean {
  const now = Math.floor(nowMs);
  const changed = driver.run(
    `UPDATE state SET lease_holder = ?, lease_from_ms = ?, lease_until_ms = ?
     WHERE lease_holder IS NULL OR lease_holder = ? OR lease_until_ms <= ? OR lease_from_ms > ?`,
    [holder, now, now + Math.ceil(forMs), holder, now, now],
  );
  return changed > 0;
}

function allSets(driver: SqlDriver): SetRow[] {
  return driver.all<SetRow>('SELECT number, model_id, vector_set, serves FROM sets ORDER BY number', []);
}

function setNumber(driver: SqlDriver, modelId: string): number | undefined {
  return driver.get<{ number: number }>('SELECT number FROM sets WHERE model_id = ?', [modelId])?.number;
}

function missingCount(driver: SqlDriver, number: number): number {
  const row = driver.get<{ count: number }>('SELECT count(*) AS count FROM missing WHERE set_number = ?', [
    number,
  ]);
  return row?.count ?? 0;
}

function dropSet(driver: SqlDriver, number: number): void {
  driver.run('DELETE FROM vectors WHERE set_number = ?', [number]);
  driver.run('DELETE FROM missing WHERE set_number = ?', [number]);
  driver.run('DELETE FROM sets WHERE number = ?', [number]);
}
