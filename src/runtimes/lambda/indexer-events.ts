import * as z from 'zod';
import { isAgentId } from '../../registry/agent.ts';
import { messageOf, queueEvent, scheduleEvent } from './queue-events.ts';
import { type ResourceRequest, resourceRequest } from './resource-answer.ts';

/** What the indexer is asked, by whichever service. */
export type IndexerEvent =
  /** Agents were written. */
  | { kind: 'changes'; agentIds: string[] }
  /** Work that was put off; each message is answered for by itself. */
  | { kind: 'messages'; messages: { messageId: string; work: IndexWork | undefined }[] }
  /** A stack is deployed. */
  | { kind: 'resource'; request: ResourceRequest }
  /** Time has passed. */
  | { kind: 'schedule' };

/** A message of the queue. */
export type IndexWork = { agentIds: string[] } | { fill: { after?: string } };

/** What one message holds at most. */
export const maxAgentIds = 100;

const agentId = z.string().refine(isAgentId);
const work = z.union([
  z.strictObject({ agentIds: z.array(agentId).min(1).max(maxAgentIds) }),
  z.strictObject({ fill: z.strictObject({ after: z.string().max(20_000).exactOptional() }) }),
]);

const textAttribute = z.object({ S: z.string() });
const streamRecord = z.object({ eventSource: z.literal('aws:dynamodb'), dynamodb: z.unknown().optional() });
const change = z.object({ Keys: z.object({ pk: textAttribute, sk: textAttribute }) });

const streamEvent = z.object({ Records: z.array(streamRecord).min(1) });

/**
 * Undefined for what none of the four services sends. Items of the table that are no agent's own are left out; a message
 * that says nothing known has no work.
 */
export function parseIndexerEvent(event: unknown): IndexerEvent | undefined {
  const stream = streamEvent.safeParse(event);
  if (stream.success) return { kind: 'changes', agentIds: agentIdsOf(stream.data) };
  const queue = queueEvent.safeParse(event);
  if (queue.success) {
    const messages = queue.data.Records.map(({ messageId, body }) => ({
      messageId,
      work: messageOf(body, work),
    }));
    return { kind: 'messages', messages };
  }
  const resource = resourceRequest.safeParse(event);
  if (resource.success) return { kind: 'resource', request: resource.data };
  return scheduleEvent.safeParse(event).success ? { kind: 'schedule' } : undefined;
}

/** Of the heads among the items; see `docs/storage.md`. */
function agentIdsOf({ Records }: z.output<typeof streamEvent>): string[] {
  const ids = Records.flatMap(({ dynamodb }) => {
    // One that says nothing is passed over: an error would hold up all that comes after it.
    const { pk, sk } = change.safeParse(dynamodb).data?.Keys ?? {};
    return sk?.S === 'agent' && pk?.S.startsWith('agent#') ? [pk.S.slice('agent#'.length)] : [];
  });
  return [...new Set(ids)].filter(isAgentId);
}
