import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterEvents, idLineOf, numberEvents } from './number-events.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

function numbered(text: string, count = 0, isBeginning = false): [string, number] | undefined {
  const events = numberEvents(bytesOf(text), idLineOf('s'), count, isBeginning);
  return events && [textOf(events.bytes), events.count];
}

describe('numbered events', () => {
  it.each([
    ['data: 1\n\n', 'id: gateway-s.4\ndata: 1\n\n', 1],
    ['data: 1\n\n: hi\n\ndata: 2\n\n', 'id: gateway-s.4\ndata: 1\n\n: hi\n\nid: gateway-s.5\ndata: 2\n\n', 2],
    ['event: e\r\ndata: 1\r\n\r\n', 'id: gateway-s.4\nevent: e\r\ndata: 1\r\n\r\n', 1],
    ['\ndata: 1\r\r', '\nid: gateway-s.4\ndata: 1\r\r', 1],
    [': hi\n\n', ': hi\n\n', 0],
    ['data: 1\n', 'data: 1\n', 0],
  ])('of %j', (text, expected, count) => {
    expect(numbered(text, 3)).toEqual([expected, count]);
  });

  it('begin behind a byte-order mark', () => {
    expect(numbered('\ufeffdata: 1\n\n', 0, true)).toEqual(['\ufeffid: gateway-s.1\ndata: 1\n\n', 1]);
    expect(numbered('\ufeffdata: 1\n\n', 0, false)).toEqual(['\ufeffdata: 1\n\n', 0]);
  });

  it.each(['id: 1\ndata: 1\n\n', 'data: 1\n\nid\ndata: 2\n\n', 'id: 1\n\ndata: 1\n\n'])(
    'are none where the agent numbers them: %j',
    (text) => {
      expect(numbered(text)).toBeUndefined();
    },
  );

  it('are as they were but for one line each, and are cut behind any of them', () => {
    const block = fc.constantFrom('data: 1\n\n', 'data: 2\r\n\r\n', ': hi\n\n', 'event: e\rdata\r\r');
    fc.assert(
      fc.property(fc.array(block), fc.nat(5), (blocks, count) => {
        const text = blocks.join('');
        const [all = '', events = 0] = numbered(text, count) ?? [];
        expect(all.replaceAll(/id: gateway-s\.\d+\n/g, '')).toBe(text);
        for (let cut = 1; cut <= events; cut++) {
          const rest = textOf(afterEvents(bytesOf(all), cut));
          expect(all.endsWith(rest)).toBe(true);
          expect(rest.match(/gateway-s\.\d+/g)?.length ?? 0).toBe(events - cut);
        }
      }),
    );
  });
});
