import type { ServerResponse } from 'node:http';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { FunctionError } from './lambda/function-error.ts';
import type { Answer } from './lambda/invocations.ts';

/**
 * An answer as InvokeWithResponseStream gives it: a `PayloadChunk` for each piece, then `InvokeComplete`, which says how a
 * function failed, because the status was sent before.
 *
 * @throws FunctionError for what is no answer of the function: it has no concurrency left
 */
export async function answerEvents(invoked: Promise<Answer>, response: ServerResponse): Promise<void> {
  const answer = await invoked.catch(failing);
  const chunks = chunksOf(answer);
  if ('mode' in answer && answer.mode === 'streaming') closeWith(response, answer);
  response.writeHead(200, {
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amz-executed-version': '$LATEST',
  });
  const complete = await sendPayload(chunks, response);
  response.end(encoded('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(complete))));
}

/** Nobody reads on once the caller has left, though the function may not write for long. */
function closeWith(response: ServerResponse, answer: { close(): void }): void {
  if (response.destroyed) answer.close();
  else response.once('close', () => answer.close());
}

/** A stream that fails at once, as a function does that has written nothing. */
function failing(error: unknown): AsyncIterable<Uint8Array> {
  if (error instanceof FunctionError && error.errorType === 'TooManyRequestsException') throw error;
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}

function chunksOf(answer: Answer | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> | [Uint8Array] {
  if (!('mode' in answer)) return answer;
  return answer.mode === 'buffered' ? [answer.body] : answer.chunks;
}

async function sendPayload(
  chunks: AsyncIterable<Uint8Array> | [Uint8Array],
  response: ServerResponse,
): Promise<Record<string, string>> {
  try {
    for await (const chunk of chunks)
      response.write(encoded('PayloadChunk', 'application/octet-stream', chunk));
    return {};
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    const { errorType, message: errorMessage } = error;
    return { ErrorCode: 'Unhandled', ErrorDetails: JSON.stringify({ errorType, errorMessage }) };
  }
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);

function encoded(type: string, contentType: string, body: Uint8Array): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  const headers = {
    ':message-type': text('event'),
    ':event-type': text(type),
    ':content-type': text(contentType),
  };
  return codec.encode({ headers, body });
}
