import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createPreludeReader,
  MalformedAnswer,
  parseAnswerHead,
} from '../../aws-local/api-gateway/prelude.ts';

const nul = Buffer.alloc(8);

/** Reads a whole answer cut at these places. */
function readCut(answer: Buffer, cuts: readonly number[]): { prelude: unknown; body: string } {
  const read = createPreludeReader();
  const at = [...new Set([0, ...cuts.map((cut) => cut % answer.length), answer.length])].sort(
    (a, b) => a - b,
  );
  const body: Uint8Array[] = [];
  let prelude: unknown;
  for (let index = 1; index < at.length; index++) {
    const chunk = answer.subarray(at[index - 1], at[index]);
    if (prelude !== undefined) {
      body.push(chunk);
      continue;
    }
    const end = read(chunk);
    prelude = end?.prelude;
    if (end !== undefined) body.push(end.rest);
  }
  return { prelude, body: Buffer.concat(body).toString('latin1') };
}

describe('the prelude of a streamed answer', () => {
  it('is the same however the answer is cut into pieces', () => {
    const answers = fc.record({
      statusCode: fc.integer({ min: 100, max: 599 }),
      value: fc.string(),
      body: fc.uint8Array({ maxLength: 40 }),
      nulls: fc.integer({ min: 0, max: 10 }),
    });
    fc.assert(
      fc.property(answers, fc.array(fc.nat()), ({ statusCode, value, body, nulls }, cuts) => {
        const json = Buffer.from(JSON.stringify({ statusCode, headers: { 'x-value': value } }));
        const sent = Buffer.concat([Buffer.alloc(nulls), body]);
        expect(readCut(Buffer.concat([json, nul, sent]), cuts)).toEqual({
          prelude: { statusCode, headers: [['x-value', value]] },
          body: sent.toString('latin1'),
        });
      }),
    );
  });

  it.each([
    ['a', 'b', 'c'],
    ['{"statusCode":200}\0\0\0', '\0\0\0\0', '\0'],
  ])('is awaited until its delimiter is complete: %j', (...pieces) => {
    const read = createPreludeReader();
    const answers = pieces.map((piece) => {
      try {
        return read(Buffer.from(piece));
      } catch {
        return 'malformed';
      }
    });
    expect(answers.slice(0, -1)).toEqual([undefined, undefined]);
  });

  it('has 16 KB to come to its end', () => {
    const read = createPreludeReader();
    const json = JSON.stringify({ headers: { a: 'x'.repeat(16 * 1024 - 20) } });
    expect(read(Buffer.from(json))).toBeUndefined();
    expect(() => read(Buffer.alloc(40, 0x20))).toThrow(MalformedAnswer);
    expect(() => createPreludeReader()(Buffer.concat([Buffer.alloc(16 * 1024 + 1, 0x20), nul]))).toThrow(
      MalformedAnswer,
    );
  });

  it.each(['', 'nonsense', '[]', '"text"', '{"statusCode":"no"}', '{"statusCode":99}', '{"headers":[]}'])(
    'is malformed as %j',
    (text) => {
      expect(() => createPreludeReader()(Buffer.concat([Buffer.from(text), nul]))).toThrow(MalformedAnswer);
    },
  );
});

describe('the head of an answer', () => {
  it('takes several values over one, and cookies besides', () => {
    const head = parseAnswerHead({
      statusCode: '201',
      headers: { 'X-One': 1, 'x-many': 'left out' },
      multiValueHeaders: { 'X-Many': ['a', 'b'] },
      cookies: ['a=1', 'b=2'],
    });
    expect(head).toEqual({
      statusCode: 201,
      headers: [
        ['X-One', '1'],
        ['X-Many', 'a'],
        ['X-Many', 'b'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    });
  });

  it('is malformed with a header that is no text', () => {
    expect(() => parseAnswerHead({ headers: { a: {} } })).toThrow(MalformedAnswer);
    expect(() => parseAnswerHead({ multiValueHeaders: { a: 'b' } })).toThrow(MalformedAnswer);
  });
});
