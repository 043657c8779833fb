import { expect, it } from 'vitest';
import type { Store } from '../../src/store/port.ts';
import { range } from './paging.ts';

/** What every adapter promises of the places of conversations. */
export function affinityContract(store: () => Store): void {
  const keys = range(3).map((n) => `${n}`.repeat(64));
  const [first = '', second = '', third = ''] = keys;
  // Whole seconds: an adapter may round up to them.
  const atMs = 1_800_000_000_000;
  const kept = () => Promise.all(keys.map((key) => store().affinities.get(key)));

  it('answers undefined for a key that is not there', async () => {
    expect(await kept()).toEqual([undefined, undefined, undefined]);
  });

  it('gives back every place that was put', async () => {
    const places = [
      { key: first, place: 'https://a.test' },
      { key: second, place: 'b'.repeat(128) },
    ];
    await store().affinities.put(places, atMs);
    expect(await kept()).toEqual([
      { place: 'https://a.test', expiresAtMs: atMs },
      { place: 'b'.repeat(128), expiresAtMs: atMs },
      undefined,
    ]);
  });

  it('keeps what was put last, place and time', async () => {
    await store().affinities.put([{ key: first, place: 'a' }], atMs);
    expect(await store().affinities.get(first)).toEqual({ place: 'a', expiresAtMs: atMs });
    await store().affinities.put([{ key: first, place: 'b' }], atMs + 5_000);
    expect(await store().affinities.get(first)).toEqual({ place: 'b', expiresAtMs: atMs + 5_000 });
    await store().affinities.put([{ key: first, place: 'c' }], atMs);
    expect(await store().affinities.get(first)).toEqual({ place: 'c', expiresAtMs: atMs });
  });

  it('takes nothing to put', async () => {
    await store().affinities.put([], atMs);
    expect(await kept()).toEqual([undefined, undefined, undefined]);
  });

  it('never rounds a time down', async () => {
    await store().affinities.put([{ key: first, place: 'a' }], atMs + 1);
    const expiresAtMs = (await store().affinities.get(first))?.expiresAtMs ?? 0;
    expect(expiresAtMs).toBeGreaterThan(atMs);
    expect(expiresAtMs).toBeLessThanOrEqual(atMs + 1_000);
  });

  it('sweeps nothing that has not expired', async () => {
    await store().affinities.put([{ key: first, place: 'a' }], atMs);
    await store().affinities.put([{ key: third, place: 'c' }], atMs + 1_000);
    await store().affinities.sweep(atMs);
    expect(await store().affinities.get(third)).toEqual({ place: 'c', expiresAtMs: atMs + 1_000 });
    await store().affinities.sweep(atMs - 1);
    expect(await store().affinities.get(third)).toBeDefined();
  });

  it('keeps one of many concurrent puts whole', async () => {
    await Promise.all(range(8).map((n) => store().affinities.put([{ key: first, place: `${n}` }], atMs)));
    expect(range(8).map(String)).toContain((await store().affinities.get(first))?.place);
  });
}
