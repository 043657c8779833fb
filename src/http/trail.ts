import { type CallEvent, decisionOf } from '../audit/call-record.ts';
import { traceIdOf } from '../audit/trace-id.ts';
import type { Failure } from '../failure.ts';
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
  const isStream = note.hasStream === true && note.error === undefined;
  const about = aboutOf(call, note.error?.failure);
  trail.record({
    ...about,
    isUse: note.isUse === true && about.decision === 'allow',
    event: isStream ? 'stream.opened' : 'call',
    atMs: clock.nowMs(),
    httpStatus,
    requestBytes: note.requestBytes,
    responseBytes: isStream ? undefined : request.method === 'HEAD' ? 0 : note.responseBytes,
    durationMs,
  });
}

/** Records how a stream ends that is opened now; nothing of one that was refused before its caller had it. */
export function streamTrail(call: Call, { trail, clock }: Services): (outcome: RelayOutcome) => void {
  call.note.hasStream = true;
  const openedAtMs = clock.nowMs();
  return ({ bytes: responseBytes, error }) => {
    if (call.note.error !== undefined) return;
    const atMs = clock.nowMs();
    trail?.record({
      ...aboutOf(call, error?.failure),
      // Whatever ended it, it was used until then.
      isUse: call.note.isUse,
      event: 'stream.ended',
      atMs,
      httpStatus: 200,
      responseBytes,
      durationMs: Math.max(0, atMs - openedAtMs),
    });
  };
}

/** What both tell of a call. The permission by which it was let through has not decided that it is refused all the same. */
function aboutOf({ requestId, request, params, note }: Call, failure: Failure | undefined) {
  const { principal, route, isLetThrough = false } = note;
  const decision = decisionOf(isLetThrough, failure);
  return {
    requestId,
    traceId: traceIdOf(request.headers.get('traceparent')),
    principal,
    isKnown: principal !== undefined || note.isProven === true,
    agentId: note.agentId ?? params.agentId,
    operation: note.operation ?? `${route?.method} ${route?.path}`,
    taskId: note.taskId,
    decision,
    rule: isLetThrough && decision === 'deny' ? undefined : note.rule,
    failure,
  } satisfies Partial<CallEvent>;
}
