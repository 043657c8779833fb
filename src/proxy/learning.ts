import { type CallIds, idsOfResult } from '../protocol/call-ids.ts';
import { eventData } from '../protocol/event-stream.ts';
import type { ForwardedResponse } from './forward.ts';

/**
 * Looks at results before the caller gets them. There is something to wait for where it answers a promise, and where that
 * is rejected the caller does not get them.
 */
export type LookAtResults = (results: readonly unknown[]) => Promise<void> | undefined;

/**
 * Has an answer looked at, and tells which conversation and task it shows, where somebody wants to know. To be awaited before
 * the caller gets the answer: the next call may be about them.
 *
 * @param result the result alone, without the envelope of a binding
 * @throws GatewayError `store_unavailable`, and what `look` does
 */
export async function learnFrom(
  upstream: ForwardedResponse,
  result: unknown,
  { look, recorder }: { look?: LookAtResults | undefined; recorder?: TaskRecorder | undefined } = {},
): Promise<void> {
  await look?.([result]);
  if (upstream.learn === undefined && !wantsTask(recorder)) return;
  const ids = idsOfResult(result);
  tellTask(recorder, ids);
  if (upstream.learn === undefined) return;
  if (ids.contextId !== undefined || ids.taskId !== undefined) await upstream.learn(ids);
}

/** Looks at whole events before the caller gets them; there is something to wait for where it answers a promise. */
export type LookAtEvents = (events: Uint8Array) => Promise<void> | undefined;

/** Takes the result out of an event of a binding. */
type ResultOf = (event: unknown) => unknown;

export interface StreamLearners {
  /** Sees every event. */
  look?: LookAtResults | undefined;
  recorders?: readonly (TaskRecorder | undefined)[];
}

/** Wants to know the task, until it does. */
export interface TaskRecorder {
  taskId?: string | undefined;
}

function wantsTask(recorder: TaskRecorder | undefined): boolean {
  return recorder !== undefined && recorder.taskId === undefined;
}

function tellTask(recorder: TaskRecorder | undefined, { taskId }: CallIds): void {
  if (recorder !== undefined && taskId !== undefined) recorder.taskId ??= taskId;
}

/** The same for a stream. Undefined where nobody wants to know anything, or any more. */
export function learningFrom(
  upstream: ForwardedResponse,
  resultOf: ResultOf,
  { look, recorders = [] }: StreamLearners = {},
): LookAtEvents | undefined {
  const find = findingIds(upstream, resultOf, recorders);
  if (look === undefined) return find;
  return (events) => {
    const looking = look([...resultsIn(events, resultOf)]);
    return looking === undefined ? find?.(events) : looking.then(() => find?.(events));
  };
}

/** A stream is about one task: its events are looked at until they have shown all that somebody wants to know. */
function findingIds(
  upstream: ForwardedResponse,
  resultOf: ResultOf,
  recorders: readonly (TaskRecorder | undefined)[],
): LookAtEvents | undefined {
  if (upstream.learn === undefined && !recorders.some(wantsTask)) return undefined;
  const wantsContext = upstream.learn !== undefined;
  let shown: CallIds = {};
  const isDone = () => shown.taskId !== undefined && (shown.contextId !== undefined || !wantsContext);
  return (events) => {
    if (isDone()) return undefined;
    const before = shown;
    for (const result of resultsIn(events, resultOf)) {
      shown = { ...idsOfResult(result), ...shown };
      if (isDone()) break;
    }
    for (const recorder of recorders) tellTask(recorder, shown);
    const isNews = Object.keys(shown).length > Object.keys(before).length;
    return isNews ? upstream.learn?.(shown) : undefined;
  };
}

const decoder = new TextDecoder();

function* resultsIn(events: Uint8Array, resultOf: ResultOf): Generator<unknown> {
  for (const data of eventData(decoder.decode(events))) yield resultOf(parsedOrNothing(data));
}

/** What is no JSON is the caller's to find out: events are passed on unread. */
function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
