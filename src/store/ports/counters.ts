/**
 * What callers have had of their limits: small records that many processes change at the same time, each change made of what
 * the one before it left. A lost record gives a caller its limit once more, and no more than that.
 */
export interface CounterStore {
  /**
   * Changes a record. Resolves to the change's answer when what it made is durable, or when it has left the record as it is.
   *
   * @param key short ASCII text, such as a digest
   * @param times a record that has expired may be gone; `expiresAtMs` may be rounded up to the second
   */
  update<T>(key: string, change: CounterChange<T>, times: CounterTimes): Promise<T>;
}

/**
 * Makes a record of the one that is kept; pure, because it may be called more than once before what it made is kept.
 * Records are short texts: of open streams, some 60 characters for each process that has any. `record` absent: it stays as it
 * is.
 */
export type CounterChange<T> = (kept: string | undefined) => { record?: string; answer: T };

export interface CounterTimes {
  nowMs: number;
  expiresAtMs: number;
}
