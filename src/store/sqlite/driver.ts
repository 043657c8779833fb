import { resolve } from 'node:path';
import Database from 'libsql';
import { StoreError } from '../store-error.ts';
import { countMarks, type SqlParameter, toBound } from './bind.ts';
import { checkWritableFile, ensureFolderOf, ensurePrivateFile, problemOf } from './files.ts';
import { toStoreError } from './libsql-error.ts';

const busyTimeoutMs = 5_000;
const switchRetryMs = 10;

/** One connection to one database file. Every call is synchronous and blocks the event loop while it runs. */
export interface SqlDriver {
  readonly path: string;
  /** Statements without parameters: schema and settings. */
  exec(sql: string): void;
  /** Runs one statement; answers how many rows it changed. */
  run(sql: string, parameters: readonly SqlParameter[]): number;
  /** The first row. `Row` is the caller's word for what the statement selects; it is not checked. */
  get<Row>(sql: string, parameters: readonly SqlParameter[]): Row | undefined;
  /** Every row, all of them in memory. `Row` as in `get`. */
  all<Row>(sql: string, parameters: readonly SqlParameter[]): Row[];
  /**
   * Takes the write lock at once (BEGIN IMMEDIATE), runs `work`, commits. A throw rolls back and passes on.
   * Does not nest, and `work` must not be asynchronous: either is a TypeError.
   */
  transaction<T>(work: () => T): T;
  /** The same for reading: every statement in `work` sees one state of the database. Takes no lock. */
  snapshot<T>(work: () => T): T;
  /** Safe to call twice. A call after it is a StoreError. */
  close(): void;
}

/**
 * Opens the file, creating it (0600) and its folder (0700) if absent, with a write-ahead log, an fsync at every
 * commit, foreign keys, and 5 s of waiting for another process's lock.
 *
 * @throws StoreError `cannot_open`, `busy`, `corrupt`
 */
export function openDriver(file: string): SqlDriver {
  // Absolute, so that libsql never takes a text for a URL or an in-memory database.
  const path = resolve(file);
  try {
    ensureFolderOf(path);
    ensurePrivateFile(path);
    checkWritableFile(path);
  } catch (error) {
    throw new StoreError('cannot_open', `cannot open ${path}: ${problemOf(error)}`, { cause: error });
  }
  const driver = new LibsqlDriver(path, connect(path));
  try {
    configure(driver);
  } catch (error) {
    driver.close();
    throw error;
  }
  return driver;
}

function connect(path: string): Database.Database {
  try {
    return new Database(path);
  } catch (error) {
    throw new StoreError('cannot_open', `cannot open ${path}`, { cause: error });
  }
}

function configure(driver: SqlDriver): void {
  driver.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  if (switchToLog(driver) !== 'wal') {
    throw new StoreError(
      'cannot_open',
      `cannot open ${driver.path}: its file system allows no write-ahead log`,
    );
  }
  driver.exec('PRAGMA synchronous = FULL');
  driver.exec('PRAGMA foreign_keys = ON');
}

/**
 * SQLite does not wait out the busy timeout when two connections switch a new file at the same moment, but refuses
 * one of them at once; so the waiting is done here.
 */
function switchToLog(driver: SqlDriver): string | undefined {
  for (let waitedMs = 0; ; waitedMs += switchRetryMs) {
    try {
      return driver.get<{ journal_mode: string }>('PRAGMA journal_mode = WAL', [])?.journal_mode;
    } catch (error) {
      if (!(error instanceof StoreError) || error.problem !== 'busy' || waitedMs >= busyTimeoutMs)
        throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, switchRetryMs);
  }
}

interface Prepared {
  statement: Database.Statement;
  marks: number;
}

class LibsqlDriver implements SqlDriver {
  readonly path: string;
  readonly #database: Database.Database;
  /** Grows to the number of distinct texts in this folder, a few dozen: no text is built from a value. */
  readonly #prepared = new Map<string, Prepared>();

  constructor(path: string, database: Database.Database) {
    this.path = path;
    this.#database = database;
  }

  exec(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  run(sql: string, parameters: readonly SqlParameter[]): number {
    return this.#guard(() => {
      const { statement, marks } = this.#prepare(sql);
      return statement.run(toBound(parameters, marks)).changes;
    });
  }

  get<Row>(sql: string, parameters: readonly SqlParameter[]): Row | undefined {
    return this.#guard(() => {
      const { statement, marks } = this.#prepare(sql);
      const row = statement.get(toBound(parameters, marks));
      return row === undefined ? undefined : toRow<Row>(row);
    });
  }

  all<Row>(sql: string, parameters: readonly SqlParameter[]): Row[] {
    return this.#guard(() => {
      const { statement, marks } = this.#prepare(sql);
      return statement.all(toBound(parameters, marks)).map((row) => toRow<Row>(row));
    });
  }

  transaction<T>(work: () => T): T {
    return this.#within('BEGIN IMMEDIATE', work);
  }

  snapshot<T>(work: () => T): T {
    return this.#within('BEGIN', work);
  }

  close(): void {
    if (!this.#database.open) return;
    this.#prepared.clear();
    this.#database.close();
  }

  #within<T>(begin: string, work: () => T): T {
    if (this.#guard(() => this.#database.inTransaction)) throw new TypeError('a transaction does not nest');
    this.exec(begin);
    try {
      const result = work();
      if (result instanceof Promise) throw new TypeError('the work of a transaction is synchronous');
      this.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.#database.open && this.#database.inTransaction) this.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const prepared = { statement: this.#database.prepare(sql), marks: countMarks(sql) };
    this.#prepared.set(sql, prepared);
    return prepared;
  }

  /**
   * On a closed database libsql still runs a prepared statement, and ends the process when asked whether a
   * transaction is open; so openness is checked here.
   */
  #guard<T>(work: () => T): T {
    if (!this.#database.open) throw new StoreError('failed', `database ${this.path}: closed`);
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, this.path);
    }
  }
}

/** libsql adds `_metadata` to a single row, and gives a blob as a Buffer there but as an ArrayBuffer among many. */
function toRow<Row>(found: unknown): Row {
  // A row is a plain object of the selected columns.
  const row = found as Record<string, unknown>;
  delete row._metadata;
  for (const [column, value] of Object.entries(row)) {
    if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
  }
  // The caller names the columns it selected; see the interface.
  return row as Row;
}
