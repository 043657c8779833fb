import * as z from 'zod';
import type { Agent } from '../registry/agent.ts';
import type { HealthReport } from './report.ts';

/** Bytes of UTF-8. Sixteen origins, the most an agent has, fill about two thirds of it. */
const maxBytes = 16_384;

const count = z.int().min(0);
/** What a Date can hold. */
const timeMs = z.number().min(0).max(8.64e15);
const code = z.string().max(64);

const failure = z.object({ atMs: timeMs, code, phase: code.exactOptional() });
const probe = z.object({ lastSuccessMs: timeMs.exactOptional(), lastFailure: failure.exactOptional() });

const origin = z.object({
  origin: z.string(),
  weight: count,
  breaker: z.object({
    state: z.enum(['closed', 'open', 'half_open']),
    sinceMs: timeMs,
    waitMs: timeMs.exactOptional(),
  }),
  ...{ openCalls: count, openStreams: count, calls: count, failures: count },
  lastSuccessMs: timeMs.exactOptional(),
  lastFailure: failure.exactOptional(),
  headersMs: z.object({ p50: z.number(), p95: z.number() }).exactOptional(),
  probe: probe.exactOptional(),
});

const report = z.object({
  atMs: timeMs,
  process: z.object({ id: z.string(), sinceMs: timeMs }),
  ...{ openCalls: count, openStreams: count, queuedCalls: count, retries: count },
  origins: z.array(origin),
  credential: z.object({ expiresAtMs: timeMs.exactOptional(), problem: code.exactOptional() }),
});

/** With the time its agent was created: an agent registered again under the same id is another one. */
const shared = z.object({ createdAtMs: timeMs, report });

/** A report of this process or another one, whose version may know other problems. */
export type ProcessReport = z.output<typeof report>;

/**
 * What a process tells the others of an agent: what is named here and nothing else, as JSON.
 * @returns undefined where it is too long to be kept
 */
export function toSharedReport({ createdAtMs }: Agent, given: HealthReport): string | undefined {
  const text = JSON.stringify(shared.parse({ createdAtMs, report: given }));
  return new TextEncoder().encode(text).length <= maxBytes ? text : undefined;
}

/** Undefined: of an agent of before, or written by a version that tells other things. */
export function fromSharedReport({ createdAtMs }: Agent, text: string): ProcessReport | undefined {
  const parsed = shared.safeParse(jsonOf(text));
  return parsed.data?.createdAtMs === createdAtMs ? parsed.data.report : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
