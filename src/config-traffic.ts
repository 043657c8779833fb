import * as z from 'zod';

/** Settings of calls to agents: how large, how long, how many at once, and what becomes of those that fail; how agents
 * are found to be up. */

const kibibyte = 1024;
export const mebibyte = 1024 * kibibyte;

export const limitsSchema = z.strictObject({
  maxBodyBytes: z
    .int()
    .min(kibibyte)
    .max(100 * mebibyte)
    .default(10 * mebibyte)
    .describe('Largest request body.'),
  maxAnswerBytes: z
    .int()
    .min(kibibyte)
    .max(200 * mebibyte)
    .default(32 * mebibyte)
    .describe('Largest answer of an agent that is not a stream.'),
  maxEventBytes: z
    .int()
    .min(kibibyte)
    .max(64 * mebibyte)
    .default(4 * mebibyte)
    .describe('Largest event of a stream.'),
  maxCardBytes: z
    .int()
    .min(kibibyte)
    .max(16 * mebibyte)
    .default(mebibyte)
    .describe('Largest agent card fetched.'),
});

export const deadlinesSchema = z.strictObject({
  connectTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(5_000)
    .describe('Resolving, connecting and TLS to an agent.'),
  headersTimeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(300_000)
    .describe("From sending to the first line of an agent's answer: how long an agent may think."),
  idleTimeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(300_000)
    .describe("Longest silence inside an agent's answer that is no stream."),
  totalTimeoutMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(600_000)
    .describe('A whole call that is no stream, further attempts included.'),
  cardTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(10_000)
    .describe('Fetching an agent card, redirects included.'),
});

const streamMembers = z.strictObject({
  keepAliveMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(15_000)
    .describe('Silence after which a stream carries a comment.'),
  idleTimeoutMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .default(0)
    .describe(
      'Longest silence of an agent inside a stream, which then ends with an error event. 0: none, for a task may wait for days.',
    ),
  totalTimeoutMs: z
    .int()
    .min(0)
    .max(604_800_000)
    .default(0)
    .describe(
      'How long a stream lasts at most; it then ends with a comment that says to subscribe again. 0: for ever, or as long as the platform lets it.',
    ),
  resumeWindowMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe(
      "How long an agent's stream is read on whose caller is gone, or whose time is over, for a caller who subscribes again with `Last-Event-ID`. 0: it is closed at once. Needs `streams.replay`.",
    ),
  maxHeldStreams: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe('How many streams a process reads on at once; the one held longest is closed for the next.'),
  replay: z
    .strictObject({
      maxStreamBytes: z
        .int()
        .min(0)
        .max(64 * mebibyte)
        .default(256 * kibibyte)
        .describe(
          'How much of the end of each stream a process keeps for a caller who subscribes again with `Last-Event-ID`. 0: nothing, as always on Lambda; events then get no ids.',
        ),
      maxBytes: z
        .int()
        .min(0)
        .max(16 * 1024 * mebibyte)
        .default(64 * mebibyte)
        .describe('How much of all streams together.'),
      retentionMs: z
        .int()
        .min(1_000)
        .max(86_400_000)
        .default(300_000)
        .describe('How long after the last event of a stream.'),
    })
    .prefault({}),
});

export const streamsSchema = streamMembers.refine(
  ({ resumeWindowMs, replay }) => resumeWindowMs <= replay.retentionMs,
  {
    path: ['resumeWindowMs'],
    error: 'at most streams.replay.retentionMs: who comes again needs what was recorded',
  },
);

export const affinitySchema = z.strictObject({
  retentionMs: z
    .int()
    .min(60_000)
    .max(31_536_000_000)
    .default(604_800_000)
    .describe(
      'How long after its last use it is known at which instance or session of an agent a conversation is, to the day.',
    ),
});

export const ownershipSchema = z.strictObject({
  retentionMs: z
    .int()
    .min(3_600_000)
    .max(315_360_000_000)
    .default(7_776_000_000)
    .describe(
      'How long a task or context stays with its owner after it was last shown, or a context named in a message. Then the task is unknown, and the context belongs to whoever names it next.',
    ),
});

/** As many as their record has room for: a member of `tracestate` has 256 characters, an agent in it eight and a point. */
const mostHops = 28;

export const loopsSchema = z.strictObject({
  maxHops: z
    .int()
    .min(1)
    .max(mostHops)
    .default(8)
    .describe('Agents that may call one another in a row, as far as they hand on `tracestate`.'),
  maxRepeats: z.int().min(1).max(mostHops).default(2).describe('How often one of them may be among these.'),
});

interface LoadDefaults {
  calls: number;
  streams: number;
  queued: number;
}

function loadMembers(whose: string, defaults: LoadDefaults) {
  return {
    maxConcurrentCalls: z
      .int()
      .min(1)
      .max(100_000)
      .default(defaults.calls)
      .describe(`Calls ${whose} under way that are no streams.`),
    maxOpenStreams: z
      .int()
      .min(1)
      .max(100_000)
      .default(defaults.streams)
      .describe(`Streams ${whose} that are open.`),
    maxQueuedCalls: z
      .int()
      .min(0)
      .max(100_000)
      .default(defaults.queued)
      .describe('Calls that wait for one of these to end; more are refused at once.'),
    queueTimeoutMs: z.int().min(0).max(60_000).default(5_000).describe('Longest wait among them.'),
  };
}

export const loadSchema = z.strictObject({
  ...loadMembers('of one process', { calls: 2_000, streams: 20_000, queued: 1_000 }),
  agent: z
    .strictObject(loadMembers('to one agent', { calls: 500, streams: 10_000, queued: 500 }))
    .prefault({}),
});

export const breakerSchema = z.strictObject({
  consecutiveFailures: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(5)
    .describe('Failures in a row after which an origin of an agent is left alone.'),
  failureRatio: z
    .number()
    .min(0.01)
    .max(1)
    .default(0.5)
    .describe('Share of the calls of a window whose failure has the same effect.'),
  minimumCalls: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(20)
    .describe('Calls a window must have for the share to count.'),
  windowMs: z.int().min(100).max(3_600_000).default(30_000).describe('Length of a window.'),
  openMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(5_000)
    .describe(
      'How long an origin is left alone at first; doubled each time one call finds it failing still.',
    ),
  maxOpenMs: z.int().min(1).max(3_600_000).default(60_000).describe('How long it is left alone at most.'),
});

const shortestProbeIntervalMs = 1_000;

export const healthSchema = z.strictObject({
  probeIntervalMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .refine((intervalMs) => intervalMs === 0 || intervalMs >= shortestProbeIntervalMs, {
      error: `must be 0 or at least ${shortestProbeIntervalMs}`,
    })
    .default(60_000)
    .describe(
      'How often each origin of an agent is asked for the card where no call has just shown it to be up. 0: never. On Lambda, where nothing runs between invocations, the stack has some asked by a schedule instead.',
    ),
});
