import { expect, it } from 'vitest';
import type { Holder, OwnershipStore, Taken } from '../../src/store/ports/ownership.ts';
import { aTask, contextsOf, kim, lee, nowMs, taking, tasksOf, times } from './ownership-fixtures.ts';

const interleavings = 50;

/** What is promised of calls that meet, in one process and in two. */
export function raceContract(stores: () => readonly [OwnershipStore, OwnershipStore]): void {
  /** What holders have of what either has asked for. */
  async function kept(holder: Holder, taken: readonly Taken[]): Promise<readonly boolean[]> {
    const ids = taken.flatMap(({ tasks, contextIds }) => [
      ...tasksOf(...tasks.map(({ taskId }) => taskId)),
      ...contextsOf(...contextIds),
    ]);
    return stores()[0].held(holder, ids, nowMs);
  }

  it('let one of two holders have an id, and leave the other with nothing of what it asked for', async () => {
    for (let n = 0; n < interleavings; n++) {
      const [shared, ofKim, ofLee] = [`shared-${n}`, `kim-${n}`, `lee-${n}`];
      const asked = [
        n % 2 === 0 ? taking([ofKim, shared], [ofKim]) : taking([shared], [ofKim, shared]),
        n % 2 === 0 ? taking([shared, ofLee]) : taking([ofLee, shared], [shared]),
      ] as const;
      // The second has a head start of some steps, a different one each time.
      const second = stores()[n % 3 === 0 ? 0 : 1].take(lee, asked[1], times);
      for (let steps = 0; steps < n % 5; steps++) await undefined;
      const won = await Promise.all([stores()[0].take(kim, asked[0], times), second]);
      expect(won.filter(Boolean)).toHaveLength(1);
      const [winner, loser] = won[0] ? ([kim, lee] as const) : ([lee, kim] as const);
      expect(await kept(winner, [won[0] ? asked[0] : asked[1]])).not.toContain(false);
      expect(await kept(loser, asked)).not.toContain(true);
      const listed = (await stores()[1].tasks(loser, { size: 100 }, nowMs)).items;
      expect(listed.map(({ taskId }) => taskId)).not.toContain(shared);
    }
  });

  it('let many of one holder have the same ids, and the latest status win', async () => {
    const taken = (n: number): Taken => ({
      tasks: [aTask('t', { state: `STATE_${n}`, contextId: 'c', statusAtMs: nowMs + n })],
      contextIds: ['c'],
    });
    const order = Array.from({ length: 12 }, (_, n) => (n * 5) % 12);
    const won = await Promise.all(order.map((n) => stores()[n % 2 === 0 ? 0 : 1].take(kim, taken(n), times)));
    expect(won).not.toContain(false);
    expect((await stores()[0].tasks(kim, { size: 100 }, nowMs)).items).toEqual(taken(11).tasks);
  });

  it('let many of one holder take many ids', async () => {
    const all = Array.from({ length: 40 }, (_, n) => taking([`t${n}`], [`c${n % 4}`]));
    const won = await Promise.all(
      all.map((taken, n) => stores()[n % 2 === 0 ? 0 : 1].take(kim, taken, times)),
    );
    expect(won).not.toContain(false);
    expect(await kept(kim, all)).not.toContain(false);
    expect((await stores()[1].tasks(kim, { size: 1 }, nowMs)).totalSize).toBe(40);
  });

  it('show a second process what the first has taken, at once', async () => {
    const [one, two] = stores();
    await one.take(kim, taking(['t'], ['c']), times);
    expect(await two.held(kim, [...tasksOf('t'), ...contextsOf('c')], nowMs)).toEqual([true, true]);
    expect(await two.take(lee, taking(['t']), times)).toBe(false);
    await two.forget(kim, 't');
    expect((await one.tasks(kim, { size: 1 }, nowMs)).totalSize).toBe(0);
  });
}
