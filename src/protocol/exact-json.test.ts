import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact, stringifyExact, withPlainNumbers } from './exact-json.ts';

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

describe('any JSON', () => {
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
