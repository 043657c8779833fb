import { GatewayError } from '../../../failure.ts';
import { createEventFramer, endingComment, eventData } from '../../../protocol/event-stream.ts';
import { isRecord } from '../../../protocol/json.ts';

/** The core's answers, JSON-RPC as it is, in parts that gRPC has words for. */

type Json = Readonly<Record<string, unknown>>;

/** An error of JSON-RPC (A2A §9.5) that is the whole answer, or ends a stream. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly error: Json;

  constructor(error: Json) {
    super('an error in JSON-RPC');
    this.error = error;
  }
}

/** The stream was ended by the gateway, which is closing or keeps to a limit; the task goes on. */
export class StreamEnded extends Error {
  override readonly name = 'StreamEnded';
}

/** What the core may add to an event that is as large as may be, such as its id. */
const addedBytes = 1_024;

export function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

/**
 * What the core answered: one result, or the results of its event stream as they come. Pulled, so that a slow caller
 * slows the agent. Released when the signal fires or the loop is left.
 *
 * @throws RpcError, StreamEnded, GatewayError `upstream_response_invalid` for what is no JSON-RPC,
 *   `upstream_event_too_large`
 */
export async function* resultsOf(
  response: Response,
  { maxEventBytes, signal }: { maxEventBytes: number; signal: AbortSignal },
): AsyncGenerator<Json> {
  if (!isEventStream(response)) {
    yield resultIn(await response.text());
    return;
  }
  for await (const events of wholeEvents(response, maxEventBytes, signal)) {
    for (const data of eventData(events)) yield resultIn(data);
    if (endsWithComment(events)) throw new StreamEnded();
  }
}

async function* wholeEvents(
  { body }: Response,
  maxEventBytes: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  if (body === null) return;
  const framer = createEventFramer(maxEventBytes + addedBytes);
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const release = () => void reader.cancel().catch(() => {}); // A stream that has failed cannot be cancelled, nor need it.
  signal.addEventListener('abort', release);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const whole = done ? framer.rest() : framer.push(value);
      if (whole !== undefined && whole.length > 0) yield decoder.decode(whole);
      if (done) return;
    }
  } finally {
    signal.removeEventListener('abort', release);
    release();
  }
}

/** Of a deletion there is no result: an empty one, as gRPC has it. */
function resultIn(text: string): Json {
  const answer = parse(text);
  if (isRecord(answer)) {
    if (isRecord(answer.error)) throw new RpcError(answer.error);
    if (isRecord(answer.result)) return answer.result;
    if (answer.result === null || answer.result === undefined) return {};
  }
  throw new GatewayError({ code: 'upstream_response_invalid', problem: 'jsonrpc' });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the answer, which no log may hold.
    throw new GatewayError({ code: 'upstream_response_invalid', problem: 'syntax' });
  }
}

/** A comment is a line of its own; data that holds the same words begins otherwise. */
function endsWithComment(events: string): boolean {
  return events.includes(endingComment) && events.split(/\r\n|\n|\r/).includes(`: ${endingComment}`);
}
