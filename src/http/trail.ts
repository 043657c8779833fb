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
  const isStream = note.hasStream === true && note.error === undefined;
  trail.record({
    ...aboutOf(call),
    event: isStream ? 'stream.opened' : 'call',
    atMs: clock.nowMs(),
    decision: decisionOf(note.isLetThrough === true, note.error?.failure),
    failure: note.error?.failure,
    httpStatus,
    requestBytes: note.requestBytes,
    responseBytes: isStream ? undefined : request.method === 'HEAD' ? 0 : note.responseBytes,
    durationMs,
  });
}

/** Records how a stream ends that is opened now. */
export function streamTrail(call: Call, { trail, clock }: Services): (outcome: RelayOutcome) => void {
  call.note.hasStream = true;
  const openedAtMs = clock.nowMs();
  return ({ bytes: responseBytes, error }) => {
    const atMs = clock.nowMs();
    trail?.record({
      ...aboutOf(call),
      event: 'stream.ended',
      atMs,
      decision: decisionOf(true, error?.failure),
      failure: error?.failure,
      httpStatus: 200,
      responseBytes,
      durationMs: Math.max(0, atMs - openedAtMs),
    });
  };
}

/** What both tell of a call. */
function aboutOf({ requestId, request, params, note }: Call) {
  const { principal, route } = note;
  const isCounted =
    note.isUse === true && decisionOf(note.isLetThrough === true, note.error?.failure) === 'allow';
  return {
    requestId,
    traceId: traceIdOf(request.headers.get('traceparent')),
    principal,
    isKnown: principal !== undefined || note.isProven === true,
    agentId: note.agentId ?? params.agentId,
    operation: note.operation ?? `${route?.method} ${route?.path}`,
    taskId: note.taskId,
    rule: note.rule,
    isUse: isCounted,
  } satisfies Partial<CallEvent>;
}
