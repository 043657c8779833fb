import { type CallIds, idsOfResult } from '../protocol/call-ids.ts';
import { eventData } from '../protocol/event-stream.ts';
import type { ForwardedResponse } from './forward.ts';

/**
 * Tells which conversation and task an answer shows, where somebody wants to know. To be awaited before the caller gets
 * the answer: the next call may be about them.
 *
 * @param result the result alone, without the envelope of a binding
 * @throws GatewayError `store_unavailable`
 */
export async function learnFrom(upstream: ForwardedResponse, result: unknown): Promise<void> {
  if (upstream.learn === undefined) return;
  const ids = idsOfResult(result);
  if (ids.contextId !== undefined || ids.taskId !== undefined) await upstream.learn(ids);
}

/** Looks at whole events before the caller gets them; there is something to wait for where it answers a promise. */
export type LookAtEvents = (events: Uint8Array) => Promise<void> | undefined;

const decoder = new TextDecoder();

/**
 * The same for a stream, whose events are looked at until they have shown all that somebody wants to know: a stream is
 * about one task. Undefined where nobody does.
 *
 * @param resultOf takes the result out of an event of the binding
 * @param recorder wants to know the task
 */
export function learningFrom(
  upstream: ForwardedResponse,
  resultOf: (event: unknown) => unknown,
  recorder?: { taskId: string | undefined },
): LookAtEvents | undefined {
  const isKnown = recorder === undefined || recorder.taskId !== undefined;
  if (upstream.learn === undefined && isKnown) return undefined;
  const wantsContext = upstream.learn !== undefined;
  let shown: CallIds = {};
  const isDone = () => shown.taskId !== undefined && (shown.contextId !== undefined || !wantsContext);
  return (events) => {
    if (isDone()) return undefined;
    const before = shown;
    for (const data of eventData(decoder.decode(events))) {
      shown = { ...idsOfResult(resultOf(parsedOrNothing(data))), ...shown };
      if (isDone()) break;
    }
    if (recorder !== undefined) recorder.taskId ??= shown.taskId;
    const isNews = Object.keys(shown).length > Object.keys(before).length;
    return isNews ? upstream.learn?.(shown) : undefined;
  };
}

/** What is no JSON is the caller's to find out: events are passed on unread. */
function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
