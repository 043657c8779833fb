import { GatewayError } from '../failure.ts';
import type { UpstreamResponse } from '../ports.ts';
import { createEventFramer } from '../protocol/event-stream.ts';
import { createArrivals } from './arrivals.ts';
import type { Ending } from './ending.ts';
import type { LookAtEvents } from './learning.ts';

export interface RelayOptions {
  /** Silence after which a comment line is sent, so that nothing between takes the stream for dead. Default 15 000. */
  keepAliveMs: number;
  /** Largest event. Default 4 MiB. */
  maxEventBytes: number;
  /** How long the stream may last; it then ends as when the gateway closes. Default 0: for ever. */
  totalTimeoutMs: number;
  /** When the gateway closes the stream is ended, with a comment that says so. */
  ending: Ending;
  /** Events the caller missed of an earlier stream, which come first. Default: none. */
  missed?: Iterable<Uint8Array> | undefined;
  /** Sees events before the caller does. Absent: nobody wants to. */
  look?: LookAtEvents | undefined;
  /** Records whole events and answers them as the caller is to get them. Absent: as they came. */
  record?: ((events: Uint8Array) => Uint8Array) | undefined;
  /** The event that tells the caller of a failure in mid-stream. */
  errorEvent(error: GatewayError): string;
  /** Called once, with what ended the stream. */
  ended(outcome: RelayOutcome): void;
}

export interface RelayOutcome {
  bytes: number;
  /** Undefined when agent and caller both saw the end. */
  error?: GatewayError;
}

const encoder = new TextEncoder();
const keepAlive = encoder.encode(': keep-alive\n\n');
const endingComment = encoder.encode(': the gateway is closing this stream; subscribe again\n\n');

/**
 * Relays an upstream event stream to the caller, event by event, unchanged (A2A §9.4.2, §11.7). The upstream is
 * pulled, so a slow caller slows the agent; it is released when the caller leaves. A stream that breaks off ends
 * with an error event, and an event cut in half is not sent. Only id lines may be added (see `record`).
 * Does not check that an event is a valid StreamResponse.
 */
export function relayEvents(upstream: UpstreamResponse, options: RelayOptions): ReadableStream<Uint8Array> {
  const arrivals = createArrivals(upstream.chunks(), {
    silenceMs: options.keepAliveMs,
    totalTimeoutMs: options.totalTimeoutMs,
    ending: options.ending,
  });
  const missed = options.missed?.[Symbol.iterator]();
  const framer = createEventFramer(options.maxEventBytes);
  let bytes = 0;
  let isOver = false;

  function finish(error?: GatewayError): void {
    if (isOver) return;
    isOver = true;
    arrivals.close();
    upstream.close();
    options.ended({ bytes, ...(error !== undefined && { error }) });
  }

  function emit(controller: ReadableStreamDefaultController<Uint8Array>, piece: Uint8Array): void {
    bytes += piece.length;
    if (piece.length > 0) controller.enqueue(piece);
  }

  /** One piece for the caller; false when the stream is over. */
  async function advance(controller: ReadableStreamDefaultController<Uint8Array>): Promise<boolean> {
    const old = missed?.next();
    if (old !== undefined && old.done !== true) {
      emit(controller, old.value);
      return true;
    }
    for (;;) {
      const arrived = await arrivals.next();
      if (arrived === 'silence') {
        emit(controller, keepAlive);
        return true;
      }
      if (arrived === 'ending') {
        emit(controller, endingComment);
        return false;
      }
      const piece = arrived.done === true ? framer.rest() : framer.push(arrived.value);
      if (piece === undefined) continue;
      const looking = options.look?.(piece);
      if (looking !== undefined) await looking;
      emit(controller, options.record?.(piece) ?? piece);
      return arrived.done !== true;
    }
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
        finish(new GatewayError({ code: 'caller_left' }));
      },
    },
    { highWaterMark: 0 },
  );
}
