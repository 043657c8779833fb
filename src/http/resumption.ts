import type { Operation } from '../protocol/operations.ts';
import type { Binding } from '../protocol/protocols.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { Feed } from '../proxy/feed.ts';
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

/** How a stream that broke off goes on. */
export interface Resumption {
  /** What the caller missed, as the earlier stream had it. */
  missed: readonly Uint8Array[];
  /** The stream itself, kept for its caller. Absent: the agent is asked for another. */
  feed?: Feed;
}

/**
 * How the stream goes on of a caller who subscribes again with the `Last-Event-ID` of an earlier one. To be asked before the
 * agent is: what happens in between is in the Task the agent's own stream then begins with, and would come twice.
 * Undefined where there is nothing to go on with, whatever the reason.
 */
export function resumptionOf(
  call: Call,
  admission: Admission,
  stream: StreamCall,
  { replay, resumableFeeds }: Services,
): Resumption | undefined {
  if (replay === undefined || call.spoken !== undefined || stream.operation.name !== 'SubscribeToTask')
    return undefined;
  const lastEventId = call.request.headers.get('last-event-id');
  if (lastEventId === null || stream.taskId === undefined) return undefined;
  const missed = replay.missed(lastEventId, ownerOf(admission, stream), stream.taskId);
  if (missed === undefined) return undefined;
  const feed = resumableFeeds?.take(missed.streamId);
  if (feed !== undefined) return { missed: missed.events, feed };
  return missed.events.length === 0 ? undefined : { missed: missed.events };
}
