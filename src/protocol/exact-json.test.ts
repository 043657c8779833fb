import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact, stringifyExact, withPlainNumbers } from './exact-json.ts';
import { isRecord } from './json.ts';

describe('a number', () => {
  it.each(['9007199254740993', '1.0', '-0', '1e400', '1E+2', '0.10', '123456789012345678901234567890'])(
    'keeps its spelling: %s',
    (spelled) => {
      const text = `{"a":[${spelled},{"b":${spelled}}],"c":${spelled}}`;
      expect(stringifyExact(parseExact(text))).toBe(text);
    },
  );

  it('that JavaScript writes alike is a number while it is a value', () => {
    expect(parseExact('{"a":1,"b":-2.5,"c":1e+21}')).toEqual({ a: 1, b: -2.5, c: 1e21 });
  });

  it('is left alone inside a string, whatever the string says', () => {
    const text = '{"a\\"1.0":"1.0, \\\\","1.0":"-0 \\" 1.0"}';
    expect(stringifyExact(parseExact(text))).toBe(text);
  });

  it('is a number of JavaScript where one is asked for', () => {
    expect(withPlainNumbers(parseExact('[1.0, 9007199254740993]'))).toEqual([1, 9007199254740992]);
  });
});

describe('a number that keeps its spelling', () => {
  const [spelled] = parseExact('[1.0]') as unknown[];

  it('is no text, no number and no object to whoever asks', () => {
    expect(typeof spelled).toBe('object');
    expect([isRecord(spelled), Array.isArray(spelled), String(spelled).includes('1.0')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is a number to whoever writes JSON otherwise', () => {
    expect(JSON.stringify({ a: spelled })).toBe('{"a":1}');
  });
});

describe('any JSON', () => {
  it('beside such a number is what it is without', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        const value: unknown = JSON.parse(text);
        const beside = `[1.0,\n${JSON.stringify(value, null, '\t')} ]`;
        expect(stringifyExact(parseExact(beside))).toBe(`[1.0,${JSON.stringify(value)}]`);
        expect((parseExact(beside) as unknown[])[1]).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    '{"__proto__":{"a":1},"b":1.0}',
    '{"constructor":null,"toString":[],"a":1.0}',
    '{"a":1.0,"a":[]}',
  ])('has members of any name: %s', (text) => {
    expect(JSON.stringify(parseExact(text))).toBe(JSON.stringify(JSON.parse(text)));
    expect(Object.keys(parseExact(text) as object)).toEqual(Object.keys(JSON.parse(text)));
  });

  it('is read as the parser reads it, and written as it would be', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        expect(withPlainNumbers(parseExact(text))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(stringifyExact(parseExact(JSON.stringify(value)))).toBe(JSON.stringify(value));
      }),
    );
  });

  it.each(['', '{', '"', '{"a":01}', '{"a":1.}', '{"a":-}', '[1.0', '"\\"', '1-1', '00'])(
    'that is none is refused: %s',
    (text) => expect(() => parseExact(text)).toThrow(SyntaxError),
  );
});
