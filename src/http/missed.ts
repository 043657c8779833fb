import type { Operation } from '../protocol/operations.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { Binding } from '../proxy/headers.ts';
import type { StreamOwner } from '../replay/stream-log.ts';
import type { Admission } from './admission.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';

/** What a call is about, as far as its stream is concerned. */
export interface StreamCall {
  operation: Operation;
  binding: Binding;
  version: ServedVersion;
  /** As the call names it; a first message names none. */
  taskId: string | undefined;
}

/** Whose stream it is. A stream is gone on with by nobody else, and in no other binding or version. */
export function ownerOf({ principal, agent }: Admission, { binding, version }: StreamCall): StreamOwner {
  return {
    issuer: principal.issuer,
    subject: principal.subject,
    clientId: principal.clientId,
    agentId: agent.agentId,
    agentCreatedAtMs: agent.createdAtMs,
    binding,
    version,
  };
}

/**
 * The events a caller missed who subscribes again with the `Last-Event-ID` of an earlier stream, as that one had them. To be
 * asked before the agent is: what happens in between is in the Task the agent's own stream then begins with, and would
 * come twice. Undefined where there is nothing to go on with, whatever the reason.
 */
export function missedBy(
  call: Call,
  admission: Admission,
  stream: StreamCall,
  { replay }: Services,
): Uint8Array[] | undefined {
  if (replay === undefined || stream.operation.name !== 'SubscribeToTask') return undefined;
  const lastEventId = call.request.headers.get('last-event-id');
  if (lastEventId === null || stream.taskId === undefined) return undefined;
  return replay.missed(lastEventId, ownerOf(admission, stream), stream.taskId);
}
