import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Holder, OwnershipStore, Taken, TaskQuery } from '../../src/store/ports/ownership.ts';
import {
  aTask,
  contextsOf,
  goneAtMs,
  kim,
  kimElsewhere,
  lee,
  nowMs,
  taking,
  tasksOf,
  times,
} from './ownership-fixtures.ts';
import { OwnershipModel } from './ownership-model.ts';
import { raceContract } from './ownership-races.ts';
import { taskContract } from './ownership-tasks.ts';

export interface OwnershipContractOptions {
  /** Two stores on one file or table with nothing in it. */
  open(): Promise<{ stores: readonly [OwnershipStore, OwnershipStore]; close(): Promise<void> }>;
  /** Runs a property. Default 60; less for an adapter whose every write crosses a network. */
  propertyRuns?: number;
}

/** Texts of strangers that a store might cut, merge or take for something else. */
const oddIds = [
  ...[
    '',
    ' ',
    'a',
    'A',
    'a ',
    'a\0',
    'a\0b',
    '\ud800',
    '\udc00',
    '\ufffd',
    '"',
    '\\',
    "' OR 1=1 --",
    '%',
    '*',
  ],
  ...['task#a', 'a#b', 'ä', 'a\u0308', 'x'.repeat(1_024), '😀'.repeat(512), `${'y'.repeat(1_023)}\0`],
];

/** What every adapter of the OwnershipStore port promises. */
export function ownershipContract(name: string, options: OwnershipContractOptions): void {
  describe(`the contract of who owns what: ${name}`, () => {
    let stores: readonly [OwnershipStore, OwnershipStore];
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ stores, close } = await options.open());
    });
    afterEach(() => close());
    const first = () => stores[0];

    describe('an id', () => idContract(first));
    describe('the time an id is kept', () => expiryContract(first));
    describe('tasks', () => taskContract(first));
    describe('several at once', () => raceContract(() => stores));
    describe('whatever is done', () => modelContract(options));
  });
}

function idContract(store: () => OwnershipStore): void {
  it('is of who took it, at the agent it was taken at, as what it was taken', async () => {
    expect(await store().take(kim, taking(['one'], ['two']), times)).toBe(true);
    const ids = [...tasksOf('one', 'two', 'one'), ...contextsOf('one', 'two')];
    expect(await store().held(kim, ids, nowMs)).toEqual([true, false, true, false, true]);
    for (const other of [lee, kimElsewhere]) {
      expect(await store().held(other, ids, nowMs)).toEqual(ids.map(() => false));
    }
    expect(await store().held(kim, [], nowMs)).toEqual([]);
  });

  it('may be any text, and is told from every other', async () => {
    for (const [n, id] of oddIds.entries()) {
      expect(await store().take(n % 2 === 0 ? kim : lee, taking([id], [id]), times)).toBe(true);
    }
    for (const holder of [kim, lee]) {
      const mine = oddIds.map((_, n) => (n % 2 === 0) === (holder === kim));
      expect(await store().held(holder, tasksOf(...oddIds), nowMs)).toEqual(mine);
      expect(await store().held(holder, contextsOf(...oddIds), nowMs)).toEqual(mine);
      const { items } = await store().tasks(holder, { size: 100 }, nowMs);
      expect(new Set(items.map(({ taskId }) => taskId))).toEqual(new Set(oddIds.filter((_, n) => mine[n])));
    }
  });

  it('is not taken from another, nor is any that is asked for with it', async () => {
    await store().take(
      kim,
      { tasks: [aTask('t', { state: 'TASK_STATE_WORKING' })], contextIds: ['c'] },
      times,
    );
    const seen = aTask('t', { state: 'TASK_STATE_FAILED', statusAtMs: nowMs + 1 });
    const attempts: Taken[] = [
      { tasks: [seen], contextIds: ['new'] },
      taking(['new'], ['new', 'c']),
      { tasks: [aTask('new'), seen, aTask('newer')], contextIds: [] },
    ];
    for (const taken of attempts) expect(await store().take(lee, taken, times)).toBe(false);
    const ids = [...tasksOf('t', 'new', 'newer'), ...contextsOf('c', 'new')];
    expect(await store().held(lee, ids, nowMs)).toEqual(ids.map(() => false));
    expect(await store().held(kim, ids, nowMs)).toEqual([true, false, false, true, false]);
    expect((await store().tasks(kim, { size: 1 }, nowMs)).items).toMatchObject([
      { state: 'TASK_STATE_WORKING' },
    ]);
    expect((await store().tasks(lee, { size: 1 }, nowMs)).totalSize).toBe(0);
  });

  it('may be taken again by its holder, and by anyone at another agent', async () => {
    for (let n = 0; n < 2; n++) {
      expect(await store().take(kim, taking(['t'], ['c']), times)).toBe(true);
      expect(await store().take(kimElsewhere, taking(['t'], ['c']), times)).toBe(true);
    }
  });

  it('is taken with as many as a hundred others, and with no more', async () => {
    const ids = Array.from({ length: 50 }, (_, n) => `id-${n}`);
    expect(await store().take(kim, taking(ids, ids), times)).toBe(true);
    expect(await store().held(kim, [...tasksOf(...ids), ...contextsOf(...ids)], nowMs)).not.toContain(false);
    expect(await store().take(kim, taking([]), times)).toBe(true);
    await expect(store().take(kim, taking([...ids, 'x'], ids), times)).rejects.toThrow(TypeError);
    for (const at of [Number.NaN, 0.5, Number.POSITIVE_INFINITY]) {
      const wrong: [Taken, typeof times][] = [
        [{ tasks: [aTask('t', { statusAtMs: at })], contextIds: [] }, times],
        [taking(['t']), { nowMs, expiresAtMs: at }],
      ];
      for (const [taken, until] of wrong) {
        await expect(store().take(kim, taken, until)).rejects.toThrow(TypeError);
      }
    }
  });
}

function expiryContract(store: () => OwnershipStore): void {
  const ids = [...tasksOf('t'), ...contextsOf('c')];
  const heldAt = (holder: Holder, atMs: number) => store().held(holder, ids, atMs);

  it('is what was asked for at least, an eighth more at most', async () => {
    await store().take(kim, taking(['t'], ['c']), times);
    expect(await heldAt(kim, times.expiresAtMs - 1)).toEqual([true, true]);
    expect(await heldAt(kim, goneAtMs)).toEqual([false, false]);
    expect((await store().tasks(kim, { size: 1 }, goneAtMs)).totalSize).toBe(0);
  });

  it('begins anew with every use', async () => {
    await store().take(kim, taking(['t'], ['c']), times);
    const later = { nowMs: nowMs + 40_000, expiresAtMs: nowMs + 120_000 };
    await store().take(kim, taking(['t'], ['c']), later);
    expect(await heldAt(kim, later.expiresAtMs - 1)).toEqual([true, true]);
    await store().take(kim, taking(['t'], ['c']), times);
    expect(await heldAt(kim, later.expiresAtMs - 1)).toEqual([true, true]);
    expect(await store().take(lee, taking(['t']), { ...later, nowMs: goneAtMs })).toBe(false);
  });

  it('leaves it to whoever comes next, who knows nothing of what was', async () => {
    const seen = { state: 'TASK_STATE_COMPLETED', contextId: 'c', statusAtMs: nowMs + 7 };
    await store().take(kim, { tasks: [aTask('t', seen)], contextIds: ['c'] }, times);
    const later = { nowMs: goneAtMs, expiresAtMs: goneAtMs + 80_000 };
    expect(await store().take(lee, taking(['t'], ['c']), later)).toBe(true);
    expect(await heldAt(lee, goneAtMs)).toEqual([true, true]);
    expect(await heldAt(kim, goneAtMs)).toEqual([false, false]);
    expect(await store().take(kim, taking(['t']), later)).toBe(false);
    expect((await store().tasks(lee, { size: 9 }, goneAtMs)).items).toEqual([aTask('t')]);
  });

  it('lets who had it before have it again, as one never seen', async () => {
    const seen = { state: 'TASK_STATE_COMPLETED', contextId: 'c', statusAtMs: nowMs + 7 };
    await store().take(kim, { tasks: [aTask('t', seen)], contextIds: [] }, times);
    const later = { nowMs: goneAtMs, expiresAtMs: goneAtMs + 80_000 };
    expect(await store().take(kim, taking(['t']), later)).toBe(true);
    expect((await store().tasks(kim, { size: 9 }, goneAtMs)).items).toEqual([aTask('t')]);
  });

  it('is not shortened by a sweep', async () => {
    await store().take(kim, taking(['t'], ['c']), times);
    await store().take(kim, taking(['old'], ['old']), { nowMs, expiresAtMs: nowMs + 8_000 });
    await store().sweep(nowMs + 9_000);
    expect(await heldAt(kim, times.expiresAtMs - 1)).toEqual([true, true]);
    expect(await store().held(kim, tasksOf('old'), nowMs + 9_000)).toEqual([false]);
    expect(await store().take(lee, taking(['old'], ['old']), { ...times, nowMs: nowMs + 9_000 })).toBe(true);
  });
}

/** Does the same to a store and to the model, which must answer the same. */
type Step = (store: OwnershipStore, atMs: number) => Promise<unknown>;

const holders = fc.constantFrom(kim, lee, kimElsewhere);
const ids = fc.constantFrom('a', 'b', 'c', 'd');
const states = fc.constantFrom('WORKING', 'COMPLETED');
const statusTimes = fc.integer({ min: 0, max: 5 }).map((n) => nowMs + n * 4_000);

const seenTasks = fc.record(
  { taskId: ids, contextId: ids, state: states, statusAtMs: statusTimes },
  { requiredKeys: ['taskId', 'statusAtMs'] },
);

const takes: fc.Arbitrary<Step> = fc
  .record({
    holder: holders,
    tasks: fc.array(seenTasks, { maxLength: 3 }),
    contextIds: fc.array(ids, { maxLength: 2 }),
    // Whole seconds with an eighth more, for stores that count in seconds.
    spanMs: fc.integer({ min: 1, max: 4 }).map((n) => n * 8_000),
  })
  .map(
    ({ holder, spanMs, ...taken }): Step =>
      (store, atMs) =>
        store.take(holder, taken, { nowMs: atMs, expiresAtMs: atMs + spanMs }),
  );

const queries: fc.Arbitrary<TaskQuery> = fc.record(
  {
    size: fc.integer({ min: 1, max: 4 }),
    contextId: ids,
    states: fc.uniqueArray(states),
    statusFromMs: statusTimes,
    after: fc.record({ statusAtMs: statusTimes, taskId: ids }),
  },
  { requiredKeys: ['size'] },
);

const lists: fc.Arbitrary<Step> = fc.record({ holder: holders, query: queries }).map(
  ({ holder, query }): Step =>
    (store, atMs) =>
      store.tasks(holder, query, atMs),
);

const forgets: fc.Arbitrary<Step> = fc.record({ holder: holders, taskId: ids }).map(
  ({ holder, taskId }): Step =>
    (store) =>
      store.forget(holder, taskId),
);

const sweeps: fc.Arbitrary<Step> = fc.constant((store, atMs) => store.sweep(atMs));

const steps = fc.record({
  step: fc.oneof({ weight: 6, arbitrary: takes }, { weight: 2, arbitrary: lists }, forgets, sweeps),
  waitedMs: fc.constantFrom(0, 0, 1_000, 9_000),
});

function modelContract({ open, propertyRuns = 60 }: OwnershipContractOptions): void {
  it('answers as a plain list of rows does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 14 }), async (run) => {
        const { stores, close } = await open();
        const model = new OwnershipModel();
        const everything = [...tasksOf('a', 'b', 'c', 'd'), ...contextsOf('a', 'b', 'c', 'd')];
        let atMs = nowMs;
        for (const [n, { step, waitedMs }] of run.entries()) {
          atMs += waitedMs;
          const store = stores[n % 2 === 0 ? 0 : 1];
          expect(await step(store, atMs)).toEqual(await step(model, atMs));
          for (const holder of [kim, lee, kimElsewhere]) {
            const held = await model.held(holder, everything, atMs);
            expect(await store.held(holder, everything, atMs)).toEqual(held);
            expect(await store.tasks(holder, { size: 9 }, atMs)).toEqual(
              await model.tasks(holder, { size: 9 }, atMs),
            );
          }
        }
        await close();
      }),
      { numRuns: propertyRuns },
    );
  });
}
