import { expect, it } from 'vitest';
import type { OwnershipStore, SeenTask, TaskCursor, TaskQuery } from '../../src/store/ports/ownership.ts';
import { aTask, kim, kimElsewhere, lee, nowMs, taking, tasksOf, times } from './ownership-fixtures.ts';

/** What is promised of the tasks of a holder. */
export function taskContract(store: () => OwnershipStore): void {
  const take = (...tasks: SeenTask[]) => store().take(kim, { tasks, contextIds: [] }, times);
  const list = async (query: Partial<TaskQuery> = {}) =>
    (await store().tasks(kim, { size: 100, ...query }, nowMs)).items;
  const idsOf = async (query: Partial<TaskQuery>) => (await list(query)).map(({ taskId }) => taskId);

  it('are the holder’s at the agent, exactly as they were seen', async () => {
    const full = { contextId: 'c\0\ud800', state: 'TASK_STATE_WORKING', statusAtMs: nowMs + 1 };
    await take(aTask('full', full), aTask('bare'));
    await store().take(lee, taking(['of-lee']), times);
    await store().take(kimElsewhere, taking(['elsewhere']), times);
    expect(await store().tasks(kim, { size: 100 }, nowMs)).toStrictEqual({
      items: [{ taskId: 'full', ...full }, aTask('bare')],
      totalSize: 2,
    });
  });

  it('come in the order of their statuses, the latest first, and by their ids within one millisecond', async () => {
    const at = (ms: number, ...ids: string[]) => ids.map((id) => aTask(id, { statusAtMs: nowMs + ms }));
    await take(...at(2, 'b', 'a', 'A'), ...at(-1, 'old'), ...at(3, 'z'), ...at(-nowMs, 'epoch'));
    expect(await idsOf({})).toEqual(['z', 'A', 'a', 'b', 'old', 'epoch']);
  });

  it('are filtered by context, states and time, all of which must hold', async () => {
    const tasks = ['WORKING', 'COMPLETED', 'FAILED'].flatMap((word, n) =>
      ['c', 'd'].map((contextId) =>
        aTask(`${word[0]}${contextId}`, { contextId, state: `TASK_STATE_${word}`, statusAtMs: nowMs - n }),
      ),
    );
    await take(...tasks, aTask('bare', { statusAtMs: nowMs - 9 }));
    const [working, failed] = ['TASK_STATE_WORKING', 'TASK_STATE_FAILED'];
    const expected: [filter: Partial<TaskQuery>, ids: string[]][] = [
      [{ contextId: 'c' }, ['Wc', 'Cc', 'Fc']],
      [{ contextId: 'nobody’s' }, []],
      [{ states: [working, failed] }, ['Wc', 'Wd', 'Fc', 'Fd']],
      [{ states: [] }, []],
      [{ statusFromMs: nowMs - 1 }, ['Wc', 'Wd', 'Cc', 'Cd']],
      [{ contextId: 'd', states: [working, failed], statusFromMs: nowMs - 1 }, ['Wd']],
    ];
    for (const [filter, ids] of expected) {
      expect([filter, await idsOf(filter)]).toEqual([filter, ids]);
      const { items, totalSize } = await store().tasks(kim, { size: 1, ...filter }, nowMs);
      expect([items.length, totalSize]).toEqual([Math.min(1, ids.length), ids.length]);
    }
  });

  it('come in pages that join to the whole, each with the exact count', async () => {
    const tasks = Array.from({ length: 23 }, (_, n) => aTask(`t${n}`, { statusAtMs: nowMs + (n % 4) }));
    await take(...tasks);
    const whole = await list();
    expect(whole).toHaveLength(23);
    for (const size of [1, 5, 22, 23]) {
      const joined: SeenTask[] = [];
      let after: TaskCursor | undefined;
      do {
        const page = await store().tasks(kim, { size, ...(after && { after }) }, nowMs);
        expect(page.totalSize).toBe(23);
        expect(page.items.length).toBeLessThanOrEqual(size);
        joined.push(...page.items);
        after = page.next;
      } while (after !== undefined);
      expect(joined).toEqual(whole);
    }
    for (const size of [0, 101, 1.5, Number.NaN]) {
      await expect(store().tasks(kim, { size }, nowMs)).rejects.toThrow(TypeError);
    }
  });

  it('have their latest status, whatever order it is told in', async () => {
    const seen = (state: string, atMs: number) =>
      aTask('t', { state, ...(atMs !== 2 && { contextId: 'c' }), statusAtMs: nowMs + atMs });
    await take(aTask('t', { statusAtMs: nowMs + 9 }));
    await take(seen('WORKING', 1));
    // Any status counts more than the time at which only the id was seen.
    expect(await list()).toEqual([seen('WORKING', 1)]);
    await take(seen('COMPLETED', 3), seen('SUBMITTED', 0));
    await take(seen('INPUT_REQUIRED', 2));
    await take(aTask('t', { statusAtMs: nowMs + 5 }));
    expect(await list()).toEqual([seen('COMPLETED', 3)]);
    await take(seen('FAILED', 3));
    expect(await list()).toEqual([seen('FAILED', 3)]);
  });

  it('keep the context they were seen in', async () => {
    await take(aTask('t', { state: 'WORKING', statusAtMs: nowMs + 5 }));
    await take(aTask('t', { contextId: 'c', state: 'SUBMITTED' }));
    await take(aTask('t', { state: 'COMPLETED', statusAtMs: nowMs + 6 }));
    expect(await list()).toEqual([aTask('t', { contextId: 'c', state: 'COMPLETED', statusAtMs: nowMs + 6 })]);
  });

  it('leave out what is forgotten, which stays the holder’s, until it is seen again', async () => {
    await take(aTask('t', { state: 'WORKING' }), aTask('other'));
    for (const [holder, taskId] of [
      [lee, 't'] as const,
      [kimElsewhere, 't'] as const,
      [kim, 'none'] as const,
    ]) {
      await store().forget(holder, taskId);
    }
    expect(await idsOf({})).toEqual(['other', 't']);
    await store().forget(kim, 't');
    await store().forget(kim, 't');
    expect(await store().tasks(kim, { size: 1 }, nowMs)).toEqual({ items: [aTask('other')], totalSize: 1 });
    expect(await store().held(kim, tasksOf('t'), nowMs)).toEqual([true]);
    expect(await store().take(lee, taking(['t']), times)).toBe(false);
    await take(aTask('t', { statusAtMs: nowMs - 1 }));
    expect(await list()).toEqual([aTask('other'), aTask('t', { state: 'WORKING' })]);
  });
}
