import { type Failure, GatewayError } from '../../failure.ts';

/** From the main thread. */
export interface CallMessage {
  id: number;
  method: string;
  argument: unknown;
}

/** From the thread: the answer to a call, how it failed, or news nobody asked for. */
export type ThreadMessage =
  | { id: number; value: unknown }
  | { id: number; failed: Failed }
  | { event: unknown };

/** An error on its way between threads: what an error carries beside its stack is lost in a structured clone. */
export type Failed = { failure: Failure; message: string } | { message: string };

export function toFailed(error: unknown): Failed {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return error instanceof GatewayError ? { failure: error.failure, message } : { message };
}

export function fromFailed(failed: Failed): Error {
  if ('failure' in failed) return new GatewayError(failed.failure, { cause: new Error(failed.message) });
  return new Error(failed.message);
}
