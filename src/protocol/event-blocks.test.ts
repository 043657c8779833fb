import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventBlocks } from './event-blocks.ts';
import { createEventFramer, eventData } from './event-stream.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const lineEnd = fc.constantFrom('\n', '\r', '\r\n');
const line = fc.constantFrom(
  'data: 1',
  'data',
  'data:',
  'database: 1',
  ': hi',
  'id: 7',
  'id',
  'idle',
  'x',
  '',
);
const stream = fc.array(fc.tuple(line, lineEnd), { maxLength: 30 }).map((lines) => lines.flat().join(''));

describe('the blocks of an event stream', () => {
  it.each([
    ['data: 1\n\n', [[0, 9, true, false]]],
    [
      'data\n\nid\n\n',
      [
        [0, 6, true, false],
        [6, 10, false, true],
      ],
    ],
    [
      'id: 1\r\ndata:\r\n\r\n: hi\r\n\r\n',
      [
        [0, 16, true, true],
        [16, 24, false, false],
      ],
    ],
    ['data: 1\r\rdata: 2', [[0, 9, true, false]]],
    [
      '\n\ndata: 1\n\n',
      [
        [0, 1, false, false],
        [1, 2, false, false],
        [2, 11, true, false],
      ],
    ],
    ['idle: 1\ndatabase: 1\n id: 1\n\n', [[0, 28, false, false]]],
    ['data: 1\n', []],
    ['', []],
  ])('of %j', (text, expected) => {
    const blocks = eventBlocks(bytesOf(text));
    expect(blocks.map(({ start, end, hasData, hasId }) => [start, end, hasData, hasId])).toEqual(expected);
  });

  it('follow each other without a gap, and hold an event each that a parser of its text finds', () => {
    fc.assert(
      fc.property(stream, (text) => {
        const bytes = bytesOf(text);
        const blocks = eventBlocks(bytes);
        const ends = blocks.map(({ end }) => end);
        expect(blocks.map(({ start }) => start)).toEqual([0, ...ends].slice(0, blocks.length));
        const whole = text.slice(0, ends.at(-1) ?? 0);
        expect(blocks.filter(({ hasData }) => hasData)).toHaveLength([...eventData(whole)].length);
      }),
    );
  });

  it('are as many events, however the stream is cut into pieces', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(20)), (text, cuts) => {
        const framer = createEventFramer(1_000_000);
        const bytes = bytesOf(text);
        let events = 0;
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          const piece = framer.push(bytes.subarray(from, from + cut));
          from += cut;
          events += eventBlocks(piece ?? new Uint8Array()).filter(({ hasData }) => hasData).length;
        }
        expect(events).toBe(eventBlocks(bytes).filter(({ hasData }) => hasData).length);
      }),
    );
  });
});
