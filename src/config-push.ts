import * as z from 'zod';
import { mebibyte } from './config-traffic.ts';
import { ruleMembers } from './config-upstream.ts';

/** Settings of webhooks: what callers may set, how they are told, and what becomes of what does not arrive. */

const dayMs = 86_400_000;

const members = z.strictObject({
  maxConfigsPerTask: z.int().min(1).max(100).default(10).describe('Webhooks a caller may set for a task.'),
  configRetentionMs: z
    .int()
    .min(60_000)
    .max(3_650 * dayMs)
    .default(90 * dayMs)
    .describe('How long a webhook is kept that nobody deletes.'),
  maxBodyBytes: z
    .int()
    .min(1_024)
    .max(4 * mebibyte)
    .default(mebibyte)
    .describe('Largest notification an agent may post.'),
  maxWaiting: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe('Notifications that wait for one webhook; the agent is told to come again with more.'),
  maxConcurrentDeliveries: z
    .int()
    .min(1)
    .max(1_000)
    .default(32)
    .describe('Webhooks a process calls at once; each is sent one notification after the other.'),
  timeoutMs: z
    .int()
    .min(1_000)
    .max(60_000)
    .default(15_000)
    .describe('Connecting to a webhook, and its answer.'),
  maxAttempts: z
    .int()
    .min(1)
    .max(100)
    .default(12)
    .describe('Attempts after which a notification is given up: a dead letter.'),
  minBackoffMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(1_000)
    .describe('Longest wait before the second attempt; twice as long before each further one.'),
  maxBackoffMs: z.int().min(1).max(dayMs).default(3_600_000).describe('Longest wait between two attempts.'),
  maxAgeMs: z
    .int()
    .min(1_000)
    .max(30 * dayMs)
    .default(dayMs)
    .describe('Age at which a notification that fails is given up, however few its attempts.'),
  deadLetterRetentionMs: z
    .int()
    .min(60_000)
    .max(365 * dayMs)
    .default(14 * dayMs)
    .describe('How long dead letters are kept, for an administrator to have them sent again.'),
  upstream: z.strictObject(ruleMembers({ what: 'webhooks' })).prefault({}),
});

export const pushSchema = members.refine(({ minBackoffMs, maxBackoffMs }) => minBackoffMs <= maxBackoffMs, {
  path: ['minBackoffMs'],
  error: 'at most push.maxBackoffMs',
});
