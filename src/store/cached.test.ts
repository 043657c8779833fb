import { beforeEach, describe, expect, it } from 'vitest';
import { pushModel } from '../../test/contract/push-model.ts';
import { anAgent, aPermission } from '../../test/contract/store.ts';
import type { Agent } from '../registry/agent.ts';
import { cachedStore } from './cached.ts';
import type { Store } from './port.ts';

/** A store whose every call waits to be settled by the test. */
class HeldStore {
  readonly calls: { name: string; resolve(value: unknown): void; reject(error: Error): void }[] = [];

  held(name: string): () => Promise<never> {
    return () =>
      new Promise((resolve, reject) => this.calls.push({ name, resolve: resolve as never, reject }));
  }

  port(): Store {
    const [get, list] = [this.held('get'), this.held('list')];
    const [create, replace, remove] = [this.held('create'), this.held('replace'), this.held('delete')];
    const rows = { get, list, ids: list, create, replace, delete: remove };
    const affinities = { get, put: this.held('put'), sweep: this.held('sweep') };
    const health = { put: this.held('put'), of: list };
    const ownership = { held: get, take: get, tasks: get, forget: get, sweep: get };
    const revocations = { version: get, snapshot: get, get, create, delete: remove, list, sweep: get };
    const counters = { update: get };
    const audit = { append: get, list, scan: get, heads: get, sweep: get };
    const passed = {
      ...{ cardVersions: { get, list }, counters, health, ownership, revocations },
      ...{ audit, usage: { list, sweep: get }, push: pushModel() },
    };
    return { agents: rows, permissions: rows, affinities, ...passed, close: async () => {} };
  }

  reads(): number {
    return this.calls.filter((call) => call.name === 'get').length;
  }

  settle(index: number, value: unknown): void {
    this.calls[index]?.resolve(value);
  }
}

let nowMs: number;
let held: HeldStore;
let store: Store;
beforeEach(() => {
  nowMs = 1_000;
  held = new HeldStore();
  store = cachedStore(held.port(), { clock: { nowMs: () => nowMs }, maxEntries: 3 });
});

async function read(id: string, value: Agent | undefined): Promise<Agent | undefined> {
  const answer = store.agents.get(id);
  held.settle(held.calls.length - 1, value);
  return answer;
}

it('answers from memory until two seconds after the read began', async () => {
  await read('a', anAgent('a'));
  nowMs += 1_999;
  expect(await store.agents.get('a')).toEqual(anAgent('a'));
  expect(held.reads()).toBe(1);
  nowMs += 1;
  expect(await read('a', { ...anAgent('a'), revision: 2 })).toMatchObject({ revision: 2 });
  expect(held.reads()).toBe(2);
});

it('reads what is asked for fresh, and remembers it', async () => {
  await read('a', anAgent('a'));
  const fresh = store.agents.get('a', { fresh: true });
  held.settle(1, { ...anAgent('a'), revision: 2 });
  expect(await fresh).toMatchObject({ revision: 2 });
  expect(await store.agents.get('a')).toMatchObject({ revision: 2 });
  expect(held.reads()).toBe(2);
});

it('counts the age from the start of the read, however long it takes', async () => {
  const slow = store.agents.get('a');
  nowMs += 1_999;
  held.settle(0, anAgent('a'));
  await slow;
  nowMs += 1;
  await read('a', anAgent('a'));
  expect(held.reads()).toBe(2);
});

it('remembers absence too', async () => {
  expect(await read('a', undefined)).toBeUndefined();
  expect(await store.agents.get('a')).toBeUndefined();
  expect(held.reads()).toBe(1);
});

it('lets concurrent reads of one key share one read', async () => {
  const answers = [store.agents.get('a'), store.agents.get('a'), store.agents.get('b')];
  expect(held.reads()).toBe(2);
  held.settle(0, anAgent('a'));
  held.settle(1, undefined);
  expect(await Promise.all(answers)).toEqual([anAgent('a'), anAgent('a'), undefined]);
});

it('does not remember a failed read', async () => {
  const failing = store.agents.get('a');
  held.calls[0]?.reject(new Error('disk'));
  await expect(failing).rejects.toThrow('disk');
  expect(await read('a', anAgent('a'))).toEqual(anAgent('a'));
});

it('keeps a later read when an earlier one of the same key fails late', async () => {
  const early = store.agents.get('a');
  nowMs += 2_000;
  await read('a', anAgent('a'));
  held.calls[0]?.reject(new Error('disk'));
  await expect(early).rejects.toThrow('disk');
  expect(await store.agents.get('a')).toEqual(anAgent('a'));
  expect(held.reads()).toBe(2);
});

const writes = {
  create: () => store.agents.create(anAgent('a')),
  replace: () => store.agents.replace(anAgent('a'), 1),
  delete: () => store.agents.delete('a', 1),
};

for (const [name, write] of Object.entries(writes)) {
  it(`forgets a key at its ${name}, whether it wins, loses or fails`, async () => {
    for (const settle of [(n: number) => held.settle(n, true), (n: number) => held.settle(n, false), fail]) {
      await read('a', anAgent('a'));
      const before = held.reads();
      const writing = write().catch(() => {});
      settle(held.calls.length - 1);
      await writing;
      await read('a', anAgent('a'));
      expect(held.reads()).toBe(before + 1);
    }
  });

  it(`does not keep what a read saw that was under way during a ${name}`, async () => {
    const stale = { ...anAgent('a'), statusReason: 'stale' };
    const before = store.agents.get('a');
    const writing = write();
    const during = store.agents.get('a');
    held.settle(1, true);
    await writing;
    const after = store.agents.get('a');
    held.settle(0, stale);
    held.settle(2, stale);
    expect([await before, await during]).toEqual([stale, stale]);
    held.settle(3, undefined);
    expect(await after).toBeUndefined();
    expect(await store.agents.get('a')).toBeUndefined();
    expect(held.calls.map((call) => call.name)).toEqual(['get', name, 'get', 'get']);
  });
}

function fail(index: number): void {
  held.calls[index]?.reject(new Error('disk'));
}

it('forgets a permission at each of its writes', async () => {
  const permission = aPermission('demo');
  for (const write of [
    () => store.permissions.create(permission),
    () => store.permissions.replace(permission, 1),
    () => store.permissions.delete('demo'),
  ]) {
    const before = held.reads();
    for (const step of [() => store.permissions.get('demo'), write, () => store.permissions.get('demo')]) {
      const answer = step();
      held.settle(held.calls.length - 1, permission);
      await answer;
    }
    expect(held.reads()).toBe(before + 2);
    nowMs += 5_000;
  }
});

describe('a place of a conversation', () => {
  const row = { place: 'here', expiresAtMs: 9_000 };
  const readPlace = async (value: unknown) => {
    const answer = store.affinities.get('a');
    held.settle(held.calls.length - 1, value);
    return answer;
  };

  it('is remembered', async () => {
    expect(await readPlace(row)).toEqual(row);
    expect(await store.affinities.get('a')).toEqual(row);
    expect(held.reads()).toBe(1);
  });

  it('is found at once where there was none, by whichever process it was put', async () => {
    expect(await readPlace(undefined)).toBeUndefined();
    expect(await readPlace(row)).toEqual(row);
  });

  it('is read again once it was put, with every other one of that put', async () => {
    await readPlace(row);
    const putting = store.affinities.put(
      ['b', 'a'].map((key) => ({ key, place: 'there' })),
      9_000,
    );
    held.settle(1, undefined);
    await putting;
    expect(await readPlace({ ...row, place: 'there' })).toMatchObject({ place: 'there' });
  });
});

it('trusts nothing it remembers when the clock is set back', async () => {
  await read('a', anAgent('a'));
  nowMs -= 1;
  await read('b', undefined);
  nowMs += 1;
  await read('a', undefined);
  expect(held.reads()).toBe(3);
});

it('drops the least recently used entry beyond its size', async () => {
  for (const id of ['a', 'b', 'c']) await read(id, anAgent(id));
  await store.agents.get('a');
  await read('d', anAgent('d'));
  await store.agents.get('a');
  expect(held.reads()).toBe(4);
  await read('b', anAgent('b'));
  expect(held.reads()).toBe(5);
});

it('answers what nobody can change', async () => {
  await read('a', { ...anAgent('a'), tags: ['x'] });
  const agent = await store.agents.get('a');
  expect(() => agent?.tags.push('y')).toThrow(TypeError);
  expect(() => Object.assign(agent?.card ?? {}, { name: 'other' })).toThrow(TypeError);
  expect(await store.agents.get('a')).toEqual({ ...anAgent('a'), tags: ['x'] });
});
