import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

describe('the canonical form of JSON', () => {
  it('is that of RFC 8785 §3.2.2, by its own example', () => {
    const given = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(JSON.parse(given))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('has the members in the order of their UTF-16 code units, as in RFC 8785 §3.2.3', () => {
    const given = String.raw`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`;
    const order = [...canonicalJson(JSON.parse(given)).matchAll(/:(\d)/g)].map(([, digit]) => digit);
    expect(order.join('')).toBe('2467153');
  });

  it.each([
    ['-0', '0'],
    ['1.0', '1'],
    ['1e21', '1e+21'],
    ['5e-324', '5e-324'],
    ['9007199254740993', '9007199254740992'],
  ])('spells %s as %s', (given, spelled) => {
    expect(canonicalJson(JSON.parse(given))).toBe(spelled);
  });

  it('keeps a member called __proto__ like any other, at every depth', () => {
    expect(canonicalJson(JSON.parse('{"b":{"__proto__":{"x":1}},"__proto__":1}'))).toBe(
      '{"__proto__":1,"b":{"__proto__":{"x":1}}}',
    );
  });

  it('is the same whatever order members came in, and reads as what it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        const text = canonicalJson(parsed);
        expect(JSON.parse(text)).toEqual(parsed);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});
