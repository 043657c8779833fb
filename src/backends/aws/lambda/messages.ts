import { EventStreamCodec } from '@smithy/eventstream-codec';
import { GatewayError } from '../../../failure.ts';
import { GatheredBytes } from '../../../protocol/bytes.ts';

/** One message of an event stream of AWS (`application/vnd.amazon.eventstream`). */
export interface StreamMessage {
  /** Text headers by name; others are not of interest. */
  headers: ReadonlyMap<string, string>;
  body: Uint8Array;
}

/** Cuts a byte stream into messages, checksums checked. */
export interface MessageReader {
  /**
   * The messages that are complete with these bytes.
   * @throws GatewayError `upstream_event_too_large`, `upstream_response_invalid` problem `eventstream`
   */
  push(bytes: Uint8Array): StreamMessage[];
}

/** Prelude (two lengths, a checksum) and the checksum of the whole. */
const leastMessageBytes = 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : decoder.decode(bytes)),
  (text) => encoder.encode(text),
);

/** @param maxMessageBytes largest message, its lengths and checksums included */
export function createMessageReader(maxMessageBytes: number): MessageReader {
  const held = new GatheredBytes();
  /** Of the message that is awaited; 4 while its length is not here. */
  let needed = 4;

  function take(length: number): Uint8Array {
    const whole = held.take();
    held.push(whole.subarray(length));
    return whole.subarray(0, length);
  }

  function neededNow(): number {
    if (held.length < 4) return 4;
    const { buffer, byteOffset } = held.peek();
    const length = new DataView(buffer, byteOffset, 4).getUint32(0);
    if (length > maxMessageBytes)
      throw new GatewayError({ code: 'upstream_event_too_large', maxEventBytes: maxMessageBytes });
    if (length < leastMessageBytes) throw malformed();
    return length;
  }

  return {
    push(bytes) {
      held.push(bytes);
      const messages: StreamMessage[] = [];
      while (held.length >= needed) {
        if (needed > 4) messages.push(decoded(take(needed)));
        needed = neededNow();
        if (needed === 4) break;
      }
      return messages;
    },
  };
}

function decoded(bytes: Uint8Array): StreamMessage {
  try {
    const { headers, body } = codec.decode(bytes);
    const texts = Object.entries(headers).flatMap(([name, { value }]): [string, string][] =>
      typeof value === 'string' ? [[name, value]] : [],
    );
    return { headers: new Map(texts), body };
  } catch {
    throw malformed();
  }
}

function malformed(): GatewayError {
  return new GatewayError({ code: 'upstream_response_invalid', problem: 'eventstream' });
}
