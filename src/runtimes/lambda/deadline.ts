import { GatewayError } from '../../failure.ts';
import type { LambdaContext } from './awslambda.ts';

/** Kept for ending a stream and answering, before the platform kills the function in the middle of it. */
const defaultMarginMs = 5_000;

export interface Deadline {
  /** Aborts with a GatewayError `upstream_timeout`, phase deadline. */
  signal: AbortSignal;
  /** Call when the answer is over: a timer left behind would fire in a later invocation. */
  dispose(): void;
}

/**
 * Fires a margin before the time of this invocation is over: a stream then ends with the comment that says to subscribe
 * again, and a call still waiting for its agent is answered 504.
 *
 * Silence is not its concern: the comments of `streams.keepAliveMs`, 15 s by default, come well within the 30 s after which
 * an edge-optimised endpoint takes a stream for dead (a regional one waits for five minutes).
 *
 * @param marginMs at most a quarter of what remains is taken. Default 5 000.
 */
export function startDeadline(context: LambdaContext, marginMs = defaultMarginMs): Deadline {
  const remainingMs = context.getRemainingTimeInMillis();
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new GatewayError({ code: 'upstream_timeout', phase: 'deadline' })),
    Math.max(0, remainingMs - Math.min(marginMs, remainingMs / 4)),
  );
  return { signal: controller.signal, dispose: () => clearTimeout(timer) };
}
