import type { CallersStream } from './answer.ts';
import type { Services } from './services.ts';

/** One of the streams a caller may have open with an agent. */
export interface StreamSlot {
  /** Set by who relays the stream, and gives the slot back when it ends, whichever way. */
  isRelayed: boolean;
  /** May be called again. */
  release(): void;
}

/**
 * Answers a call within one of the caller's slots, where it is one that streams; an answer that is no stream gives it back at
 * once. A stream that is read on for a caller who is gone has none: it is one of `streams.maxHeldStreams`, and who comes
 * again for it needs one then.
 *
 * @throws GatewayError `limit_exceeded` before the agent is asked, and what `answer` does
 */
export function inStreamSlot(
  stream: CallersStream,
  services: Services,
  answer: (stream: CallersStream) => Promise<Response>,
): Promise<Response> {
  const isCounted = stream.operation.streams && stream.admission.limits.maxOpenStreams !== undefined;
  return isCounted ? inCountedSlot(stream, services, answer) : answer(stream);
}

async function inCountedSlot(
  ...[stream, services, answer]: Parameters<typeof inStreamSlot>
): Promise<Response> {
  const { principal, agent, limits } = stream.admission;
  const opening = services.limiter.openStream(principal, agent.agentId, limits);
  const release = await opening.catch((error: unknown) => {
    leave(stream, services);
    throw error;
  });
  const slot: StreamSlot = { isRelayed: false, release };
  try {
    return await answer({ ...stream, slot });
  } finally {
    if (!slot.isRelayed) release();
  }
}

/** A stream that was kept for this caller is kept on. */
function leave({ resumption }: CallersStream, { resumableFeeds }: Services): void {
  const feed = resumption?.feed;
  if (feed !== undefined && resumableFeeds?.hold(feed) !== true) feed.close();
}
