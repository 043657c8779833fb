import { idsOfResult } from '../protocol/call-ids.ts';
import { isRecord } from '../protocol/json.ts';
import { isTerminalState } from '../protocol/task-state.ts';
import type { CoreAnswer, JsonObject } from './core-call.ts';

/** Asks the agent for a task. Undefined where it does not say. */
export type GetTask = (taskId: string) => Promise<JsonObject | undefined>;

/**
 * A stream whose first event is a Task or a Message, as 1.0 has it (A2A §3.1.2, §3.1.6) and 0.3 does not: before an
 * update that comes first, the task it is about. Where the agent does not give the task, what the update says of it.
 */
export async function* withTaskFirst(
  events: AsyncIterable<CoreAnswer>,
  getTask: GetTask,
): AsyncGenerator<CoreAnswer> {
  let isFirst = true;
  for await (const event of events) {
    if (isFirst && event.ok && isUpdate(event.result))
      yield { ok: true, result: await taskOf(event.result, getTask) };
    isFirst = false;
    yield event;
  }
}

function isUpdate(event: JsonObject): boolean {
  return isRecord(event.statusUpdate) || isRecord(event.artifactUpdate);
}

async function taskOf(event: JsonObject, getTask: GetTask): Promise<JsonObject> {
  const { taskId, contextId } = idsOfResult(event);
  const told = taskId === undefined ? undefined : await getTask(taskId);
  if (told !== undefined) return { task: told };
  const { statusUpdate } = event;
  const status = isRecord(statusUpdate) ? statusUpdate.status : undefined;
  return { task: { id: taskId, contextId, status: status ?? { state: 'TASK_STATE_WORKING' } } };
}

/** An event, and whether the stream says by it that nothing more comes. */
export interface FinalEvent {
  event: CoreAnswer;
  isFinal: boolean;
}

/**
 * A stream with the mark `final` that 0.3 has and 1.0 does not (0.3 §7.2.2). An update to a terminal state has it. After
 * another last word on a task, such as that it needs input, the agent may close the stream or go on (A2A §7.6.1), which
 * only its closing tells: the status is then said once more, marked.
 */
export async function* withFinal(events: AsyncIterable<CoreAnswer>): AsyncGenerator<FinalEvent> {
  let last: JsonObject | undefined;
  let isMarked = false;
  for await (const event of events) {
    const update = event.ok ? event.result.statusUpdate : undefined;
    isMarked = isRecord(update) && isTerminal(update.status);
    last = event.ok ? (statusIn(event.result) ?? last) : undefined;
    if (event.ok && isRecord(event.result.message)) last = undefined;
    yield { event, isFinal: isMarked };
  }
  if (last !== undefined && !isMarked)
    yield { event: { ok: true, result: { statusUpdate: last } }, isFinal: true };
}

function isTerminal(status: unknown): boolean {
  return isRecord(status) && isTerminalState(status.state);
}

/** The last known status as an update. */
function statusIn({ task, statusUpdate }: JsonObject): JsonObject | undefined {
  if (isRecord(statusUpdate)) return statusUpdate;
  return isRecord(task) ? { taskId: task.id, contextId: task.contextId, status: task.status } : undefined;
}
