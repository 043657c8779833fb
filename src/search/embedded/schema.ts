import type { SqlDriver } from '../../store/sqlite/driver.ts';

/** Of another version nothing is taken over: all of it can be made again. */
export const schemaVersion = 1;

/**
 * An agent stands in `changes` once, at its last change, be it of its document, its removal or its vector in the set that
 * serves; so whoever has followed them up to a sequence reads what comes after it and knows all. Of a removed agent only
 * the change is left; those before `forgotten_sequence` may be gone. Neither sequences nor numbers are given twice, and
 * `terms_forgotten` tells how often unused terms were deleted, `terms_left` how many were left then.
 *
 * `terms` of a document are numbers of the table `terms`, 32 bits each, with places; `document` is JSON of the rest, without
 * its text, which is JSON in `text`: SQLite's own texts end at a NUL. A vector is of the text its document has; `missing`
 * names the documents whose vector is absent or stale, for each set.
 */
const schema = `
  CREATE TABLE state (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    store_id TEXT,
    sequence INTEGER,
    forgotten_sequence INTEGER NOT NULL,
    terms_forgotten INTEGER NOT NULL,
    terms_left INTEGER NOT NULL,
    lease_holder TEXT,
    lease_from_ms INTEGER NOT NULL,
    lease_until_ms INTEGER NOT NULL
  ) STRICT;
  INSERT INTO state VALUES (1, NULL, NULL, 0, 0, 0, NULL, 0, 0);
  CREATE TABLE documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    terms BLOB NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE TABLE terms (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    term TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE sets (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    model_id TEXT NOT NULL UNIQUE,
    vector_set TEXT NOT NULL,
    serves INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE vectors (
    set_number INTEGER NOT NULL,
    document_number INTEGER NOT NULL,
    scale REAL NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (set_number, document_number)
  ) STRICT;
  CREATE TABLE missing (
    set_number INTEGER NOT NULL,
    document_number INTEGER NOT NULL,
    PRIMARY KEY (set_number, document_number)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};`;

/** Makes the tables in an empty file. False: the file holds something else. */
export function prepareSchema(driver: SqlDriver): boolean {
  return driver.transaction(() => {
    const version = driver.get<{ user_version: number }>('PRAGMA user_version', [])?.user_version;
    if (version === schemaVersion) return true;
    const tables = driver.get<{ count: number }>('SELECT count(*) AS count FROM sqlite_master', []);
    if (version !== 0 || tables?.count !== 0) return false;
    driver.exec(schema);
    return true;
  });
}
