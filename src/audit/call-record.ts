import type { Principal } from '../access/principal.ts';
import type { Failure } from '../failure.ts';
import { shortened } from './shortened.ts';

/** What was asked and what became of it, as far as it is recorded. */
export interface CallEvent {
  /** A call that is answered at once, or the beginning and the end of a stream. */
  event: 'call' | 'stream.opened' | 'stream.ended';
  /** When it was over; of a stream that is opened, when its answer began. */
  atMs: number;
  requestId: string;
  /** See `traceIdOf`. */
  traceId?: string | undefined;
  /** Whether it is known who asked. Of the others no more are recorded than the trail has room for. */
  isKnown: boolean;
  /** Absent: nobody, or an agent that has proved itself by other means. */
  principal?: Pick<Principal, 'issuer' | 'subject' | 'clientId' | 'tenant'> | undefined;
  agentId?: string | undefined;
  /** The protocol's name, or method and path of a route of the gateway's own. */
  operation: string;
  taskId?: string | undefined;
  decision: Decision;
  /** The permission by which it was let through, or refused. */
  rule?: string | undefined;
  failure?: Failure | undefined;
  httpStatus: number;
  requestBytes?: number | undefined;
  responseBytes?: number | undefined;
  durationMs: number;
  /** Whether it counts as use of the agent. */
  isUse?: boolean | undefined;
}

export type Decision = 'allow' | 'deny';

/**
 * Failures by which the gateway refuses what it had let pass to an agent: a limit, what belongs to another, and what was taken
 * away meanwhile.
 */
const refusals: ReadonlySet<string> = new Set([
  ...['token_invalid', 'agent_forbidden', 'operation_forbidden', 'agent_inactive'],
  ...['limit_exceeded', 'task_not_found', 'context_refused'],
]);

/** @param isLetThrough whether the gateway found that this caller may do this; what fails before is refused. */
export function decisionOf(isLetThrough: boolean, failure: Failure | undefined): Decision {
  return isLetThrough && !refusals.has(failure?.code ?? '') ? 'allow' : 'deny';
}

/** An event as a line of the trail. Texts of strangers are shortened. */
export function lineOf(event: CallEvent): string {
  const { principal, failure } = event;
  const record = {
    event: event.event,
    time: new Date(event.atMs).toISOString(),
    requestId: shortened(event.requestId),
    traceId: event.traceId,
    issuer: shortened(principal?.issuer),
    subject: shortened(principal?.subject),
    clientId: shortened(principal?.clientId),
    tenant: shortened(principal?.tenant),
    agentId: shortened(event.agentId),
    operation: event.operation,
    taskId: shortened(event.taskId),
    decision: event.decision,
    rule: shortened(event.rule),
    code: failure?.code,
    reason: reasonIn(failure),
    httpStatus: event.httpStatus,
    requestBytes: event.requestBytes,
    responseBytes: event.responseBytes,
    durationMs: event.durationMs,
  };
  return `${JSON.stringify(record)}\n`;
}

/** Of the evidence only what is one of a few words of the gateway's own: the rest may hold what the caller sent. */
function reasonIn(failure: Failure | undefined): string | undefined {
  return failure?.code === 'token_invalid' ? failure.problem : undefined;
}

/** What was left out, and why. */
export interface Omission {
  /** `unauthenticated`: more requests of nobody than are recorded; `full`: there was no room. */
  cause: 'unauthenticated' | 'full';
  count: number;
}

export function omissionLine(nowMs: number, { cause, count }: Omission): string {
  return `${JSON.stringify({ event: 'omitted', time: new Date(nowMs).toISOString(), cause, count })}\n`;
}
