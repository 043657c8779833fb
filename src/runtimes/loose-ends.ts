/** Work that no answer waits for, but that a process should not stop in the middle of. */
export class LooseEnds {
  readonly #open = new Set<Promise<void>>();

  /** @param work never fails */
  add(work: Promise<void>): void {
    this.#open.add(work);
    void work.finally(() => this.#open.delete(work));
  }

  /** Resolves when what was begun before is done, or after so long. Default 1 000. */
  async settle(maxMs = 1_000): Promise<void> {
    if (this.#open.size === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, maxMs);
    });
    await Promise.race([Promise.all(this.#open), tooLong]);
    clearTimeout(timer);
  }
}
