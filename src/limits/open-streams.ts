import type { Clock } from '../ports.ts';
import { sha256Hex } from '../protocol/bytes.ts';
import type { CounterStore } from '../store/ports/counters.ts';

/** How many streams a caller has open with an agent. */
export interface OpenStreams {
  /**
   * One more, if there are fewer than so many. Answers how to say that it is over, once; undefined where there are as many.
   * @throws what the store does
   */
  open(key: string, maxOpenStreams: number): Promise<(() => void) | undefined>;
}

/** Of this process alone. */
export class ProcessStreams implements OpenStreams {
  readonly #open = new Map<string, number>();

  async open(key: string, maxOpenStreams: number): Promise<(() => void) | undefined> {
    const open = this.#open.get(key) ?? 0;
    if (open >= maxOpenStreams) return undefined;
    this.#open.set(key, open + 1);
    return once(() => {
      const left = (this.#open.get(key) ?? 1) - 1;
      if (left === 0) this.#open.delete(key);
      else this.#open.set(key, left);
    });
  }
}

/** How long the streams of a process count that says nothing of them any more. */
const leaseMs = 60_000;
const renewalMs = leaseMs / 3;

/** By process: how many streams it has, and until when that counts. */
type StreamsRecord = Record<string, readonly [streams: number, untilMs: number]>;

export interface SharedStreamsDeps {
  counters: CounterStore;
  clock: Clock;
  /** Of this process: short ASCII text. */
  processId: string;
  /** Told of writes that nobody waits for. They never fail. */
  waitUntil?(work: Promise<void>): void;
}

/** What this process has of one caller and agent. */
interface Open {
  streams: number;
  /** What is written is written one after the other, so that each tells of all before it. */
  last: Promise<unknown>;
  isToBeTold: boolean;
}

/**
 * Of all processes on one store. Each says again and again how many it has, so that those of one that crashed are free after
 * a minute. While the store does not answer for longer than that, others may take as many once more.
 */
export class SharedStreams implements OpenStreams {
  readonly #deps: SharedStreamsDeps;
  readonly #open = new Map<string, Open>();
  #renewing: ReturnType<typeof setInterval> | undefined;

  constructor(deps: SharedStreamsDeps) {
    this.#deps = deps;
  }

  async open(key: string, maxOpenStreams: number): Promise<(() => void) | undefined> {
    const recordKey = `streams#${await sha256Hex(key)}`;
    const open = this.#openOf(recordKey);
    const isOpen = await this.#then(open, async () => {
      // Who has them all here need not be told so by the store, and gets no more where it fails.
      if (open.streams >= maxOpenStreams) return false;
      const isOne = await this.#write(recordKey, () => open.streams + 1, maxOpenStreams);
      if (isOne) open.streams++;
      return isOne;
    }).finally(() => this.#forget(recordKey, open));
    if (!isOpen) return undefined;
    return once(() => {
      open.streams--;
      this.#tell(recordKey, open);
    });
  }

  #openOf(recordKey: string): Open {
    const known = this.#open.get(recordKey);
    if (known !== undefined) return known;
    const open: Open = { streams: 0, last: Promise.resolve(), isToBeTold: false };
    this.#open.set(recordKey, open);
    this.#renewing ??= setInterval(() => this.#renew(), renewalMs);
    return open;
  }

  #then<T>(open: Open, work: () => Promise<T>): Promise<T> {
    const done = open.last.then(work);
    open.last = done.catch(() => {});
    return done;
  }

  /** Where nothing is open and nothing under way. */
  #forget(recordKey: string, open: Open): void {
    const { last } = open;
    void last.then(() => {
      if (open.streams > 0 || open.last !== last || this.#open.get(recordKey) !== open) return;
      this.#open.delete(recordKey);
      if (this.#open.size > 0) return;
      clearInterval(this.#renewing);
      this.#renewing = undefined;
    });
  }

  #renew(): void {
    for (const [recordKey, open] of this.#open) this.#tell(recordKey, open);
  }

  /** What fails is said again with the next renewal, or counts until its time is over. */
  #tell(recordKey: string, open: Open): void {
    if (open.isToBeTold) return;
    open.isToBeTold = true;
    const telling = this.#then(open, () => {
      open.isToBeTold = false;
      return this.#write(recordKey, () => open.streams);
    });
    const told = telling.then(
      () => {},
      () => {},
    );
    this.#forget(recordKey, open);
    this.#deps.waitUntil?.(told);
  }

  /** Says how many this process has. False, and nothing is changed, where all together would have more than so many. */
  #write(
    recordKey: string,
    ownStreams: () => number,
    maxOpenStreams = Number.POSITIVE_INFINITY,
  ): Promise<boolean> {
    const { counters, clock, processId } = this.#deps;
    const nowMs = clock.nowMs();
    const untilMs = nowMs + leaseMs;
    return counters.update(
      recordKey,
      (text) => {
        // Of this class's own making.
        const before = text === undefined ? {} : (JSON.parse(text) as StreamsRecord);
        const others = Object.entries(before).filter(([id, [, until]]) => id !== processId && until > nowMs);
        const own = ownStreams();
        const all = others.reduce((sum, [, [streams]]) => sum + streams, own);
        if (all > maxOpenStreams) return { answer: false };
        const record = Object.fromEntries([...others, ...(own > 0 ? [[processId, [own, untilMs]]] : [])]);
        return { record: JSON.stringify(record), answer: true };
      },
      { nowMs, expiresAtMs: untilMs },
    );
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
