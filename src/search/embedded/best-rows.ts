/** The best of many rows: highest score first; rows of one score in the order of their agents' ids. */
export class BestRows {
  readonly #limit: number;
  readonly #agentIds: readonly string[];
  readonly #rows: { row: number; score: number }[] = [];

  constructor(limit: number, agentIds: readonly string[]) {
    this.#limit = limit;
    this.#agentIds = agentIds;
  }

  add(row: number, score: number): void {
    const rows = this.#rows;
    let at = rows.length;
    // Most are worse than the last.
    while (at > 0 && this.#isBefore(row, score, at - 1)) at -= 1;
    if (at >= this.#limit) return;
    rows.splice(at, 0, { row, score });
    if (rows.length > this.#limit) rows.pop();
  }

  rows(): readonly { row: number; score: number }[] {
    return this.#rows;
  }

  #isBefore(row: number, score: number, at: number): boolean {
    const other = this.#rows[at];
    if (other === undefined || score > other.score) return true;
    if (score < other.score) return false;
    return (this.#agentIds[row] ?? '') < (this.#agentIds[other.row] ?? '');
  }
}

/** The greatest of many numbers, up to a limit. */
export class Greatest {
  readonly #values: Float64Array;
  #count = 0;

  constructor(limit: number) {
    this.#values = new Float64Array(limit);
  }

  add(value: number): void {
    const values = this.#values;
    let at = this.#count;
    while (at > 0 && value > (values[at - 1] ?? 0)) at -= 1;
    if (at >= values.length) return;
    values.copyWithin(at + 1, at, this.#count);
    values[at] = value;
    if (this.#count < values.length) this.#count += 1;
  }

  /** The least of them; minus infinity as long as there are fewer than the limit. */
  get least(): number {
    return this.#count < this.#values.length ? Number.NEGATIVE_INFINITY : (this.#values.at(-1) ?? 0);
  }
}
