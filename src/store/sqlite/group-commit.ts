import type { SqlDriver } from './driver.ts';

/** Bounds how long one transaction holds up the event loop; the next follows in the next turn. */
const maxWrites = 100;

interface Waiting {
  /** Answers how to tell who asked. */
  write(): () => void;
  reject(error: unknown): void;
}

/**
 * Commits what is asked for in one turn of the event loop in one transaction, so that many writes cost one fsync. A write
 * sees those before it; one that throws undoes all of its group, so it may throw for the disk's reasons only.
 */
export class GroupCommit {
  readonly #driver: SqlDriver;
  readonly #waiting: Waiting[] = [];

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  /** Resolves to what the write answers, once it is durable. */
  add<T>(write: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#commit());
      this.#waiting.push({
        write() {
          const answer = write();
          return () => resolve(answer);
        },
        reject,
      });
    });
  }

  #commit(): void {
    const group = this.#waiting.splice(0, maxWrites);
    if (this.#waiting.length > 0) setImmediate(() => this.#commit());
    try {
      const answers = this.#driver.transaction(() => group.map(({ write }) => write()));
      for (const tell of answers) tell();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
