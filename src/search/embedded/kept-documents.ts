import type { SqlDriver } from '../../store/sqlite/driver.ts';
import type { SearchDocument } from '../document.ts';
import type { IndexPosition } from '../kept-index.ts';
import { type Dictionary, placeBits, type RowDocument } from './agent-rows.ts';
import { fromTermsBlob, type KeptTerms, toTermsBlob } from './kept-terms.ts';

/** The documents in the file, and how far they follow the registry. Every function is one transaction or one statement. */

export interface DocumentChanges {
  put: readonly SearchDocument[];
  remove: readonly string[];
  position?: IndexPosition;
}

/** Removals that are remembered for other processes; one that is further behind reads everything. */
const rememberedChanges = 10_000;

export function applyChanges(
  driver: SqlDriver,
  terms: KeptTerms,
  { put, remove, position }: DocumentChanges,
): void {
  driver.transaction(() => {
    const numberOf = terms.writer(driver);
    for (const document of put) putDocument(driver, document, numberOf);
    for (const agentId of remove) removeDocument(driver, agentId);
    if (position !== undefined) putPosition(driver, position);
  });
}

function putDocument(
  driver: SqlDriver,
  { agentId, text, terms, ...rest }: SearchDocument,
  numberOf: (term: string) => number,
): void {
  const kept = {
    document: JSON.stringify(rest),
    terms: toTermsBlob(terms, numberOf),
    text: JSON.stringify(text),
  };
  const known = driver.get<typeof kept>('SELECT document, terms, text FROM documents WHERE agent_id = ?', [
    agentId,
  ]);
  const isSameText = known?.text === kept.text;
  // Whoever goes over the whole registry puts what has not changed.
  if (isSameText && known.document === kept.document && areEqual(known.terms, kept.terms)) return;
  driver.run(
    `INSERT INTO documents (agent_id, version, document, terms, text) VALUES (?, 1, ?, ?, ?)
     ON CONFLICT (agent_id) DO UPDATE SET version = version + 1,
       document = excluded.document, terms = excluded.terms, text = excluded.text`,
    [agentId, kept.document, kept.terms, kept.text],
  );
  if (!isSameText) dropVectors(driver, agentId);
  noteChange(driver, agentId);
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** In no set there is a vector of the document any more. */
function dropVectors(driver: SqlDriver, agentId: string): void {
  driver.run(
    `DELETE FROM vectors WHERE set_number IN (SELECT number FROM sets)
       AND document_number = (SELECT number FROM documents WHERE agent_id = ?)`,
    [agentId],
  );
  driver.run(
    `INSERT OR IGNORE INTO missing (set_number, document_number)
       SELECT sets.number, documents.number FROM sets, documents WHERE agent_id = ?`,
    [agentId],
  );
}

function removeDocument(driver: SqlDriver, agentId: string): void {
  const known = driver.get<{ number: number }>('SELECT number FROM documents WHERE agent_id = ?', [agentId]);
  if (known === undefined) return;
  for (const table of ['vectors', 'missing']) {
    driver.run(`DELETE FROM ${table} WHERE set_number IN (SELECT number FROM sets) AND document_number = ?`, [
      known.number,
    ]);
  }
  driver.run('DELETE FROM documents WHERE number = ?', [known.number]);
  noteChange(driver, agentId);
}

/** To be called in the transaction that changes what others read of an agent. */
export function noteChange(driver: SqlDriver, agentId: string): void {
  driver.run('INSERT OR REPLACE INTO changes (agent_id) VALUES (?)', [agentId]);
}

function putPosition(driver: SqlDriver, { storeId, sequence }: IndexPosition): void {
  driver.run(
    'UPDATE state SET store_id = ?, sequence = ? WHERE store_id IS NULL OR store_id <> ? OR sequence < ?',
    [storeId, sequence, storeId, sequence],
  );
}

/** Forgets removals of long ago. */
export function forgetRemovals(driver: SqlDriver, remembered = rememberedChanges): void {
  driver.transaction(() => {
    const forgotten = lastSequence(driver) - remembered;
    const changes = driver.run(
      `DELETE FROM changes WHERE sequence <= ?
         AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.agent_id = changes.agent_id)`,
      [forgotten],
    );
    if (changes > 0) driver.run('UPDATE state SET forgotten_sequence = ?', [forgotten]);
  });
}

function lastSequence(driver: SqlDriver): number {
  const row = driver.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'changes'", []);
  return row?.seq ?? 0;
}

export function positionOf(driver: SqlDriver): IndexPosition | undefined {
  const row = driver.get<{ store_id: string | null; sequence: number }>(
    'SELECT store_id, sequence FROM state',
    [],
  );
  return row === undefined || row.store_id === null
    ? undefined
    : { storeId: row.store_id, sequence: row.sequence };
}

export function documentCount(driver: SqlDriver): number {
  return driver.get<{ count: number }>('SELECT count(*) AS count FROM documents', [])?.count ?? 0;
}

export function documentIds(
  driver: SqlDriver,
  { after, limit }: { after?: string; limit: number },
): string[] {
  const rows = driver.all<{ agent_id: string }>(
    'SELECT agent_id FROM documents WHERE agent_id > ? ORDER BY agent_id LIMIT ?',
    [after ?? '', limit],
  );
  return rows.map((row) => row.agent_id);
}

/** Without its text. */
export function documentOf(
  driver: SqlDriver,
  dictionary: Dictionary,
  agentId: string,
): SearchDocument | undefined {
  const row = driver.get<{ document: string; terms: Uint8Array }>(
    'SELECT document, terms FROM documents WHERE agent_id = ?',
    [agentId],
  );
  if (row === undefined) return undefined;
  const kept = rowDocument(agentId, row.document, row.terms);
  const terms = new Map<string, number>();
  for (const posting of kept.terms)
    terms.set(dictionary.termOf(posting >>> placeBits), posting & ((1 << placeBits) - 1));
  return { ...kept, terms, text: '' };
}

/** A document from its columns. */
export function rowDocument(
  agentId: string,
  document: string,
  terms: Uint8Array,
): RowDocument & Pick<SearchDocument, 'revision'> {
  // As `putDocument` wrote it.
  const kept = JSON.parse(document) as Omit<SearchDocument, 'agentId' | 'terms' | 'text'>;
  return { ...kept, agentId, terms: fromTermsBlob(terms) };
}
