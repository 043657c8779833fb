import { type CallEvent, decisionOf } from '../audit/call-record.ts';
import { traceIdOf } from '../audit/trace-id.ts';
import type { RelayOutcome } from '../proxy/relay.ts';
import type { Call, Route } from './route.ts';
import type { Services } from './services.ts';

/** What anyone may ask decides nothing, and is not recorded. */
export function isRecorded({ access }: Route): boolean {
  return access !== 'anyone';
}

/** Records an answered call, or of a stream that it has been opened. */
export function recordCall(
  call: Call,
  { status: httpStatus, durationMs }: { status: number; durationMs: number },
  { trail, clock }: Services,
): void {
  const { note, request } = call;
  if (trail === undefined || note.route === undefined) return;
  const failure = note.error?.failure;
  const isStream = note.hasStream === true && failure === undefined;
  const responseBytes = isStream ? undefined : request.method === 'HEAD' ? 0 : note.responseBytes;
  const { requestBytes } = note;
  const about = { event: isStream ? 'stream.opened' : 'call', atMs: clock.nowMs() } as const;
  const outcome = { failure, httpStatus, requestBytes, responseBytes, durationMs };
  trail.record(eventOf(call, about, outcome));
}

/** Records how a stream ends that is opened now; nothing of one that was refused before its caller had it. */
export function streamTrail(call: Call, { trail, clock }: Services): (outcome: RelayOutcome) => void {
  call.note.hasStream = true;
  const openedAtMs = clock.nowMs();
  return ({ bytes: responseBytes, error }) => {
    if (call.note.error !== undefined) return;
    const atMs = clock.nowMs();
    const durationMs = Math.max(0, atMs - openedAtMs);
    const outcome = { failure: error?.failure, httpStatus: 200, responseBytes, durationMs };
    trail?.record(eventOf(call, { event: 'stream.ended', atMs }, outcome));
  };
}

type Outcome = Pick<CallEvent, 'failure' | 'httpStatus' | 'requestBytes' | 'responseBytes' | 'durationMs'>;

/**
 * The permission by which a call was let through has not decided that it is refused all the same. A stream was used until it
 * ended, whatever ended it. Each member by name: this is done for every call.
 */
function eventOf(
  { requestId, request, params, note }: Call,
  { event, atMs }: Pick<CallEvent, 'event' | 'atMs'>,
  { failure, httpStatus, requestBytes, responseBytes, durationMs }: Outcome,
): CallEvent {
  const { principal, route, isLetThrough = false } = note;
  const decision = decisionOf(isLetThrough, failure);
  return {
    event,
    atMs,
    requestId,
    traceId: traceIdOf(request.headers.get('traceparent')),
    isKnown: principal !== undefined || note.isProven === true,
    principal,
    agentId: note.agentId ?? params.agentId,
    operation: note.operation ?? `${route?.method} ${route?.path}`,
    taskId: note.taskId,
    decision,
    rule: isLetThrough && decision === 'deny' ? undefined : note.rule,
    failure,
    httpStatus,
    requestBytes,
    responseBytes,
    durationMs,
    isUse: note.isUse === true && (decision === 'allow' || event === 'stream.ended'),
  };
}
