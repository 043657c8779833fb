import { GatewayError } from '../failure.ts';
import { GatheredBytes } from '../protocol/bytes.ts';

/** One byte that tells whether the message is compressed, four with its length. */
const headBytes = 5;

/** A message as gRPC sends it: length-prefixed and not compressed. */
export function frameOf(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(headBytes + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, headBytes);
  return frame;
}

/** Cuts the bytes of a gRPC body into messages. */
export interface FrameReader {
  /**
   * Takes the next bytes; answers the messages that are whole now, in order.
   * @throws GatewayError `upstream_response_invalid` for a compressed message, which nobody asked for, and what
   *   `tooLarge` makes as soon as a message says it will be
   */
  push(bytes: Uint8Array): Uint8Array[];
  /** Whether the last message received is whole. */
  isBetweenMessages(): boolean;
}

export interface FrameLimit {
  /** Largest message, without its head. */
  maxMessageBytes: number;
  tooLarge(): GatewayError;
}

export function createFrameReader({ maxMessageBytes, tooLarge }: FrameLimit): FrameReader {
  const held = new GatheredBytes();

  /** Where the frame that begins at `start` ends; undefined while its head is not whole. */
  function endOf(bytes: Uint8Array, start: number): number | undefined {
    if (bytes.length < start + headBytes) return undefined;
    if (bytes[start] !== 0) throw invalid('grpc_compressed');
    const length = new DataView(bytes.buffer, bytes.byteOffset + start).getUint32(1);
    if (length > maxMessageBytes) throw tooLarge();
    return start + headBytes + length;
  }

  return {
    push(pushed) {
      held.push(pushed);
      const bytes = held.peek();
      const messages: Uint8Array[] = [];
      let start = 0;
      for (let end = endOf(bytes, 0); end !== undefined && end <= bytes.length; end = endOf(bytes, start)) {
        messages.push(bytes.subarray(start + headBytes, end));
        start = end;
      }
      if (start > 0) {
        const rest = held.take().subarray(start);
        if (rest.length > 0) held.push(rest);
      }
      return messages;
    },
    isBetweenMessages: () => held.length === 0,
  };
}

function invalid(problem: string): GatewayError {
  return new GatewayError({ code: 'upstream_response_invalid', problem });
}
