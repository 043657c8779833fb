import { pause } from '../../pause.ts';

/** Work in the background that is begun anew whenever there may be something to do. */
export interface Loop {
  /** Something may be to do. Work under way is done once more when it ends; a retry that waits goes on waiting. */
  wake(): void;
  /** Resolves when nothing is under way or woken; also while a failure waits to be tried again. */
  idle(): Promise<void>;
  /** Stops, and resolves when what was under way has ended. Later calls of `wake` do nothing. */
  close(): Promise<void>;
}

export interface LoopOptions {
  /** Does all there is to do; ends soon after the signal fires. Never runs twice at once. */
  work(signal: AbortSignal): Promise<void>;
  /** Once when work begins to fail, not at every retry. */
  failed(cause: unknown): void;
  /** Once when it succeeds again. */
  recovered(): void;
  /** The first retry comes after `first`, each further one after twice the time, at most `most`; all of them jittered. */
  retryMs?: RetryMs;
}

export interface RetryMs {
  first: number;
  most: number;
}

const defaultRetryMs: RetryMs = { first: 1_000, most: 60_000 };

export function createLoop({ work, failed, recovered, retryMs = defaultRetryMs }: LoopOptions): Loop {
  const closing = new AbortController();
  const idlers: (() => void)[] = [];
  let running: Promise<void> | undefined;
  let isWoken = false;
  let isPausing = false;
  let failures = 0;

  async function run(): Promise<void> {
    while (isWoken && !closing.signal.aborted) {
      isWoken = false;
      // Whoever wakes, such as a call being answered, does not wait for a first part of the work.
      await pause(0, closing.signal);
      if (closing.signal.aborted) break;
      try {
        await work(closing.signal);
        if (failures > 0) recovered();
        failures = 0;
      } catch (cause) {
        if (closing.signal.aborted) break;
        failures += 1;
        if (failures === 1) failed(cause);
        isWoken = true;
        isPausing = true;
        release(idlers);
        await pause(jittered(Math.min(retryMs.most, retryMs.first * 2 ** (failures - 1))), closing.signal);
        isPausing = false;
      }
    }
    running = undefined;
    release(idlers);
  }

  return {
    wake() {
      if (closing.signal.aborted) return;
      isWoken = true;
      running ??= run();
    },
    async idle() {
      if (running !== undefined && !isPausing) await new Promise<void>((resolve) => idlers.push(resolve));
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}

function release(idlers: (() => void)[]): void {
  for (const idler of idlers.splice(0)) idler();
}

/** So that several processes that failed together do not try again together. */
function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
