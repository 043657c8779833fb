import { EventStreamCodec } from '@smithy/eventstream-codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMessageReader } from './messages.ts';

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)),
  (text) => new TextEncoder().encode(text),
);

function message(type: string, body: Uint8Array): Uint8Array {
  return codec.encode({ headers: { ':event-type': { type: 'string', value: type } }, body });
}

function readAll(pieces: readonly Uint8Array[], maxMessageBytes = 1_000): [string | undefined, string][] {
  const reader = createMessageReader(maxMessageBytes);
  return pieces
    .flatMap((piece) => reader.push(piece))
    .map(({ headers, body }) => [headers.get(':event-type'), Buffer.from(body).toString('hex')]);
}

const messages = fc.array(
  fc.tuple(fc.constantFrom('PayloadChunk', 'Other'), fc.uint8Array({ maxLength: 50 })),
  {
    maxLength: 5,
  },
);

describe('messages of an event stream', () => {
  it('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat()), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(([type, body]) => message(type, body)));
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(readAll(pieces)).toEqual(
          sent.map(([type, body]) => [type, Buffer.from(body).toString('hex')]),
        );
      }),
    );
  });

  it('are refused with a bit that was turned', () => {
    const whole = message('PayloadChunk', Buffer.from('hello'));
    fc.assert(
      // Not in the length: a longer message is waited for.
      fc.property(fc.integer({ min: 4 * 8, max: whole.length * 8 - 1 }), (bit) => {
        const turned = Uint8Array.from(whole);
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => readAll([turned])).toThrow('upstream_response_invalid');
      }),
    );
  });

  it('are refused by the length they announce, before they are here', () => {
    const long = message('PayloadChunk', new Uint8Array(1_000));
    expect(() => readAll([long.subarray(0, 4)])).toThrow('upstream_event_too_large');
    expect(readAll([long], long.length)).toHaveLength(1);
    expect(() => readAll([new Uint8Array([0, 0, 0, 15])])).toThrow('upstream_response_invalid');
  });
});
