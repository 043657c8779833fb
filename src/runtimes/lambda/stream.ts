import { once } from 'node:events';
import type { Log } from '../../ports.ts';
import type { Answerer } from './answer-event.ts';
import type { LambdaResponseStream, StreamingHandler } from './awslambda.ts';
import { startDeadline } from './deadline.ts';
import { headOf } from './response-head.ts';

/** Tells API Gateway that what follows begins with a prelude. */
const contentType = 'application/vnd.awslambda.http-integration-response';
/** Between prelude and body. */
const delimiter = Buffer.alloc(8);

export interface StreamingOptions {
  answer: Answerer;
  log: Log;
  /** Waited for when the answer is out, before the platform may freeze the process. Default: nothing is. */
  settle?(): Promise<void>;
}

/**
 * A handler that streams its answer, for REST APIs with response transfer mode STREAM. The prelude always goes out, for
 * an empty body and a failed call too: without one API Gateway answers 502 by itself.
 *
 * The body is read no faster than the platform takes it. When the response stream closes early, caller or platform gone,
 * the body is cancelled and the Request's signal fires, so that the call to the agent ends in whatever phase it is.
 * Whether a caller who leaves closes the stream at all is the platform's affair; the deadline ends the call in any case,
 * also of a caller who stopped reading.
 */
export function createStreamingHandler({ answer, log, settle }: StreamingOptions): StreamingHandler {
  return async (event, stream, context) => {
    const left = leaving(stream);
    const deadline = startDeadline(context);
    try {
      const response = await answer(event, { signal: left, deadline: deadline.signal });
      await write(response, stream, left);
    } catch (cause) {
      // Closing it properly would make half an answer look whole.
      if (!left.aborted) log.write('error', 'answer broke off', { cause });
      stream.destroy();
    } finally {
      deadline.dispose();
    }
    await settle?.();
  };
}

/** Fires when the stream is over before all of it was taken. Its listeners stay: an unheard error ends the process. */
function leaving(stream: LambdaResponseStream): AbortSignal {
  const left = new AbortController();
  const leave = () => {
    if (!stream.writableFinished) left.abort();
  };
  stream.on('error', leave).on('close', leave);
  if (stream.destroyed) leave();
  return left.signal;
}

/** @throws whatever the body does; AbortError when the stream was left */
async function write(response: Response, stream: LambdaResponseStream, left: AbortSignal): Promise<void> {
  const reader = response.body?.getReader();
  // A read that waits for a silent agent would not notice by itself.
  const cancel = () => void reader?.cancel().catch(() => {});
  left.addEventListener('abort', cancel);
  if (left.aborted) cancel();
  try {
    stream.setContentType(contentType);
    await put(stream, Buffer.concat([Buffer.from(JSON.stringify(headOf(response))), delimiter]), left);
    for (;;) {
      const piece = await reader?.read();
      if (piece?.value === undefined) break;
      await put(stream, piece.value, left);
    }
    left.throwIfAborted();
    // Not by the callback of `end`, which never comes for a stream that is destroyed in the middle of a write.
    const finished = once(stream, 'finish', { signal: left });
    stream.end();
    await finished;
  } catch (error) {
    cancel();
    throw error;
  } finally {
    left.removeEventListener('abort', cancel);
  }
}

/** Writes a piece, and waits until the stream takes more. @throws AbortError when it was left */
async function put(stream: LambdaResponseStream, piece: Uint8Array, left: AbortSignal): Promise<void> {
  left.throwIfAborted();
  // `once` takes its listeners back when the signal fires: a drain that never comes leaves nothing behind.
  if (!stream.write(piece)) await once(stream, 'drain', { signal: left });
}
