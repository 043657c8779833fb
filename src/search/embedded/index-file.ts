import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { GatewayError } from '../../failure.ts';
import type { Log } from '../../ports.ts';
import { openDriver, type SqlDriver } from '../../store/sqlite/driver.ts';
import { prepareSchema } from './schema.ts';

/**
 * The file that holds the index, opened when first used and again where another has taken its place. One that is damaged or
 * of another version is moved aside, to `<path>.unusable`, and a new one begun: all it held is made again from the
 * registry.
 *
 * A commit survives a crash of the process, and may not survive a power cut (synchronous NORMAL): then the file is as it
 * was a little earlier, its position with it, and what is missing is followed again.
 */
export class IndexFile {
  readonly #path: string;
  readonly #log: Log;
  #opened: { driver: SqlDriver; inode: number } | undefined;
  #openings = 0;
  #isClosed = false;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** Another number: another file, of which nothing is known. */
  get openings(): number {
    return this.#openings;
  }

  /** @throws StoreError; TypeError once it is closed */
  use<T>(work: (driver: SqlDriver) => T): T {
    const driver = this.#driver();
    try {
      return work(driver);
    } catch (error) {
      if (isDamage(error)) this.#discard('damaged');
      throw error;
    }
  }

  /** Safe to call twice. */
  close(): void {
    this.#isClosed = true;
    this.#opened?.driver.close();
    this.#opened = undefined;
  }

  #driver(): SqlDriver {
    if (this.#isClosed) throw new TypeError('the index is closed');
    if (this.#opened !== undefined) {
      if (inodeOf(this.#path) === this.#opened.inode) return this.#opened.driver;
      this.#log.write('warn', 'search: index file replaced', { path: this.#path });
      this.#opened.driver.close();
      this.#opened = undefined;
    }
    return this.#open() ?? this.#open() ?? this.#unusable();
  }

  /** Undefined: what was there has been moved aside. */
  #open(): SqlDriver | undefined {
    // What is left of a file that was deleted would be written into the next one.
    if (!existsSync(this.#path)) removeLogs(this.#path);
    const inode = inodeOf(this.#path);
    let driver: SqlDriver | undefined;
    try {
      driver = openDriver(this.#path);
      driver.exec('PRAGMA synchronous = NORMAL');
      if (prepareSchema(driver)) {
        this.#opened = { driver, inode: inodeOf(this.#path) ?? 0 };
        this.#openings += 1;
        return driver;
      }
    } catch (error) {
      driver?.close();
      if (!isDamage(error)) throw error;
      this.#moveAside(inode, 'damaged');
      return undefined;
    }
    driver.close();
    this.#moveAside(inode, 'of another version');
    return undefined;
  }

  #discard(why: string): void {
    const inode = this.#opened?.inode;
    this.#opened?.driver.close();
    this.#opened = undefined;
    this.#moveAside(inode, why);
  }

  /** Unless another process has done so already. */
  #moveAside(inode: number | undefined, why: string): void {
    if (inode === undefined || inodeOf(this.#path) !== inode) return;
    this.#log.write('warn', 'search: index begun anew', { path: this.#path, why });
    renameSync(this.#path, `${this.#path}.unusable`);
    removeLogs(this.#path);
  }

  #unusable(): never {
    throw new Error(`${this.#path} cannot be opened`);
  }
}

function removeLogs(path: string): void {
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** A StoreError of the driver that says so, or JSON that was not written as it is read. */
function isDamage(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  return error instanceof GatewayError && 'problem' in error && error.problem === 'corrupt';
}
