import type { Clock } from '../ports.ts';

/** How often an issuer may be asked: `maxFetches` at once, one more every `fetchEveryMs`. */
export interface FetchBudget {
  /** Fetches that may be made now. */
  left(): number;
  /** Takes one. Whoever takes has looked what is left. */
  take(): void;
}

export const maxFetches = 6;
export const fetchEveryMs = 30_000;

export function createFetchBudget(clock: Clock): FetchBudget {
  let spent = 0;
  let countedAtMs = clock.nowMs();

  /** What has come back since is whole fetches; the rest of the time counts later. A clock that is set back gives none. */
  function count(): void {
    const regained = Math.max(0, Math.floor((clock.nowMs() - countedAtMs) / fetchEveryMs));
    spent = Math.max(0, spent - regained);
    countedAtMs = spent === 0 ? clock.nowMs() : countedAtMs + regained * fetchEveryMs;
  }

  return {
    left() {
      count();
      return maxFetches - spent;
    },
    take() {
      count();
      spent++;
    },
  };
}
