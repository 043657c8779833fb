import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { FunctionError } from '../lambda/function-error.ts';
import type { LocalFunction } from '../lambda/function-pool.ts';
import type { Answer } from '../lambda/invocations.ts';
import { isBinary, type ProxyEvent } from './event.ts';
import { GatewayRefusal } from './gateway-response.ts';
import type { Integration } from './model.ts';
import {
  createPreludeReader,
  MalformedAnswer,
  membersOf,
  type Prelude,
  parseAnswerHead,
  parseJson,
} from './prelude.ts';

/** Lambda's own limit on an event, which is tighter than API Gateway's on a request. */
const maxEventBytes = 6 * 1024 * 1024;
/** Of regional and private endpoints. */
const defaultIdleTimeoutMs = 5 * 60 * 1000;

export interface Forwarding {
  integration: Integration;
  localFunction: LocalFunction;
  event: ProxyEvent;
  response: ServerResponse;
  binaryMediaTypes: readonly string[];
  accept: string;
  /** Longest silence of a stream. Default five minutes. */
  idleTimeoutMs?: number;
  /** Turns what the function says into what is sent, before the first byte of it. */
  begin(prelude: Prelude): void;
}

/**
 * Hands a request to its function and the answer to the caller.
 * @throws GatewayRefusal while nothing is sent; afterwards the caller's connection is cut instead
 */
export async function forward(forwarding: Forwarding): Promise<void> {
  const { integration, localFunction, event } = forwarding;
  if (Buffer.byteLength(JSON.stringify(event)) > maxEventBytes)
    throw new GatewayRefusal('REQUEST_TOO_LARGE', 'larger than a Lambda event may be');
  const isOver = new AbortController();
  const left = new AbortController();
  const leave = () => left.abort();
  // What is answered whole is computed to its end, whoever waits.
  if (integration.mode === 'STREAM') forwarding.response.once('close', leave);
  const timer = setTimeout(() => isOver.abort(), integration.timeoutMs);
  try {
    const answer = await orTimeout(localFunction.invoke(event, left.signal), isOver.signal);
    if (integration.mode === 'STREAM') await stream(answer, forwarding, isOver.signal);
    else sendWhole(answer, forwarding);
  } catch (error) {
    throw toRefusal(error);
  } finally {
    clearTimeout(timer);
    forwarding.response.off('close', leave);
  }
}

function toRefusal(error: unknown): unknown {
  // API Gateway answers 502 for a function that fails or answers out of form, and has no response type for it.
  if (error instanceof MalformedAnswer)
    return new GatewayRefusal('DEFAULT_5XX', `malformed: ${error.message}`, { status: 502 });
  if (!(error instanceof FunctionError)) return error;
  const isThrottled = error.errorType === 'TooManyRequestsException';
  const detail = `${error.errorType}: ${error.message}`;
  return new GatewayRefusal('DEFAULT_5XX', detail, { status: isThrottled ? 500 : 502 });
}

async function orTimeout(invocation: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  const timeout = once(signal, 'abort').then(() => {
    // The function goes on; nobody hears of its answer any more.
    void invocation.then((answer) => answer.mode === 'streaming' && answer.close()).catch(() => {});
    throw new GatewayRefusal('INTEGRATION_TIMEOUT', 'no answer in time');
  });
  return Promise.race([invocation, timeout]);
}

function sendWhole(answer: Answer, { response, binaryMediaTypes, accept, begin }: Forwarding): void {
  if (answer.mode === 'streaming') {
    answer.close();
    throw new MalformedAnswer('a streamed answer where the integration is buffered');
  }
  const value = membersOf(parseJson(answer.body.toString('utf8')), 'answer');
  const { body = '', isBase64Encoded = false } = value;
  const prelude = parseAnswerHead(value);
  if (typeof body !== 'string' && body !== null) throw new MalformedAnswer('body is no text');
  const isDecoded = isBase64Encoded === true && isBinary(accept, binaryMediaTypes);
  begin(prelude);
  response.end(Buffer.from(body ?? '', isDecoded ? 'base64' : 'utf8'));
}

/**
 * Passes a stream on as it comes and only as fast as the caller reads. A caller that leaves closes the connection to
 * the function, so its stream fails at the next write; on AWS the function may go on unaware, until its own deadline.
 */
async function stream(answer: Answer, forwarding: Forwarding, isOver: AbortSignal): Promise<void> {
  const { response, begin, idleTimeoutMs = defaultIdleTimeoutMs } = forwarding;
  if (answer.mode === 'buffered') throw new MalformedAnswer('no streamed answer');
  const readPrelude = createPreludeReader();
  let isTimedOut = false;
  const end = () => answer.close();
  const endLate = () => {
    isTimedOut = true;
    answer.close();
  };
  const idle = setTimeout(endLate, idleTimeoutMs);
  response.once('close', end);
  isOver.addEventListener('abort', endLate);
  if (response.destroyed) end();
  try {
    for await (const chunk of answer.chunks) {
      idle.refresh();
      const body = response.headersSent ? chunk : begun(readPrelude(chunk), begin);
      if (body === undefined || body.length === 0) continue;
      if (!response.write(body)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    if (!response.headersSent) throw new MalformedAnswer('no delimiter');
    response.end();
  } catch (error) {
    if (!response.headersSent && !response.destroyed)
      throw isTimedOut
        ? new GatewayRefusal('INTEGRATION_TIMEOUT', 'the stream did not begin in time')
        : error;
    // The status is sent: a connection cut short is all that is left to say.
    response.destroy();
  } finally {
    clearTimeout(idle);
    answer.close();
    response.off('close', end);
    isOver.removeEventListener('abort', endLate);
  }
}

function begun(
  end: ReturnType<ReturnType<typeof createPreludeReader>>,
  begin: Forwarding['begin'],
): Uint8Array | undefined {
  if (end === undefined) return undefined;
  begin(end.prelude);
  return end.rest;
}
