import * as z from 'zod';
import { isSingleAgent } from './permission.ts';

/** How much a permission lets its holders do, wherever it comes from. 0 is nothing at all; absent, the settings say. */

const most = {
  requests: 1_000_000,
  requestsPerDay: 1_000_000_000,
  openStreams: 100_000,
  bodyBytes: 100 * 1024 * 1024,
  agents: 500,
} as const;

/** Members of a permission, and of what it says of one agent. */
export const limitMembers = {
  requestsPerMinute: z.int().min(0).max(most.requests).exactOptional(),
  burst: z.int().min(0).max(most.requests).exactOptional(),
  requestsPerDay: z.int().min(0).max(most.requestsPerDay).exactOptional(),
  maxOpenStreams: z.int().min(0).max(most.openStreams).exactOptional(),
  maxBodyBytes: z.int().min(0).max(most.bodyBytes).exactOptional(),
};

/**
 * By agent id, as a glob or a tag would leave open which of two entries counts: a number of requests a minute, or members as the permission has them.
 */
export const agentLimits = z
  .record(
    z.string().refine(isSingleAgent, { error: 'must be an agent id' }),
    z.union([limitMembers.requestsPerMinute.unwrap(), z.strictObject(limitMembers)]),
  )
  .refine((limits) => Object.keys(limits).length <= most.agents, {
    error: `at most ${most.agents} agents`,
  });
