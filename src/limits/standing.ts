/** How a caller stands with one of its limits. */
export interface Standing {
  /** As the `RateLimit` header names it. */
  policy: 'minute' | 'day' | 'discovery';
  allowed: number;
  windowSeconds: number;
  /** At least so many more may come now, as far as this process knows. */
  remaining: number;
  /** Until there is more of it, in ms; says nothing where there never is. */
  resetMs: number;
}

/** What is had of a budget: `taken` of it, none or more, and how it stands then. */
export interface Taken {
  taken: number;
  remaining: number;
  /** Until one more may be had, in ms. `Infinity` where it never may. */
  waitMs: number;
  /** Until there is more of it, in ms; says nothing where there never is. */
  resetMs: number;
}

/** How much is asked of a budget. */
export interface Asked {
  nowMs: number;
  /** To be used now. At least 1. */
  needed: number;
  /** To be used by who asks until the budget's slice of time is over, beside what is needed. */
  kept: number;
}

/** Pure arithmetic of a budget whose records are JSON. */
export interface Arithmetic<Record, Limit> {
  /**
   * @returns the record as it then is; absent where it stays as it was. A refusal costs nothing: it changes at most what a
   *   clock had written that was set back since
   */
  take(record: Record | undefined, limit: Limit, asked: Asked): Taken & { record?: Record };
  /** Until when what was kept of a budget may be used, from then. */
  keptUntilMs(nowMs: number): number;
  /** For how long a record says something, at most, after it was made. */
  lastsMs: number;
  /** The most that is worth keeping of this limit. */
  maxKept(limit: Limit): number;
}
