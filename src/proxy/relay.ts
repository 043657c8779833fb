import { GatewayError } from '../failure.ts';
import { endingComment } from '../protocol/event-stream.ts';
import { createArrivals } from './arrivals.ts';
import type { Ending } from './ending.ts';
import type { Feed } from './feed.ts';

export interface RelayOptions {
  /** Silence after which a comment line is sent, so that nothing between takes the stream for dead. Default 15 000. */
  keepAliveMs: number;
  /** How long the stream may last; it then ends as when the gateway closes. Default 0: for ever. */
  totalTimeoutMs: number;
  /** When the gateway closes the stream is ended, with a comment that says so; so it is for who comes again for it. */
  ending: Ending;
  /** Events the caller missed of an earlier stream, which come first. */
  missed?: Iterable<Uint8Array> | undefined;
  /** What the caller gets of the feed's events, where the feed answers an earlier call. Absent: they themselves. */
  translate?: ((events: Uint8Array) => Uint8Array) | undefined;
  /** The event that tells the caller of a failure in mid-stream. */
  errorEvent(error: GatewayError): string;
  /** Has the agent's stream when the caller has left it, or its time is over. Absent: it is closed then. */
  keeper?: FeedKeeper | undefined;
  /** Called once, with what ended the stream. */
  ended(outcome: RelayOutcome): void;
}

/** See `ResumableFeeds`. */
export interface FeedKeeper {
  attach(feed: Feed, letGo: () => void): void;
  detach(feed: Feed): void;
  hold(feed: Feed): boolean;
}

export interface RelayOutcome {
  bytes: number;
  /** Undefined when agent and caller both saw the end. */
  error?: GatewayError;
}

const encoder = new TextEncoder();
const keepAlive = encoder.encode(': keep-alive\n\n');
const endingPiece = encoder.encode(`: ${endingComment}\n\n`);

/**
 * Relays an upstream event stream to the caller, event by event, as the feed has them (A2A §9.4.2, §11.7). The upstream is
 * pulled, so a slow caller slows the agent; it is released when the caller leaves. A stream that breaks off, or whose feed is
 * refused, ends with an error event, and an event cut in half is not sent.
 * Does not check that an event is a valid StreamResponse.
 */
export function relayEvents(feed: Feed, options: RelayOptions): ReadableStream<Uint8Array> {
  const { keepAliveMs, totalTimeoutMs, ending, translate, keeper } = options;
  const arrivals = createArrivals(feed, { silenceMs: keepAliveMs, totalTimeoutMs, ending });
  const missed = options.missed?.[Symbol.iterator]();
  let bytes = 0;
  let isOver = false;
  let isLetGo = false;
  keeper?.attach(feed, () => {
    isLetGo = true;
    finish();
  });

  function finish(error?: GatewayError, mayBeKept = false): void {
    if (isOver) return;
    isOver = true;
    arrivals.close();
    if (!isLetGo && !(mayBeKept && keeper?.hold(feed))) {
      keeper?.detach(feed);
      feed.close();
    }
    options.ended({ bytes, ...(error !== undefined && { error }) });
  }

  function emit(controller: ReadableStreamDefaultController<Uint8Array>, piece: Uint8Array): void {
    bytes += piece.length;
    if (piece.length > 0) controller.enqueue(piece);
  }

  /** One piece for the caller; false when the stream is over. */
  async function advance(controller: ReadableStreamDefaultController<Uint8Array>): Promise<boolean> {
    if (feed.refusal !== undefined) throw feed.refusal;
    const old = missed?.next();
    if (old !== undefined && old.done !== true) {
      emit(controller, old.value);
      return true;
    }
    const arrived = await arrivals.next();
    if (arrived === 'silence') emit(controller, keepAlive);
    else if (arrived === 'ending' || arrived === 'overdue') {
      emit(controller, endingPiece);
      finish(undefined, arrived === 'overdue');
      return false;
    } else if (arrived.done === true) return false;
    else emit(controller, translate?.(arrived.value) ?? arrived.value);
    return true;
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          if (await advance(controller)) return;
          finish();
        } catch (cause) {
          const error =
            cause instanceof GatewayError ? cause : new GatewayError({ code: 'internal' }, { cause });
          if (isOver) return; // The caller left; there is nobody to tell.
          emit(controller, encoder.encode(options.errorEvent(error)));
          finish(error);
        }
        controller.close();
      },
      cancel() {
        finish(new GatewayError({ code: 'caller_left' }), true);
      },
    },
    { highWaterMark: 0 },
  );
}
