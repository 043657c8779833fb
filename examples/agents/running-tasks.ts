import { setTimeout as sleep } from 'node:timers/promises';

/** The work in progress, so that CancelTask, or the end of the server, can stop it. */
export class RunningTasks {
  readonly #stops = new Map<string, AbortController>();

  /**
   * Runs the work of one task to its end, or until it is stopped: then its signal fires and the answer is false.
   * A caller who closes the connection stops nothing; the task goes on and can be asked for later (A2A §3.5.2).
   */
  async run(taskId: string, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    const stop = new AbortController();
    this.#stops.set(taskId, stop);
    try {
      await work(stop.signal);
      return true;
    } catch (error) {
      if (stop.signal.aborted) return false;
      throw error;
    } finally {
      this.#stops.delete(taskId);
    }
  }

  has(taskId: string): boolean {
    return this.#stops.has(taskId);
  }

  stop(taskId: string): void {
    this.#stops.get(taskId)?.abort();
  }

  stopAll(): void {
    for (const stop of this.#stops.values()) stop.abort();
  }
}

/** Waits, unless the signal fires first: then it throws. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await sleep(delayMs, undefined, { signal });
}
