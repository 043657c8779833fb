import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  eventually,
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

/** Something that waits until a test lets it. */
function gate(): { open(): void; passed: Promise<void> } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

describe.each(keptIndexes)('an index %s', (_name, openIndex) => {
  beforeEach(async () => {
    stand = await startKeeperStand(openIndex);
  });

  describe('the vectors of an index', () => {
    it('are made of every agent, once each, and then their model serves', async () => {
      const ids = Array.from({ length: 70 }, (_, n) => `a${n}`);
      await stand.add(...ids);
      const keeper = stand.keep();
      await keeper.caughtUp();
      expect(await setsOf(stand)).toEqual([[large, true, 0]]);
      expect(timesEmbedded(stand, large)).toEqual(ids.map(() => 1));
      expect(stand.events()).toEqual(['search: index made anew', 'search: model serves']);

      await stand.add('later');
      await keeper.caughtUp();
      expect(timesEmbedded(stand, large)).toEqual([...ids, 'later'].map(() => 1));
      await keeper.close();
      await stand.keep().caughtUp();
      expect(timesEmbedded(stand, large)).toEqual([...ids, 'later'].map(() => 1));
      expect(stand.logged).toHaveLength(2);
    });

    it('are made anew only where what is embedded changed', async () => {
      await stand.add('a', 'b');
      const keeper = stand.keep();
      await keeper.caughtUp();
      await stand.change('a', { publicCard: true });
      await stand.change('b', { tags: ['other words'] });
      await keeper.caughtUp();
      expect(stand.embedders.embedded.get(large)).toEqual(['Agent a', 'Agent b', 'Agent b. other words']);
    });

    it('come when a model that was down is up again; words serve meanwhile; each is told once', async () => {
      stand.embedders.before = modelDown;
      await stand.add('a');
      const keeper = stand.keep();
      let tries = 0;
      stand.embedders.before = () => {
        tries += 1;
        modelDown();
      };
      await eventually(() => expect(tries).toBeGreaterThan(4));
      expect(await stand.find('a')).toEqual(['a']);
      await stand.add('b');
      await keeper.caughtUp();
      expect(await stand.find('b')).toEqual(['b']);
      stand.embedders.before = () => {};
      await eventually(async () => expect(await setsOf(stand)).toEqual([[large, true, 0]]));
      await eventually(() => expect(stand.events()).toContain('search: agents embedded again'));
      expect(stand.events().filter((event) => event === 'search: agents not embedded')).toHaveLength(1);
    });

    it('are of something else for the one text a model refuses', async () => {
      await stand.add('a', 'refused', 'z');
      stand.embedders.before = (_, texts) => {
        if (texts.some((text) => text.includes('refused'))) modelDown();
      };
      stand.keep();
      await eventually(async () => expect(await setsOf(stand)).toEqual([[large, true, 0]]));
      const refused = stand.logged.filter(({ event }) => event === 'search: text refused by the model');
      expect(refused).toEqual([
        expect.objectContaining({ agentId: 'refused', modelId: large, level: 'warn' }),
      ]);
      expect(stand.embedders.embedded.get(large)?.toSorted()).toEqual(['Agent a', 'Agent z', 'agent']);
      expect(await stand.find('refused')).toEqual(['refused']);
    });

    it('tell how far they are, every tenth and every five seconds', async () => {
      await stand.add(...Array.from({ length: 400 }, (_, n) => `a${n}`));
      const keeper = stand.keep();
      await keeper.caughtUp();
      const lines = stand.logged.filter(({ event }) => event === 'search: embedding');
      const done = lines.map((line) => Number(line.done));
      expect(lines.every((line) => line.total === 400 && line.modelId === large)).toBe(true);
      expect(done.length).toBeGreaterThan(4);
      expect(done.length).toBeLessThan(11);
      expect(done).toEqual(done.toSorted((one, other) => one - other));

      stand.logged.length = 0;
      stand.embedders.before = () => {
        stand.clock.aheadMs += 6_000;
      };
      await stand.add('slow');
      await keeper.caughtUp();
      expect(stand.logged).toEqual([
        { level: 'info', event: 'search: embedding', modelId: large, done: 1, total: 1 },
      ]);
    });
  });

  describe('another model', () => {
    beforeEach(async () => {
      await stand.add('a', 'b');
      const first = stand.keep({ source: modelOf(32) });
      await first.caughtUp();
      await first.close();
      stand.logged.length = 0;
    });

    it('takes over when it has all vectors; until then the old one serves, for new agents too', async () => {
      await stand.add(...Array.from({ length: 400 }, (_, n) => `more-${n}`));
      const old = stand.keep({ source: modelOf(32) });
      await old.caughtUp();
      await old.close();
      const half = gate();
      const done = gate();
      let batches = 0;
      stand.embedders.before = async (modelId) => {
        if (modelId !== large) return;
        batches += 1;
        if (batches !== 9) return;
        half.open();
        await done.passed;
      };
      const keeper = stand.keep();
      await half.passed;
      expect((await stand.index.serving())?.model.id).toBe(small);
      const building = await setsOf(stand);
      expect(building.map(([modelId, serves]) => [modelId, serves])).toEqual([
        [small, true],
        [large, false],
      ]);
      await stand.add('newcomer');
      await eventually(async () => expect(await stand.ids()).toContain('newcomer'));
      done.open();
      await keeper.caughtUp();
      expect(stand.embedders.embedded.get(small)).toContain('Agent newcomer');
      expect(await setsOf(stand)).toEqual([[large, true, 0]]);
      expect(stand.events()).toContain('search: model serves');
    });

    it('takes over without the old one, where that cannot be reached any more', async () => {
      await stand.add('c');
      stand.embedders.before = (modelId) => {
        if (modelId === small) modelDown();
      };
      await stand.keep().caughtUp();
      expect(await setsOf(stand)).toEqual([[large, true, 0]]);
      expect(stand.events().filter((event) => event === 'search: old model cannot be reached')).toHaveLength(
        1,
      );
    });

    it('is given up where the old one is configured again', async () => {
      stand.embedders.before = (modelId, texts) => {
        if (modelId === large && texts.some((text) => /^agent/i.test(text))) modelDown();
      };
      const second = stand.keep();
      await eventually(() => expect(stand.events()).toContain('search: agents not embedded'));
      await second.close();
      expect(await setsOf(stand)).toHaveLength(2);
      await stand.keep({ source: modelOf(32) }).caughtUp();
      expect(await setsOf(stand)).toEqual([[small, true, 0]]);
      expect(timesEmbedded(stand, small)).toEqual([1, 1]);
    });

    it('of a process that started later is left in place by those of before', async () => {
      const before = stand.keep({ source: modelOf(32) });
      await before.caughtUp();
      const later = stand.keep();
      await later.caughtUp();
      await stand.add('c');
      await before.caughtUp();
      await later.caughtUp();
      expect(await setsOf(stand)).toEqual([[large, true, 0]]);
      expect(timesEmbedded(stand, small)).toEqual([1, 1]);
      expect(timesEmbedded(stand, large)).toEqual([1, 1, 1]);
      expect(stand.events()).toContain('search: another process keeps vectors of another model');
    });
  });

  describe('of several processes', () => {
    it('one embeds, and the next goes on where it ended', async () => {
      await stand.add(...Array.from({ length: 100 }, (_, n) => `a${n}`));
      const first = gate();
      const asked: string[] = [];
      const embedders = (name: string) => ({
        open: async (source: Parameters<typeof stand.embedders.open>[0]) => {
          const embedder = await stand.embedders.open(source);
          return {
            ...embedder,
            embed(...given: Parameters<typeof embedder.embed>) {
              asked.push(name);
              first.open();
              return embedder.embed(...given);
            },
          };
        },
      });
      const one = stand.keep({ embedders: embedders('one') });
      await first.passed;
      const two = stand.keep({ embedders: embedders('two') });
      await Promise.all([one.caughtUp(), two.caughtUp()]);
      expect(new Set(asked)).toEqual(new Set(['one']));
      await one.close();
      await stand.add('later');
      await two.caughtUp();
      expect(asked.at(-1)).toBe('two');
      expect(timesEmbedded(stand, large)).toHaveLength(101);
    });

    it('another takes over from one that holds the right and is gone', async () => {
      await stand.index.lease('gone', 700);
      await stand.add('a');
      await stand.keep().caughtUp();
      expect(await setsOf(stand)).toEqual([[large, true, 0]]);
    });
  });
});
