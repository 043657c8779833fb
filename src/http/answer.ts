import type { CallerWords, Worded } from '../bridge/caller-words.ts';
import { factsOf } from '../failure.ts';
import type { UpstreamResponse } from '../ports.ts';
import { errorEvent } from '../protocol/errors.ts';
import { streamDeadlines } from '../proxy/deadlines.ts';
import { endingBy } from '../proxy/ending.ts';
import { Feed } from '../proxy/feed.ts';
import type { ForwardedResponse } from '../proxy/forward.ts';
import { callerHeaders } from '../proxy/headers.ts';
import { type LookAtResults, learningFrom } from '../proxy/learning.ts';
import { relayEvents } from '../proxy/relay.ts';
import type { Admission, AskedFor } from './admission.ts';
import { counted } from './counted.ts';
import { headersOfCall } from './metering.ts';
import { ownerOf, type Resumption, resumptionOf, type StreamCall } from './resumption.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';
import { callerOfStream, type StreamCaller } from './stream-caller.ts';
import type { StreamSlot } from './stream-slot.ts';
import { standingOf } from './stream-standing.ts';
import { streamTrail } from './trail.ts';

/** An agent's answer, relayed or rewritten. */
export function answerBody(call: Call, upstream: UpstreamResponse, status: number, body: string): Response {
  const headers = callerHeaders(upstream);
  // An agent may name no type, or send the header with none in it.
  const hasType = /^\s*[^\s;]/.test(headers['content-type'] ?? '');
  if (body.length > 0 && !hasType) headers['content-type'] = 'application/json';
  Object.assign(headers, headersOfCall(call));
  // A body with a bodiless status is a contradiction Response refuses.
  const isBodiless = status === 204 || status === 304;
  return new Response(isBodiless ? null : counted(call, body), { status, headers });
}

/** An agent's answer, in the words of the caller's binding. */
export function answerWorded(call: Call, upstream: UpstreamResponse, worded: Worded): Response {
  const { status, contentType, body } = worded;
  const headers = {
    ...callerHeaders(upstream),
    'content-type': contentType,
    ...headersOfCall(call),
  };
  return new Response(counted(call, body), { status, headers });
}

/** An answer of the gateway's own, in the words of the caller's binding. */
export function answerOwn(call: Call, { status, contentType, body }: Worded): Response {
  const headers = {
    'content-type': contentType,
    ...headersOfCall(call),
    'cache-control': 'no-store',
  };
  return new Response(counted(call, body), { status, headers });
}

/** How a binding speaks in the events of a stream. */
export interface StreamWords extends Pick<CallerWords, 'failureEvent' | 'resultOf'> {
  /** Events that answered an earlier call, as answers to this one. Default: they say the same. */
  asAnswers?: (events: Uint8Array) => Uint8Array;
}

/** A stream on its way to a caller. */
export interface CallersStream extends StreamCall, Pick<AskedFor, 'skillId'> {
  admission: Admission;
  words: StreamWords;
  caller: StreamCaller;
  /** Sees every result before the caller does, of a stream or not. See `own`. */
  look: LookAtResults | undefined;
  /** See `resumptionOf`. */
  resumption: Resumption | undefined;
  /** See `inStreamSlot`. */
  slot?: StreamSlot;
}

/** What a call is, if it is to have a stream. To be made before the agent is asked, see `resumptionOf`. */
export function callersStream(
  call: Call,
  about: StreamCall & Pick<CallersStream, 'admission' | 'words' | 'skillId' | 'look'>,
  services: Services,
): CallersStream {
  return {
    ...about,
    caller: callerOfStream(call, about.operation, services),
    resumption: resumptionOf(call, about.admission, about, services),
  };
}

/** An agent's event stream, relayed behind what the caller missed of an earlier one. */
export function answerStream(
  call: Call,
  upstream: ForwardedResponse,
  stream: CallersStream,
  services: Services,
): Response {
  const { admission, words, caller, look } = stream;
  caller.release?.();
  // What a runtime has translated has no ids to come again with.
  const replay = call.spoken === undefined ? services.replay : undefined;
  const recorder = replay?.record(ownerOf(admission, stream), stream.taskId);
  const feed = new Feed(upstream, {
    maxEventBytes: services.config.limits.maxEventBytes,
    look: learningFrom(upstream, words.resultOf, { look, recorders: [recorder, call.note] }),
    recorder,
    closed: (closed) => services.streamWatch.forget(closed),
  });
  return relayed(call, feed, stream, services);
}

/** A stream that was held for its caller, from where it broke off. Its events answer the earlier call, and are translated. */
export function answerHeld(call: Call, feed: Feed, stream: CallersStream, services: Services): Response {
  return relayed(call, feed, stream, services, stream.words.asAnswers);
}

/**
 * What a caller missed, where the agent has refused to go on: a task that has ended takes no subscriptions. Who comes again
 * has missed nothing more, and is told the refusal.
 */
export function answerMissed(
  call: Call,
  refusal: UpstreamResponse,
  { missed }: Resumption,
  words: StreamWords,
): Response {
  const pieces = asAnswers(missed, words);
  const events = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
  return eventStream(call, refusal, events);
}

function relayed(
  call: Call,
  feed: Feed,
  stream: CallersStream,
  services: Services,
  translate?: StreamWords['asAnswers'],
): Response {
  const { admission, words, resumption, slot } = stream;
  const { config, ending, log, resumableFeeds } = services;
  const recordEnd = streamTrail(call, services);
  services.streamWatch.watch(feed, standingOf(stream, services));
  const events = relayEvents(feed, {
    keepAliveMs: config.streams.keepAliveMs,
    totalTimeoutMs: streamDeadlines(admission.agent, config.streams).totalTimeoutMs,
    ending: call.deadline === undefined ? ending : endingBy(call.deadline, ending),
    missed: resumption && asAnswers(resumption.missed, words),
    translate,
    errorEvent: (error) => errorEvent(words.failureEvent(error.failure)),
    keeper: resumableFeeds,
    ended(outcome) {
      const { bytes, error } = outcome;
      recordEnd(outcome);
      slot?.release();
      const level = error === undefined ? 'info' : factsOf(error.failure.code).logLevel;
      log.write(level, 'stream ended', {
        requestId: call.requestId,
        agentId: call.params.agentId,
        bytes,
        ...(error !== undefined && { failure: error.failure, cause: error.cause }),
      });
    },
  });
  if (slot !== undefined) slot.isRelayed = true;
  return eventStream(call, feed.response, events);
}

function* asAnswers(missed: readonly Uint8Array[], { asAnswers }: StreamWords): Generator<Uint8Array> {
  for (const events of missed) yield asAnswers?.(events) ?? events;
}

function eventStream(call: Call, upstream: UpstreamResponse, events: ReadableStream<Uint8Array>): Response {
  return new Response(events, {
    status: 200,
    headers: {
      ...callerHeaders(upstream),
      'content-type': 'text/event-stream',
      // nginx and its kin hold a stream back unless told.
      'x-accel-buffering': 'no',
      ...headersOfCall(call),
    },
  });
}
