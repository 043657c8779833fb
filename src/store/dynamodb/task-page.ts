import { keyText } from '../key-text.ts';
import type { Owned } from '../owned.ts';
import type { SeenTask, TaskCursor, TaskPage, TaskQuery } from '../ports/ownership.ts';

/** Above a page's size, how many tasks are kept before those are dropped that cannot be on it. */
const spare = 1_000;

/** Makes a page of tasks that come in any order; keeps about a page of them in memory, however many there are. */
export class TaskPageMaker {
  readonly #query: TaskQuery;
  #ahead: SeenTask[] = [];
  #totalSize = 0;

  constructor(query: TaskQuery) {
    this.#query = query;
  }

  add(owned: readonly Owned[]): void {
    const { after, size } = this.#query;
    const matching = owned.filter((one) => isMatch(one, this.#query)).map(toTask);
    this.#totalSize += matching.length;
    for (const task of matching) {
      if (after === undefined || inOrder(after, task) < 0) this.#ahead.push(task);
    }
    if (this.#ahead.length > size + spare) this.#ahead = this.#first();
  }

  made(): TaskPage {
    const { size } = this.#query;
    const first = this.#first();
    const items = first.slice(0, size);
    const last = first.length > size ? items.at(-1) : undefined;
    const next = last && { statusAtMs: last.statusAtMs, taskId: last.taskId };
    return { items, ...(next && { next }), totalSize: this.#totalSize };
  }

  /** One more than the page, which tells whether another follows. */
  #first(): SeenTask[] {
    return this.#ahead.sort(inOrder).slice(0, this.#query.size + 1);
  }
}

function isMatch({ seen }: Owned, { contextId, states, statusFromMs }: TaskQuery): boolean {
  return (
    seen?.isForgotten === false &&
    (contextId === undefined || seen.contextId === contextId) &&
    (states === undefined || (seen.state !== undefined && states.includes(seen.state))) &&
    (statusFromMs === undefined || seen.statusAtMs >= statusFromMs)
  );
}

function toTask({ id, seen }: Owned): SeenTask {
  const { isForgotten: _, ...sight } = seen ?? { statusAtMs: 0, isForgotten: false };
  return { taskId: id, ...sight };
}

/** The latest first; of one time by the bytes of their ids, as SQLite has it. */
function inOrder(one: TaskCursor, other: TaskCursor): number {
  if (one.statusAtMs !== other.statusAtMs) return other.statusAtMs - one.statusAtMs;
  return Buffer.compare(Buffer.from(keyText(one.taskId)), Buffer.from(keyText(other.taskId)));
}
