/** What must end when the gateway closes: open streams, thousands of them. */
export interface Ending {
  readonly isEnding: boolean;
  /** Calls `end` when the gateway closes; answers how to forget it again. */
  add(end: () => void): () => void;
}

/** One listener on the signal for all: an AbortSignal warns at the eleventh and pays for each one dearly. */
export function createEnding(closing: AbortSignal): Ending {
  const ends = new Set<() => void>();
  closing.addEventListener('abort', () => {
    for (const end of ends) end();
  });
  return {
    get isEnding() {
      return closing.aborted;
    },
    add(end) {
      ends.add(end);
      return () => ends.delete(end);
    },
  };
}

/** An ending that also comes when a signal fires: the gateway's, and the deadline of one request. */
export function endingBy(signal: AbortSignal, ending: Ending): Ending {
  return {
    get isEnding() {
      return ending.isEnding || signal.aborted;
    },
    add(end) {
      const forget = ending.add(end);
      signal.addEventListener('abort', end);
      return () => {
        forget();
        signal.removeEventListener('abort', end);
      };
    },
  };
}
