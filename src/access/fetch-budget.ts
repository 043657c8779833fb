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

  /** Whole fetches come back; the rest of the time counts later. A clock that is set back counts from there. */
  function count(): void {
    const nowMs = clock.nowMs();
    const regained = Math.max(0, Math.floor((nowMs - countedAtMs) / fetchEveryMs));
    spent = Math.max(0, spent - regained);
    countedAtMs = spent === 0 || nowMs < countedAtMs ? nowMs : countedAtMs + regained * fetchEveryMs;
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
