import type { Operation } from '../protocol/operations.ts';
import { type Call, waiting } from './route.ts';
import type { Services } from './services.ts';

/** Who waits for an agent's answer, until the answer is theirs to read. */
export interface StreamCaller {
  readonly signal: AbortSignal;
  /** From here on the signal does not fire. Absent: it does, to the end of the answer. */
  release?(): void;
}

/**
 * Who waits for a call. Where streams are held for callers who may come again, their leaving ends the call to the agent
 * before its stream is relayed only: from there on the relay notices it, and knows what becomes of the stream.
 */
export function callerOfStream(
  call: Call,
  { streams }: Operation,
  { resumableFeeds }: Pick<Services, 'resumableFeeds'>,
): StreamCaller {
  const caller = waiting(call);
  return streams && resumableFeeds !== undefined ? releasable(caller) : caller;
}

/** Read late, as a Request makes its signal only when asked. */
function releasable(caller: { readonly signal: AbortSignal }): StreamCaller {
  let own: AbortController | undefined;
  let given: AbortSignal | undefined;
  let isReleased = false;
  const leave = () => own?.abort(given?.reason);
  return {
    get signal() {
      if (own !== undefined) return own.signal;
      own = new AbortController();
      if (!isReleased) {
        given = caller.signal;
        given.addEventListener('abort', leave);
        if (given.aborted) leave();
      }
      return own.signal;
    },
    release() {
      isReleased = true;
      given?.removeEventListener('abort', leave);
    },
  };
}
