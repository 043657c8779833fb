import { describe, expect, it } from 'vitest';
import { oncePerKey } from './once-per-key.ts';

describe('what is made once per key', () => {
  it('is made once for all who ask, and each key has its own', async () => {
    let made = 0;
    const once = oncePerKey<number>(10);
    const make = async () => ++made;
    expect(await Promise.all([once('a', make), once('a', make), once('b', make)])).toEqual([1, 1, 2]);
    expect(await once('a', make)).toBe(1);
  });

  it('is made again after it failed, and fails for all who waited', async () => {
    let made = 0;
    const once = oncePerKey<number>(10);
    const make = async () => {
      if (++made === 1) throw new Error('first');
      return made;
    };
    const both = await Promise.allSettled([once('a', make), once('a', make)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await once('a', make)).toBe(2);
  });

  it('is made again where it was not worth keeping', async () => {
    const values = [undefined, 'there'];
    const once = oncePerKey<string | undefined>(10, (value) => value !== undefined);
    const make = async () => values.shift();
    expect(await once('a', make)).toBeUndefined();
    expect(await once('a', make)).toBe('there');
    expect(await once('a', make)).toBe('there');
  });

  it('is forgotten when as many others have been used since', async () => {
    let made = 0;
    const once = oncePerKey<number>(2);
    const make = async () => ++made;
    for (const key of ['a', 'b', 'a', 'c']) await once(key, make);
    expect(await once('a', make)).toBe(1);
    expect(await once('b', make)).toBe(4);
  });
});
