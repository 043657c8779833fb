import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CounterChange, CounterStore } from '../../src/store/ports/counters.ts';

export interface CounterContractOptions {
  /** Two processes' ports on one store with nothing in it. The suite closes it. */
  open(): Promise<{ stores: readonly [CounterStore, CounterStore]; close(): Promise<void> }>;
}

const times = { nowMs: 1_700_000_000_000, expiresAtMs: 1_700_000_060_000 };

/** One more, up to a limit; answers whether it was had. */
export function upTo(limit: number): CounterChange<boolean> {
  return (kept) => {
    const count = Number(kept ?? 0);
    return count < limit ? { record: String(count + 1), answer: true } : { answer: false };
  };
}

const read: CounterChange<string | undefined> = (kept) => ({ answer: kept });

/** What every adapter of the CounterStore port promises. */
export function counterContract(name: string, { open }: CounterContractOptions): void {
  describe(`the counter contract: ${name}`, () => {
    let stores: readonly [CounterStore, CounterStore];
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ stores, close } = await open());
    });
    afterEach(() => close());

    it('has no record at first, and none by reading it', async () => {
      expect(await stores[0].update('k', read, times)).toBeUndefined();
      expect(await stores[1].update('k', read, times)).toBeUndefined();
    });

    it('gives what was kept to the next change, in either process, exactly', async () => {
      const record = JSON.stringify({ text: 'ä\u2028"\\', numbers: [1.5, 1e21, -0.1] });
      expect(await stores[0].update('k', () => ({ record, answer: 'first' }), times)).toBe('first');
      expect(await stores[1].update('k', read, times)).toBe(record);
      expect(await stores[0].update('k', read, times)).toBe(record);
      expect(await stores[0].update('other', read, times)).toBeUndefined();
    });

    it('judges by what is there now, whatever was seen before', async () => {
      const [one, two] = stores;
      await one.update('k', () => ({ record: 'old', answer: true }), times);
      await two.update('k', () => ({ record: 'new', answer: true }), times);
      expect(await one.update('k', read, times)).toBe('new');
    });

    it('keeps a record of four kibibytes', async () => {
      const record = 'x'.repeat(4_096);
      await stores[0].update('k', () => ({ record, answer: true }), times);
      expect(await stores[1].update('k', read, times)).toBe(record);
    });

    it('lets no change of two processes be lost', async () => {
      const all = Array.from({ length: 40 }, (_, n) =>
        stores[n % 2 === 0 ? 0 : 1].update('k', upTo(1_000), times),
      );
      expect(await Promise.all(all)).not.toContain(false);
      expect(await stores[0].update('k', read, times)).toBe('40');
    });

    it('lets no more have it than there is, however they meet', async () => {
      for (let n = 0; n < 10; n++) {
        const asked = Array.from({ length: 12 }, async (_, racer) => {
          for (let steps = 0; steps < (racer * n) % 7; steps++) await undefined;
          return stores[racer % 2 === 0 ? 0 : 1].update(`k${n}`, upTo(5), times);
        });
        expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(5);
      }
    });

    it('keeps the records of keys apart', async () => {
      const keys = ['a', 'b', 'A', 'a:b', 'a#b'];
      await Promise.all(
        keys.map((key) => stores[0].update(key, () => ({ record: key, answer: true }), times)),
      );
      for (const key of keys) expect(await stores[1].update(key, read, times)).toBe(key);
    });
  });
}
