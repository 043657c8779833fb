import type { CallerWords, Worded } from '../bridge/caller-words.ts';
import { factsOf } from '../failure.ts';
import type { UpstreamResponse } from '../ports.ts';
import { errorEvent } from '../protocol/errors.ts';
import { endingBy } from '../proxy/ending.ts';
import type { ForwardedResponse } from '../proxy/forward.ts';
import { callerHeaders } from '../proxy/headers.ts';
import { learningFrom } from '../proxy/learning.ts';
import { relayEvents } from '../proxy/relay.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';

/** An agent's answer, relayed or rewritten. */
export function answerBody(call: Call, upstream: UpstreamResponse, status: number, body: string): Response {
  const headers = callerHeaders(upstream);
  // An agent may name no type, or send the header with none in it.
  const hasType = /^\s*[^\s;]/.test(headers['content-type'] ?? '');
  if (body.length > 0 && !hasType) headers['content-type'] = 'application/json';
  headers['x-request-id'] = call.requestId;
  // A body with a bodiless status is a contradiction Response refuses.
  return new Response(status === 204 || status === 304 ? null : body, { status, headers });
}

/** An agent's answer, in the words of the caller's binding. */
export function answerWorded(call: Call, upstream: UpstreamResponse, worded: Worded): Response {
  const { status, contentType, body } = worded;
  const headers = {
    ...callerHeaders(upstream),
    'content-type': contentType,
    'x-request-id': call.requestId,
  };
  return new Response(body, { status, headers });
}

/** How a binding speaks in the events of a stream. */
export type StreamWords = Pick<CallerWords, 'failureEvent' | 'resultOf'>;

/** An agent's event stream, relayed. */
export function answerStream(
  call: Call,
  upstream: ForwardedResponse,
  { failureEvent, resultOf }: StreamWords,
  { config, ending, log }: Services,
): Response {
  const stream = relayEvents(upstream, {
    keepAliveMs: config.streams.keepAliveMs,
    maxEventBytes: config.limits.maxEventBytes,
    ending: call.deadline === undefined ? ending : endingBy(call.deadline, ending),
    look: learningFrom(upstream, resultOf),
    errorEvent: (error) => errorEvent(failureEvent(error.failure)),
    ended({ bytes, error }) {
      const level = error === undefined ? 'info' : factsOf(error.failure.code).logLevel;
      log.write(level, 'stream ended', {
        requestId: call.requestId,
        agentId: call.params.agentId,
        bytes,
        ...(error !== undefined && { failure: error.failure, cause: error.cause }),
      });
    },
  });
  return new Response(stream, {
    status: 200,
    headers: {
      ...callerHeaders(upstream),
      'content-type': 'text/event-stream',
      // nginx and its kin hold a stream back unless told.
      'x-accel-buffering': 'no',
      'x-request-id': call.requestId,
    },
  });
}
