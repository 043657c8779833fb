import * as z from 'zod';

/** Settings of how much a caller may do with an agent where its permissions do not say. */

const absent = 'Absent: as many as come.';

export const callerLimitsSchema = z.strictObject({
  requestsPerMinute: z
    .int()
    .min(0)
    .max(1_000_000)
    .exactOptional()
    .describe(`Calls of one caller to one agent in any 60 seconds. 0: none. ${absent}`),
  burst: z
    .int()
    .min(0)
    .max(1_000_000)
    .exactOptional()
    .describe('How many of a minute may come at once; the others then come evenly. Absent: all of them.'),
  requestsPerDay: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .exactOptional()
    .describe(`Calls from midnight to midnight, UTC. 0: none. ${absent}`),
  maxOpenStreams: z
    .int()
    .min(0)
    .max(100_000)
    .exactOptional()
    .describe(`Streams of one caller with one agent at once. 0: none. ${absent}`),
  maxBodyBytes: z
    .int()
    .min(0)
    .max(100 * 1024 * 1024)
    .exactOptional()
    .describe('Largest body of a call, never more than `limits.maxBodyBytes`. Absent: that.'),
  discoveryPerMinute: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(600)
    .describe(
      'Lists of agents, searches, questions to the directory and cards one caller may ask for in any 60 seconds. 0: none.',
    ),
  counters: z
    .enum(['auto', 'process', 'store'])
    .default('auto')
    .describe(
      'Who counts the requests of a minute and open streams: each `process` for itself, or the `store` for all of them. `auto`: the store where it is `dynamodb`. Those of a day are counted by the store in any case.',
    ),
  onStoreFailure: z
    .enum(['closed', 'open'])
    .default('closed')
    .describe(
      'What becomes of a call that cannot be counted: `closed` refuses it as `store_unavailable`, `open` lets it pass and logs it.',
    ),
});
