import * as z from 'zod';
import { certificates } from './certificates.ts';
import { targetKindOf, targetKinds } from './kinds.ts';
import type { GivenAddresses, Location, Stickiness, TargetKind } from './target.ts';

/** Where an agent runs, as it is kept: only its kind reads the members. */
export interface BackendConfig {
  type: string;
  [member: string]: unknown;
}

/** An agent of before there were kinds, and one that says nothing. */
export const plainHttp: BackendConfig = { type: 'http' };

/** Where an agent's card is and which origins its calls may go to. */
export function locationOf(agent: GivenAddresses & { backend?: BackendConfig | undefined }): Location {
  const { backend = plainHttp } = agent;
  return targetKindOf(backend).locate(backend, agent);
}

/** How URLs begin that an agent's credential may be presented at. Another place needs the credential given again. */
export function credentialPlacesOf(
  agent: GivenAddresses & { backend?: BackendConfig | undefined },
): string[] {
  const { backend = plainHttp } = agent;
  const target = targetKindOf(backend);
  const place = target.credentialPlace?.(backend);
  if (place !== undefined) return [place];
  const { agentCardUrl, origins } = target.locate(backend, agent);
  const ofCard = target.cardNeedsCredential(backend) ? [new URL(agentCardUrl).origin] : [];
  return [...origins.map(({ origin }) => origin), ...ofCard].map((origin) => `${origin}/`);
}

/** What a conversation with the agent sticks to. */
export function stickinessOf({ backend = plainHttp }: { backend?: BackendConfig | undefined }): Stickiness {
  return targetKindOf(backend).stickiness?.(backend) ?? 'none';
}

/** One shape a kind, made of the list of kinds. */
export const backendSchema: z.ZodType<BackendConfig> = z.discriminatedUnion(
  'type',
  // Each is an object with its own literal `type`, which the types of a list made at run time do not show.
  targetKinds.map((kind: TargetKind) =>
    z.strictObject({ type: z.literal(kind.type), ...kind.members }).describe(kind.summary),
  ) as unknown as [z.ZodObject<{ type: z.ZodLiteral<string> }>],
);

const timeout = z.int().min(1).max(3_600_000);
const streamTimeout = z.int().min(0);

/** How long each phase of a call to an agent may take; an absent one is the gateway's own. */
export const agentDeadlinesSchema = z.strictObject({
  connectTimeoutMs: timeout.max(60_000).optional().describe('Resolving, connecting and TLS.'),
  headersTimeoutMs: timeout
    .optional()
    .describe("From sending to the answer's first line: how long the agent may think."),
  idleTimeoutMs: timeout.optional().describe('Longest silence inside an answer that is no stream.'),
  totalTimeoutMs: timeout.optional().describe('The whole of an answer that is no stream.'),
  streamIdleTimeoutMs: streamTimeout
    .max(86_400_000)
    .optional()
    .describe('Longest silence inside a stream. 0: none.'),
  streamTotalTimeoutMs: streamTimeout
    .max(604_800_000)
    .optional()
    .describe('How long a stream lasts at most. 0: for ever.'),
});
export type AgentDeadlines = z.output<typeof agentDeadlinesSchema>;

/** How much of an agent is asked at once by one process; an absent one is the gateway's own. */
export const agentLimitsSchema = z.strictObject({
  maxConcurrentCalls: z.int().min(1).max(100_000).optional().describe('Calls under way that are no streams.'),
  maxOpenStreams: z.int().min(1).max(100_000).optional().describe('Streams that are open.'),
  maxQueuedCalls: z.int().min(0).max(100_000).optional().describe('Calls that wait for one of these to end.'),
  queueTimeoutMs: z.int().min(0).max(60_000).optional().describe('Longest wait in the queue.'),
});
export type AgentLimits = z.output<typeof agentLimitsSchema>;

/** PEM certificates of the authorities an agent's own certificate may be signed by, beside those the gateway trusts. */
export const caCertificates = certificates;
