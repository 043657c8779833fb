import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../failure.ts';
import { createEventFramer, eventData } from './event-stream.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** What a framer answers to each piece, and what it has left. */
function framed(pieces: readonly string[], maxEventBytes = 1_000): { answers: string[]; rest: string } {
  const framer = createEventFramer(maxEventBytes);
  const answers = pieces.map((piece) => textOf(framer.push(bytesOf(piece))));
  return { answers, rest: textOf(framer.rest()) };
}

/** The events of a text by the grammar's own words (WHATWG HTML §9.2.6), without one that no empty line ends. */
function eventsOf(text: string): string[][] {
  const events: string[][] = [[]];
  for (const line of text.split(/\r\n|\n|\r/).slice(0, -1)) {
    if (line === '') events.push([]);
    else events.at(-1)?.push(line);
  }
  return events.slice(0, -1).filter((lines) => lines.length > 0);
}

const lineEnd = fc.constantFrom('\n', '\r', '\r\n');
const line = fc.constantFrom('data: {"a":1}', 'data', ': comment', 'id: 7', 'event: x', 'data: ☕\u2028');
const event = fc
  .tuple(fc.array(fc.tuple(line, lineEnd), { minLength: 1, maxLength: 4 }), lineEnd)
  .map(([lines, end]) => lines.flat().join('') + end);
const stream = fc.array(event, { maxLength: 6 }).map((events) => events.join(''));

/** A text cut at any places, as bytes, so that a cut may fall inside a character. */
const cut = fc.tuple(stream, fc.array(fc.nat(400), { maxLength: 12 })).map(([text, places]) => {
  const bytes = bytesOf(text);
  const ends = [...places.map((place) => Math.min(place, bytes.length)), bytes.length].sort((a, b) => a - b);
  return { text, pieces: ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)) };
});

describe('createEventFramer', () => {
  it('gives every byte of whole events, in order, whatever the split', () => {
    const property = fc.property(cut, ({ text, pieces }) => {
      const framer = createEventFramer(1_000);
      const whole = pieces.map((piece) => textOf(framer.push(piece))).join('');
      expect(whole + textOf(framer.rest())).toBe(text);
      expect(eventsOf(whole)).toEqual(eventsOf(text));
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it('never gives a part of an event, whatever the split', () => {
    const property = fc.property(cut, ({ text, pieces }) => {
      const all = eventsOf(text).map((lines) => lines.join());
      const framer = createEventFramer(1_000);
      let given = '';
      for (const piece of pieces) {
        given += textOf(framer.push(piece));
        const so = eventsOf(given).map((lines) => lines.join());
        expect(so).toEqual(all.slice(0, so.length));
        expect(given === '' || /[\r\n]$/.test(given)).toBe(true);
      }
    });
    fc.assert(property);
  });

  it.each([
    ['LF', ['data: 1\n', '\n', 'data: 2'], ['', 'data: 1\n\n', ''], 'data: 2'],
    ['CR', ['data: 1\r', '\r', 'data: 2'], ['', 'data: 1\r\r', ''], 'data: 2'],
    ['CRLF', ['data: 1\r\n\r\n', 'data: 2'], ['data: 1\r\n\r\n', ''], 'data: 2'],
    ['CRLF cut in its blank line', ['data: 1\r\n\r', '\n'], ['data: 1\r\n\r', '\n'], ''],
    ['CRLF cut in its line end', ['data: 1\r', '\n', '\r\n'], ['', '', 'data: 1\r\n\r\n'], ''],
    ['two events in a piece', ['data: 1\n\ndata: 2\n\nda', 'ta'], ['data: 1\n\ndata: 2\n\n', ''], 'data'],
    ['a comment', [': hi\n\n'], [': hi\n\n'], ''],
    ['blank lines only', ['\n', '\r\n'], ['\n', '\r\n'], ''],
  ])('answers a whole event with the piece that ends it: %s', (_, pieces, answers, rest) => {
    expect(framed(pieces)).toEqual({ answers, rest });
  });

  it('takes events up to the limit, blank line included, however many', () => {
    expect(framed(['data: 1\n\n'.repeat(50)], 9).rest).toBe('');
    expect(framed(['data: 1\n', '\n', 'data: 1', '\n\n'], 9).rest).toBe('');
  });

  it.each([
    ['in one piece', ['data: 12\n\n']],
    ['in many pieces', [...'data: 12\n\n']],
    ['after a good one', ['data: 1\n\ndata: 12\n\n']],
    ['that never ends', ['data: 1\n\ndata: 1', '2345']],
  ])('refuses an event above the limit %s', (_, pieces) => {
    const error = new GatewayError({ code: 'upstream_event_too_large', maxEventBytes: 9 });
    expect(() => framed(pieces, 9)).toThrow(error);
  });

  it('gives the whole events that came in one piece with one above the limit', () => {
    const framer = createEventFramer(9);
    expect(textOf(framer.push(bytesOf('data: 1\n\ndata: 12\n\ndata: 3\n\n')))).toBe('data: 1\n\n');
    expect(() => framer.push(bytesOf('\n'))).toThrow(GatewayError);
  });
});

describe('eventData', () => {
  it.each([
    ['each event', 'data: 1\n\ndata:2\n\n', ['1', '2']],
    ['any line end', 'data: 1\r\rdata: 2\r\n\r\ndata: 3\n\n', ['1', '2', '3']],
    ['a value of several lines', 'data: {"a":\ndata: 1}\n\n', ['{"a":\n1}']],
    ['one space less, and no more', 'data:  1 \n\n', [' 1 ']],
    ['a field without a value', 'data\n\ndata:\n\n', ['', '']],
    ['no comment and no other field', ': data: 0\nid: 7\nevent: x\ndatab: 0\n data: 0\ndata: 1\n\n', ['1']],
    ['no event without data', ': hi\n\nid: 7\n\n\n\n', []],
    ['what no empty line ends', 'data: 1\n\ndata: 2\n', ['1', '2']],
    ['the half of a line end that an event before has left', '\ndata: 1\n\n', ['1']],
    ['nothing', '', []],
  ])('gives %s', (_, text, expected) => {
    expect([...eventData(text)]).toEqual(expected);
  });

  it('gives the same however the framer has cut the stream', () => {
    const property = fc.property(cut, ({ text, pieces }) => {
      const framer = createEventFramer(1_000);
      const given = pieces.flatMap((piece) => [...eventData(textOf(framer.push(piece)))]);
      expect([...given, ...eventData(textOf(framer.rest()))]).toEqual([...eventData(text)]);
    });
    fc.assert(property);
  });
});
