/** As many of the last calls are looked at; beyond that a percentile changes little and memory a lot. */
const maxKept = 1_000;

/** How long the last calls took. */
export class Durations {
  readonly #keptMs: number[] = [];
  #next = 0;

  /** @param durationMs below zero where a clock was set back; counts as nothing */
  add(durationMs: number): void {
    this.#keptMs[this.#next] = Math.max(0, Math.round(durationMs));
    this.#next = (this.#next + 1) % maxKept;
  }

  /** The least duration that so many of a hundred did not exceed (nearest rank); undefined where there were none. */
  percentiles<const P extends number>(percents: readonly P[]): Record<P, number> | undefined {
    if (this.#keptMs.length === 0) return undefined;
    const sorted = this.#keptMs.toSorted((one, other) => one - other);
    const rankOf = (percent: number) => Math.max(1, Math.ceil((percent / 100) * sorted.length));
    const entries = percents.map((percent) => [percent, sorted[rankOf(percent) - 1] ?? 0]);
    return Object.fromEntries(entries) as Record<P, number>; // Its keys are those of the list.
  }
}
