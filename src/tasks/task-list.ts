import type { JsonObject } from '../bridge/core-call.ts';
import { GatewayError } from '../failure.ts';
import { inParallel } from '../in-parallel.ts';
import type { Clock } from '../ports.ts';
import { openStates, unspecifiedState } from '../protocol/task-state.ts';
import type { Holder, OwnershipStore, SeenTask } from '../store/ports/ownership.ts';
import type { TaskListRequest } from './list-request.ts';
import { fits, listed } from './listed-task.ts';
import type { TaskPageTokens } from './page-token.ts';

/** The answer to `ListTasks`, all its members present (A2A §3.1.4). */
export interface TaskList {
  tasks: JsonObject[];
  /** Empty on the last page. */
  nextPageToken: string;
  pageSize: number;
  totalSize: number;
}

export interface TaskListDeps {
  index: Pick<OwnershipStore, 'tasks' | 'forget'>;
  /**
   * Asks the agent for a task of the holder's, and notes in the index what it says.
   * @param known as the index has it
   * @returns undefined where the agent has forgotten it
   */
  ask(known: SeenTask): Promise<{ task: JsonObject; seen: SeenTask } | undefined>;
  tokens: TaskPageTokens;
  clock: Clock;
  /** How many tasks the agent is asked for at once. */
  concurrency: number;
  /** Of all tasks of a page together, in characters of JSON. */
  maxBytes: number;
}

const mayGoOn = [...openStates, unspecifiedState];
/** At most so many are looked after before a list is made. */
const maxRefreshed = 100;

/**
 * A page of the holder's tasks, the latest status first: the index says which, the agent what they are.
 *
 * A task that its agent works on unseen would be listed as it was seen last, so those that have not ended are asked for
 * before the first page is made: the latest 100. A task that its agent has forgotten leaves the index, and one that fits the
 * filter no more leaves the page, which may be short for it. A task whose status changes between two pages may be missed.
 *
 * @throws GatewayError `parameter_invalid` for the token, `upstream_response_too_large`, `store_unavailable`; what `ask`
 *   throws
 */
export async function listTasks(
  request: TaskListRequest,
  holder: Holder,
  deps: TaskListDeps,
): Promise<TaskList> {
  const { filter, pageSize, pageToken } = request;
  const { index, tokens, clock } = deps;
  const walk = { holder, filter };
  const after = pageToken === undefined ? undefined : await tokens.cursorOf(pageToken, walk);
  const hydration = new Hydration(request, holder, deps);
  if (after === undefined) await hydration.refresh();
  const { contextId, state, statusFromMs } = filter;
  const page = await index.tasks(
    holder,
    {
      ...(contextId !== undefined && { contextId }),
      ...(state !== undefined && { states: [state] }),
      ...(statusFromMs !== undefined && { statusFromMs }),
      size: pageSize,
      ...(after !== undefined && { after }),
    },
    clock.nowMs(),
  );
  const tasks = await hydration.of(page.items);
  return {
    tasks,
    nextPageToken: page.next === undefined ? '' : await tokens.tokenOf(page.next, walk),
    pageSize,
    totalSize: page.totalSize - (page.items.length - tasks.length),
  };
}

interface Hydrated {
  task: JsonObject;
  seen: SeenTask;
  size: number;
}

/** What the agent says of tasks, each asked for once as long as there is room to keep the answer. */
class Hydration {
  readonly #request: TaskListRequest;
  readonly #holder: Holder;
  readonly #deps: TaskListDeps;
  readonly #kept = new Map<string, Hydrated>();
  #keptSize = 0;

  constructor(request: TaskListRequest, holder: Holder, deps: TaskListDeps) {
    this.#request = request;
    this.#holder = holder;
    this.#deps = deps;
  }

  /** Brings the index up to date on tasks that may have gone on. */
  async refresh(): Promise<void> {
    const { index, clock, concurrency, maxBytes } = this.#deps;
    const { contextId } = this.#request.filter;
    const query = { ...(contextId !== undefined && { contextId }), states: mayGoOn, size: maxRefreshed };
    const { items } = await index.tasks(this.#holder, query, clock.nowMs());
    await inParallel(items, concurrency, async (known) => {
      const hydrated = await this.#ask(known);
      if (hydrated === undefined || this.#keptSize + hydrated.size > maxBytes) return;
      this.#keptSize += hydrated.size;
      this.#kept.set(known.taskId, hydrated);
    });
  }

  /** Those of the tasks that there still are and that fit, the latest status first. */
  async of(items: readonly SeenTask[]): Promise<JsonObject[]> {
    const { concurrency, maxBytes } = this.#deps;
    let size = 0;
    const hydrated = await inParallel(items, concurrency, async (known) => {
      const found = this.#kept.get(known.taskId) ?? (await this.#ask(known));
      size += found?.size ?? 0;
      if (size > maxBytes) throw new GatewayError({ code: 'upstream_response_too_large', maxBytes });
      return found;
    });
    return hydrated
      .filter((found) => found !== undefined)
      .filter(({ seen }) => fits(seen, this.#request.filter))
      .toSorted((one, other) => other.seen.statusAtMs - one.seen.statusAtMs)
      .map(({ task }) => task);
  }

  async #ask(known: SeenTask): Promise<Hydrated | undefined> {
    const answer = await this.#deps.ask(known);
    if (answer === undefined) {
      await this.#deps.index.forget(this.#holder, known.taskId);
      return undefined;
    }
    const task = listed(answer.task, this.#request);
    return { task, seen: answer.seen, size: JSON.stringify(task).length };
  }
}
