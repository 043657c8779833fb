import { parentPort, type TransferListItem } from 'node:worker_threads';
import { type CallMessage, type ThreadMessage, toFailed } from './message.ts';

/** What a thread can be asked. Calls are begun in the order they come; those that wait do not hold up the next. */
export type ThreadMethods = Readonly<Record<string, (argument: never) => unknown>>;

/**
 * Answers the calls of the main thread, from the script of a thread.
 * @param transferred what of an answer is moved instead of copied
 */
export function serveThread(
  methods: ThreadMethods,
  transferred: (value: unknown) => TransferListItem[] = () => [],
): void {
  parentPort?.on('message', ({ id, method, argument }: CallMessage) => {
    void answer(id, methods[method], argument).then((message) => {
      parentPort?.postMessage(message, 'value' in message ? transferred(message.value) : []);
    });
  });
}

/** Tells the main thread something it did not ask. */
export function tell(event: unknown): void {
  parentPort?.postMessage({ event } satisfies ThreadMessage);
}

async function answer(
  id: number,
  method: ThreadMethods[string] | undefined,
  argument: unknown,
): Promise<Exclude<ThreadMessage, { event: unknown }>> {
  try {
    if (method === undefined) throw new Error('no such method');
    return { id, value: await method(argument as never) };
  } catch (error) {
    return { id, failed: toFailed(error) };
  }
}
