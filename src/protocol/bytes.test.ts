import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatheredBytes } from './bytes.ts';

describe('gathered bytes', () => {
  it('are those of the pieces, whatever these are, and each is taken once', () => {
    const piece = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.option(piece), { maxLength: 40 }), (steps) => {
        const held = new GatheredBytes();
        const [all, taken]: [number[], number[]] = [[], []];
        for (const step of steps) {
          if (step === null) taken.push(...held.take());
          else held.push(step);
          all.push(...(step ?? []));
          expect([...taken, ...held.peek()]).toEqual(all);
          expect(held.length).toBe(all.length - taken.length);
        }
      }),
    );
  });

  it('leave a piece as it was, and what was taken', () => {
    const first = new Uint8Array([1, 2]);
    const held = new GatheredBytes();
    held.push(first.subarray(0, 1));
    held.push(new Uint8Array([3]));
    const taken = held.take();
    held.push(new Uint8Array([4]));
    expect([[...first], [...taken]]).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });

  it('take little more room than they have bytes, however small the pieces', () => {
    const held = new GatheredBytes();
    const one = new Uint8Array(1);
    for (let pieces = 0; pieces < 1_000_000; pieces++) held.push(one);
    expect(held.peek().buffer.byteLength).toBeLessThan(2_200_000);
  });
});
