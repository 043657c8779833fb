import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import { passOverAll } from '../src/search/keep/documents.ts';
import { wakingAgents } from '../src/search/keep/waking-agents.ts';
import {
  eventually,
  type KeeperStand,
  keptIndexes,
  modelDown,
  namedAgent,
  startKeeperStand,
} from './support/keeper-stand.ts';
import { memoryIndex } from './support/memory-index.ts';

let stand: KeeperStand;
afterEach(() => stand.close());

describe.each(keptIndexes)('an index %s', (_name, openIndex) => {
  beforeEach(async () => {
    stand = await startKeeperStand(openIndex);
  });

  describe('the documents of an index', () => {
    it('are those of the active agents, and follow every change', async () => {
      await stand.add('a', 'b');
      const keeper = stand.keep();
      await keeper.caughtUp();
      expect(await stand.ids()).toEqual(['a', 'b']);

      await stand.add('c');
      await stand.change('a', { status: 'inactive' });
      await stand.store.agents.delete('b', 1);
      await keeper.caughtUp();
      expect(await stand.ids()).toEqual(['c']);

      await stand.change('a', { status: 'active', tags: ['billing'] });
      await stand.add('b');
      await keeper.caughtUp();
      expect(await stand.ids()).toEqual(['a', 'b', 'c']);
      expect(await stand.find('billing')).toEqual(['a']);
      expect(await stand.store.changes.after(0, 10)).toEqual([]);
    });

    it('follow more changes than one page holds, in the order of the agents', async () => {
      const ids = Array.from({ length: 230 }, (_, n) => `a${1_000 + n}`);
      await stand.add(...ids.slice(0, 120));
      const keeper = stand.keep();
      await keeper.caughtUp();
      await stand.add(...ids.slice(120));
      await keeper.caughtUp();
      expect(await stand.ids()).toEqual(ids);
    });

    it('come at once for what this process wrote, without a poll', async () => {
      const keeper = stand.keep({ pollMs: 600_000 });
      const agents = wakingAgents(stand.store.agents, () => keeper.wake());
      await agents.create(namedAgent('a'));
      await eventually(async () => expect(await stand.ids()).toEqual(['a']));
      await agents.replace({ ...namedAgent('a'), status: 'quarantined', revision: 2 }, 1);
      await eventually(async () => expect(await stand.ids()).toEqual([]));
      await agents.replace({ ...namedAgent('a'), revision: 3 }, 2);
      await eventually(async () => expect(await stand.ids()).toEqual(['a']));
      await agents.delete('a', 3);
      await eventually(async () => expect(await stand.ids()).toEqual([]));
    });

    it('come by a poll for what another process wrote', async () => {
      stand.keep();
      const other = stand.openStore();
      await other.agents.create(namedAgent('a'));
      await eventually(async () => expect(await stand.ids()).toEqual(['a']));
    });

    it('do not wait for a model', async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      stand.embedders.before = () => held;
      stand.keep();
      await stand.add('a');
      await eventually(async () => expect(await stand.find('a')).toEqual(['a']));
      expect(await stand.index.serving()).toBeUndefined();
      await stand.add('b');
      await eventually(async () => expect(await stand.find('b')).toEqual(['b']));
      release();
    });

    it('leave out an agent of which none can be made, and no other', async () => {
      const broken = namedAgent('broken');
      // Such as another version may have written.
      const card = { ...broken.card, skills: null as never };
      await stand.add('a');
      await stand.store.agents.create({ ...broken, card });
      await stand.add('z');
      await stand.keep().caughtUp();
      expect(await stand.ids()).toEqual(['a', 'z']);
      expect(stand.logged).toContainEqual(
        expect.objectContaining({ level: 'error', event: 'search: agent left out', agentId: 'broken' }),
      );
    });
  });

  describe('a keeper', () => {
    it('asks neither index nor model for a store without agents', async () => {
      const keeper = stand.keep();
      await keeper.caughtUp();
      await keeper.close();
      // `caughtUp` wakes the vectors, which ask how many documents there are.
      expect(stand.index.calls).toBeLessThanOrEqual(1);
      expect(stand.embedders.embedded.size).toBe(0);
      expect(stand.logged).toEqual([]);
    });

    it('opens no model where no agent is active', async () => {
      await stand.add('a');
      await stand.change('a', { status: 'pending' });
      stand.embedders.open = () => {
        throw new Error('opened');
      };
      await stand.keep().caughtUp();
      expect(stand.events()).toEqual(['search: index made anew']);
    });

    it('survives an index that fails: one line, tries again, one line', async () => {
      stand.index.fault = new GatewayError({ code: 'search_unavailable', problem: 'index' });
      await stand.add('a');
      const keeper = stand.keep();
      await eventually(() => expect(stand.index.calls).toBeGreaterThan(5));
      const failing = stand.events().filter((event) => event === 'search: index not kept');
      expect(failing).toHaveLength(1);
      await keeper.caughtUp(); // Not now, so it does not wait.
      stand.index.fault = undefined;
      await eventually(async () => expect(await stand.ids()).toEqual(['a']));
      await eventually(() => expect(stand.events()).toContain('search: index kept again'));
    });

    it('survives a store that fails', async () => {
      await stand.add('a');
      let failures = 3;
      const { agents } = stand.store;
      stand.keep({
        agents: {
          ...wakingAgents(agents, () => {}),
          async ids(...given) {
            failures -= 1;
            if (failures > 0) throw new GatewayError({ code: 'store_unavailable' });
            return agents.ids(...given);
          },
        },
      });
      await eventually(async () => expect(await stand.ids()).toEqual(['a']));
      expect(stand.events().filter((event) => event === 'search: index not kept')).toHaveLength(1);
    });

    it('does nothing any more once it is closed, and may be closed while it waits to try again', async () => {
      stand.embedders.before = modelDown;
      const keeper = stand.keep({ retryMs: { first: 600_000, most: 600_000 } });
      await stand.add('a');
      await eventually(() => expect(stand.events()).toContain('search: agents not embedded'));
      await keeper.close();
      await keeper.close();
      const { calls } = stand.index;
      await stand.add('b');
      keeper.wake();
      await keeper.caughtUp();
      expect(stand.index.calls).toBe(calls);
    });

    it('ends what is under way when it is closed, and goes on there the next time', async () => {
      await stand.add(...Array.from({ length: 300 }, (_, n) => `a${n}`));
      const { index } = stand;
      let closed: Promise<void> | undefined;
      let applied = 0;
      const closing = new Proxy(index, {
        get(_, name) {
          if (name === 'apply' && ++applied === 3) closed = keeper.close();
          return Reflect.get(index, name) as unknown;
        },
      });
      const keeper = stand.keep({ index: closing });
      await eventually(() => expect(closed).toBeDefined());
      await closed;
      expect(await stand.ids()).toHaveLength(150);
      expect((await index.status()).position).toBeUndefined();
      await stand.keep().caughtUp();
      expect(await stand.ids()).toHaveLength(300);
    });
  });

  describe('an index that does not follow the store', () => {
    it('is made anew where it is of another store, without what that had', async () => {
      const other = stand.openStore('other.db');
      await other.agents.create(namedAgent('stray'));
      await other.agents.create(namedAgent('both'));
      const first = stand.keep({ agents: other.agents, changes: other.changes });
      await first.caughtUp();
      await first.close();
      expect(await stand.ids()).toEqual(['both', 'stray']);

      await stand.add('both', 'own');
      await stand.keep().caughtUp();
      expect(await stand.ids()).toEqual(['both', 'own']);
      const { position } = await stand.index.status();
      expect(position).toEqual({
        storeId: await stand.store.changes.storeId(),
        sequence: await stand.store.changes.last(),
      });
    });

    it('is made anew where an older copy of the store was put in its place', async () => {
      await stand.add('kept', 'changed', 'deleted-later');
      const { store } = stand;
      const first = stand.keep();
      await first.caughtUp();
      store.driver.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      copyFileSync(join(stand.folder, 'gateway.db'), join(stand.folder, 'restored.db'));
      await stand.change('changed', { tags: ['later'] });
      await store.agents.delete('deleted-later', 1);
      await stand.add('registered-later');
      await first.caughtUp();
      await first.close();
      expect(await stand.ids()).toEqual(['changed', 'kept', 'registered-later']);

      const restored = stand.openStore('restored.db');
      // It counts on, past where the index was.
      const { position } = await stand.index.status();
      for (let n = 0; (await restored.changes.last()) <= (position?.sequence ?? 0); n++)
        await restored.agents.create(namedAgent(`z${n}`));
      const { agents, changes } = restored;
      const second = stand.keep({ agents, changes });
      await second.caughtUp();
      await second.close();
      const { items } = await agents.ids({}, { size: 100 });
      expect(await stand.ids()).toEqual(items);
      expect(items).toContain('deleted-later');
      expect(await stand.find('later')).not.toContain('changed');

      // And from then on it follows.
      const { length } = stand.logged;
      await stand.keep({ agents, changes }).caughtUp();
      expect(stand.logged).toHaveLength(length);
    });

    it('is made anew where it was put back while the keeper runs', async () => {
      await stand.add('a', 'b');
      const index = memoryIndex();
      const empty = memoryIndex();
      let current = index;
      const switching = new Proxy(index, { get: (_, name) => Reflect.get(current, name) as unknown });
      const keeper = stand.keep({ index: switching, checkMs: 30_000 });
      await keeper.caughtUp();
      current = empty;
      await keeper.caughtUp();
      expect(await empty.ids({ limit: 10 })).toEqual([]);
      stand.clock.aheadMs = 30_000;
      await keeper.caughtUp();
      expect(await empty.ids({ limit: 10 })).toEqual(['a', 'b']);
      expect((await empty.serving())?.model.id).toBe('hashing:64');
    });
  });

  describe('several keepers of one index', () => {
    it('may all follow the changes', async () => {
      const other = stand.openStore();
      const one = stand.keep();
      const two = stand.keep({ agents: other.agents, changes: other.changes });
      const ids = Array.from({ length: 60 }, (_, n) => `a${n}`).sort();
      for (const id of ids) await (id.endsWith('1') ? other : stand.store).agents.create(namedAgent(id));
      await Promise.all([one.caughtUp(), two.caughtUp()]);
      expect(await stand.ids()).toEqual(ids);
    });

    it('do not let the one that read an agent earlier have the last word', async () => {
      await stand.add('a');
      const { agents, changes } = stand.store;
      const first = stand.keep();
      await first.caughtUp();
      // The slow one has read `a` and not yet put it when `a` changes, and another puts that and forgets it.
      let isSlow = true;
      const slow = {
        ...wakingAgents(agents, () => {}),
        async get(agentId: string) {
          const agent = await agents.get(agentId);
          if (isSlow) {
            isSlow = false;
            await stand.change('a', { tags: ['newest'] });
            await first.caughtUp();
            expect(await stand.find('newest')).toEqual(['a']);
          }
          return agent;
        },
      };
      await passOverAll({ ...stand.deps(), agents: slow, changes });
      expect(await changes.after(0, 1)).toEqual([]);
      expect(await stand.find('newest')).toEqual(['a']);
    });
  });
});
