import { GatewayError } from '../failure.ts';
import { GatheredBytes } from './bytes.ts';

const LF = 0x0a;
const CR = 0x0d;

/** The comment that ends a stream before the agent does. Whoever translates streams tells it in the words of its binding. */
export const endingComment = 'the gateway is closing this stream; subscribe again';

/** Cuts a byte stream of Server-Sent Events into whole events, without reading them. */
export interface EventFramer {
  /**
   * Takes the next bytes; answers all complete events so far as one piece, each with its blank line, byte for byte.
   * Undefined while none is complete.
   * @throws GatewayError `upstream_event_too_large`
   */
  push(bytes: Uint8Array): Uint8Array | undefined;
  /** What was received after the last complete event. @throws GatewayError `upstream_event_too_large` */
  rest(): Uint8Array;
}

/**
 * A framer by the event-stream grammar (WHATWG HTML §9.2.6): lines end with LF, CR or CRLF, an event with an empty
 * line.
 *
 * @param maxEventBytes largest event, its blank line included
 */
export function createEventFramer(maxEventBytes: number): EventFramer {
  const held = new GatheredBytes();
  let lineIsEmpty = true;
  let lastWasCr = false;
  let crEndedEvent = false;

  const tooLarge = () => new GatewayError({ code: 'upstream_event_too_large', maxEventBytes });

  /** Index after the last event boundary in these bytes, or 0. */
  function lastBoundary(bytes: Uint8Array): number {
    let boundary = 0;
    let eventBytes = held.length;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (++eventBytes > maxEventBytes) {
        if (boundary > 0) break; // Whole events first: what is held behind them is refused at the next call.
        throw tooLarge();
      }
      const completesCrLf = byte === LF && lastWasCr;
      lastWasCr = byte === CR;
      if (completesCrLf) {
        if (crEndedEvent) boundary = at + 1; // The second half of the blank line's own CRLF.
      } else if (byte === LF || byte === CR) {
        crEndedEvent = byte === CR && lineIsEmpty;
        if (lineIsEmpty) boundary = at + 1;
        lineIsEmpty = true;
      } else {
        lineIsEmpty = false;
      }
      if (boundary === at + 1) eventBytes = 0;
    }
    return boundary;
  }

  return {
    push(bytes) {
      const boundary = lastBoundary(bytes);
      if (boundary === 0) {
        held.push(bytes);
        return undefined;
      }
      held.push(bytes.subarray(0, boundary));
      const whole = held.take();
      held.push(bytes.subarray(boundary));
      return whole;
    },
    rest() {
      if (held.length > maxEventBytes) throw tooLarge();
      return held.take();
    },
  };
}

/**
 * The data of each event in a text of whole events (WHATWG HTML §9.2.6): the values of its `data` lines, joined by line
 * feeds. Events without data are left out; a last one that no empty line ends is not.
 */
export function* eventData(text: string): Generator<string> {
  let values: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const value = dataValue(line);
    if (value !== undefined) values.push(value);
    if (line !== '' || values.length === 0) continue;
    yield values.join('\n');
    values = [];
  }
  if (values.length > 0) yield values.join('\n');
}

function dataValue(line: string): string | undefined {
  if (line === 'data') return '';
  if (!line.startsWith('data:')) return undefined;
  return line.slice(line[5] === ' ' ? 6 : 5);
}
