/** Waits so long; ends early, without an error, when the signal fires. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** Ends early, without an error, when the signal fires. Keeps no process alive. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    unref(timer);
    signal.addEventListener('abort', done);
  });
}

/** Where the runtime's timers would keep the process alive, they shall not. */
export function unref(timer: ReturnType<typeof setTimeout>): void {
  timer.unref?.();
}
