import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rebuild } from '../src/search/keep/rebuild.ts';
import {
  type KeeperStand,
  keptIndexes,
  modelDown,
  modelOf,
  setsOf,
  startKeeperStand,
  timesEmbedded,
} from './support/keeper-stand.ts';

let stand: KeeperStand;
afterEach(() => stand.close());

const small = 'hashing:32';
const large = 'hashing:64';

describe.each(keptIndexes)('an index %s', (_name, openIndex) => {
  beforeEach(async () => {
    stand = await startKeeperStand(openIndex);
  });

  describe('a rebuild', () => {
    const ids = Array.from({ length: 80 }, (_, n) => `a${n}`);
    beforeEach(async () => {
      await stand.add(...ids);
      await stand.keep().caughtUp();
    });

    it('embeds every agent again beside a keeper, and the old vectors serve meanwhile', async () => {
      const phases: [string, number, number][] = [];
      let everServed = true;
      stand.embedders.before = async () => {
        everServed &&= (await stand.index.serving())?.model.id === large;
      };
      const modelId = await rebuild(stand.deps(), {
        progress: (phase, done, total) => void phases.push([phase, done, total]),
      });
      expect(modelId).toBe(large);
      expect(everServed).toBe(true);
      expect(timesEmbedded(stand, large)).toEqual(ids.map(() => 2));
      expect(await setsOf(stand)).toEqual([[large, true, 0]]);
      expect(phases.filter(([phase]) => phase === 'documents').at(-1)).toEqual(['documents', 80, 80]);
      expect(phases.filter(([phase]) => phase === 'vectors')).toEqual([
        ['vectors', 32, 80],
        ['vectors', 64, 80],
        ['vectors', 80, 80],
      ]);
    });

    it('makes good what an index lost', async () => {
      await stand.index.apply({ put: [], remove: ['a1', 'a2'] });
      await rebuild(stand.deps());
      expect(await stand.ids()).toEqual(ids.toSorted());
      expect(await setsOf(stand)).toEqual([[large, true, 0]]);
    });

    it('that ends in the middle loses nothing, and a keeper finishes it', async () => {
      const ending = new AbortController();
      let batches = 0;
      stand.embedders.before = () => {
        batches += 1;
        if (batches === 2) ending.abort();
      };
      await rebuild(stand.deps(), { signal: ending.signal });
      expect(await setsOf(stand)).toEqual([[large, true, 16]]);
      expect(await stand.find('a7')).toContain('a7');
      await stand.keep().caughtUp();
      expect(await setsOf(stand)).toEqual([[large, true, 0]]);
    });

    it('tells why the model fails, and leaves the old vectors', async () => {
      stand.embedders.before = modelDown;
      await expect(rebuild(stand.deps(), { retryMs: 1 })).rejects.toMatchObject({
        failure: { code: 'search_unavailable', problem: 'model' },
      });
      expect((await stand.index.serving())?.model.id).toBe(large);
      const { sets } = await stand.index.status();
      expect(sets).toMatchObject([{ serves: true, vectors: 80 }]);
    });

    it('brings in another model', async () => {
      await rebuild(stand.deps({ source: modelOf(32) }));
      expect(await setsOf(stand)).toEqual([[small, true, 0]]);
    });
  });
});
