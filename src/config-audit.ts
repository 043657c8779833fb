import * as z from 'zod';

/** Settings of the trail of calls and changes, and of what was used. */

const dayMs = 86_400_000;

export const auditSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether calls and changes are recorded, and what was used.'),
  retentionMs: z
    .int()
    .min(60_000)
    .max(3_650 * dayMs)
    .default(365 * dayMs)
    .describe('How long a record is kept. Counts for records made from then on.'),
  usageRetentionMs: z
    .int()
    .min(dayMs)
    .max(3_650 * dayMs)
    .default(730 * dayMs)
    .describe('How long after a day it is kept what was used on it.'),
  flushMs: z
    .int()
    .min(0)
    .max(100)
    .default(100)
    .describe('How long a record of a call waits for others to be written with. On Lambda none waits.'),
  onFailure: z
    .enum(['closed', 'open'])
    .default('closed')
    .describe(
      'What becomes of calls while records cannot be written: none is begun, or they go on and those that find no room are not recorded.',
    ),
});

export type AuditSettings = z.output<typeof auditSchema>;
