import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyText } from '../key-text.ts';
import { countMarks, toBound } from './bind.ts';

it('binds what SQLite keeps exactly, booleans as 0 and 1', () => {
  const bytes = new Uint8Array([1]);
  const given = [null, 'é😀', -1.5, 2n ** 63n - 1n, -(2n ** 63n), bytes, true, false];
  expect(toBound(given, 8)).toEqual([null, 'é😀', -1.5, 2n ** 63n - 1n, -(2n ** 63n), bytes, 1, 0]);
});

it('refuses what libsql would crash on or store as something else', () => {
  const refused = [
    ...[undefined, new Date(0), {}, [], Symbol('x'), () => 1, new Map(), Object(true)],
    ...[new Float32Array(1), new ArrayBuffer(1), new DataView(new ArrayBuffer(1))],
    ...[Number.NaN, Number.POSITIVE_INFINITY, 2n ** 63n, -(2n ** 63n) - 1n],
    ...['a\0b', '\ud800', '\udc00\ud800'],
  ];
  for (const value of refused) expect(() => toBound([value], 1)).toThrow(TypeError);
});

it('never repeats a refused value', () => {
  expect(() => toBound(['s3cret\0'], 1)).toThrow(/^(?!.*s3cret)/);
});

it('refuses a wrong number of parameters', () => {
  expect(() => toBound([1], 2)).toThrow(TypeError);
  expect(() => toBound([1, 2, 3], 2)).toThrow(TypeError);
  expect(() => toBound([], 1)).toThrow(TypeError);
});

it('counts the marks of a statement, not those in texts, names and comments', () => {
  expect(countMarks('SELECT 1')).toBe(0);
  expect(countMarks(`SELECT '?', "?", ? -- ?\n FROM t WHERE a = ? AND b = 'it''s ?'`)).toBe(2);
  for (const sql of ['SELECT ?1', 'SELECT :a', 'SELECT @a', 'SELECT $a']) {
    expect(() => countMarks(sql)).toThrow(TypeError);
  }
});

it('binds the key of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(toBound([keyText(text)], 1)).toEqual([keyText(text)]);
    }),
    { examples: [['\ud800'], ['a\0b']] },
  );
});
