import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../failure.ts';
import { createFrameReader, type FrameReader, frameOf } from './frames.ts';

function reader(maxMessageBytes = 1_000): FrameReader {
  return createFrameReader({
    maxMessageBytes,
    tooLarge: () => new GatewayError({ code: 'upstream_event_too_large', maxEventBytes: maxMessageBytes }),
  });
}

describe('the frames of a gRPC body', () => {
  it('give the same messages however the bytes are cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(frameOf));
        const frames = reader();
        const received: Buffer[] = [];
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
          const end = start + (sizes[turn % sizes.length] ?? 1);
          received.push(...frames.push(bytes.subarray(start, end)).map((message) => Buffer.from(message)));
          start = end;
        }
        expect(received).toEqual(sent.map((message) => Buffer.from(message)));
        expect(frames.isBetweenMessages()).toBe(true);
      }),
    );
  });

  it('say when the last of them is not whole', () => {
    const frames = reader();
    expect(frames.push(frameOf(new Uint8Array(3)).subarray(0, 7))).toEqual([]);
    expect(frames.isBetweenMessages()).toBe(false);
  });

  it('are refused where one is compressed', () => {
    const frame = frameOf(new Uint8Array(1));
    frame[0] = 1;
    expect(() => reader().push(frame)).toThrow(
      expect.objectContaining({ failure: { code: 'upstream_response_invalid', problem: 'grpc_compressed' } }),
    );
  });

  it('are refused as soon as one says that it is too large, and not before', () => {
    expect(reader(3).push(frameOf(new Uint8Array(3)))).toHaveLength(1);
    expect(() => reader(3).push(frameOf(new Uint8Array(4)).subarray(0, 5))).toThrow(
      expect.objectContaining({ failure: { code: 'upstream_event_too_large', maxEventBytes: 3 } }),
    );
  });
});
