import { expect, it } from 'vitest';
import type { KeptPushConfig, PushStore } from '../../src/store/ports/push.ts';
import { aConfig, aDelivery, aLease, holder, laterMs, nowMs, unbound } from './push-samples.ts';

const page = { size: 10 };

/** What every adapter promises of webhooks that callers have set. */
export function pushConfigContract(push: () => PushStore): void {
  const configs = () => push().configs;
  const put = async (...all: KeptPushConfig[]) => {
    for (const config of all) expect(await configs().put(config, 10)).toBe(true);
  };
  const idsOfTask = async (taskId = 'task') =>
    (await configs().ofTask(holder, taskId, page, nowMs)).items.map(({ pushId }) => pushId);

  it('gives back exactly what was put, with a task and without', async () => {
    const full = aConfig('p', { version: '0.3', sealed: 's'.repeat(20_000) });
    await put(full, unbound('q'));
    expect(await configs().get('p', nowMs)).toStrictEqual(full);
    expect(await configs().find(holder, 'task', full.configId, nowMs)).toStrictEqual(full);
    expect(await configs().get('q', nowMs)).toStrictEqual(unbound('q'));
    expect(await idsOfTask()).toEqual(['p']);
  });

  it('takes any text as an id to look for', async () => {
    for (const id of ['', 'a\0b', '\ud800', "' OR 1=1 --", '%', 'é'.repeat(2_000)]) {
      expect(await configs().get(id, nowMs)).toBeUndefined();
      expect(await configs().bind(id, id)).toBe(false);
      expect(await configs().find(holder, id, id, nowMs)).toBeUndefined();
      expect(await configs().ofTask(holder, id, page, nowMs)).toStrictEqual({ items: [], totalSize: 0 });
      await configs().delete(id);
    }
  });

  it('does not take one id of a stranger for another', async () => {
    const ids = ['é', 'e\u0301', 'a\0b', 'a\0c', '\ud800', '\ud801', '\ufffd', ' ', '"', '\\', '#', 'a#b'];
    for (const [n, id] of ids.entries()) await put(aConfig(`p${n}`, { taskId: id, configId: id }));
    for (const [n, id] of ids.entries()) {
      expect(await idsOfTask(id)).toEqual([`p${n}`]);
      expect(await configs().find(holder, id, id, nowMs)).toMatchObject({ taskId: id, configId: id });
      expect(await configs().find(holder, id, `${id}x`, nowMs)).toBeUndefined();
    }
  });

  it('finds nothing for another agent, owner or task', async () => {
    await put(aConfig('p'));
    const { configId } = aConfig('p');
    const others = [
      { ...holder, agentKey: 'x' },
      { ...holder, ownerKey: 'x' },
    ];
    for (const other of others) {
      expect(await configs().find(other, 'task', configId, nowMs)).toBeUndefined();
      expect((await configs().ofTask(other, 'task', page, nowMs)).totalSize).toBe(0);
    }
    expect(await configs().find(holder, 'other', configId, nowMs)).toBeUndefined();
  });

  it('is without what has expired, to the moment', async () => {
    await put(aConfig('p'));
    const { configId } = aConfig('p');
    const seenAt = async (atMs: number) => [
      (await configs().get('p', atMs)) !== undefined,
      (await configs().find(holder, 'task', configId, atMs)) !== undefined,
      (await configs().ofTask(holder, 'task', page, atMs)).totalSize === 1,
    ];
    expect(await seenAt(laterMs - 1)).toEqual([true, true, true]);
    expect(await seenAt(laterMs)).toEqual([false, false, false]);
  });

  it('never rounds a time down, and sweeps nothing that has not expired', async () => {
    await put(aConfig('p', { expiresAtMs: laterMs + 1 }), aConfig('q'));
    const kept = (await configs().get('p', nowMs))?.expiresAtMs ?? 0;
    expect(kept).toBeGreaterThan(laterMs);
    expect(kept).toBeLessThanOrEqual(laterMs + 1_000);
    await configs().sweep(laterMs);
    expect(await configs().get('p', nowMs)).toBeDefined();
  });

  it('takes no more for a task than are allowed it, but for one written over', async () => {
    expect(await configs().put(aConfig('p'), 2)).toBe(true);
    expect(await configs().put(aConfig('q'), 2)).toBe(true);
    expect(await configs().put(aConfig('r'), 2)).toBe(false);
    expect(await configs().get('r', nowMs)).toBeUndefined();
    expect(await configs().put(aConfig('s', { configId: aConfig('q').configId }), 2)).toBe(true);
    expect(await configs().put(aConfig('t', { taskId: 'other' }), 1)).toBe(true);
    expect(await configs().put(aConfig('u', { holder: { ...holder, ownerKey: 'x' } }), 1)).toBe(true);
    expect(await configs().put(unbound('v'), 1)).toBe(true);
    expect(await idsOfTask()).toEqual(['p', 's']);
  });

  it('does not count what has expired, nor what was deleted', async () => {
    await put(aConfig('p'), aConfig('q', { expiresAtMs: laterMs + 60_000 }));
    const late = { createdAtMs: laterMs, expiresAtMs: laterMs + 60_000 };
    expect(await configs().put(aConfig('r', late), 2)).toBe(true);
    expect(await configs().put(aConfig('s', late), 2)).toBe(false);
    await configs().delete('q');
    expect(await configs().put(aConfig('s', late), 2)).toBe(true);
  });

  it('holds to the number of a task however many are put at once', async () => {
    const won = await Promise.all(Array.from({ length: 8 }, (_, n) => configs().put(aConfig(`p${n}`), 3)));
    expect(won.filter(Boolean)).toHaveLength(3);
    expect(await idsOfTask()).toHaveLength(3);
  });

  it('writes over the one of the same id, and drops what waits in its lane', async () => {
    await put(aConfig('p', { configId: 'c' }));
    expect(await push().outbox.add(aDelivery('d'), 10)).toBe(true);
    await put(aConfig('q', { configId: 'c' }));
    expect(await configs().get('p', nowMs)).toBeUndefined();
    expect(await push().outbox.take('p', aLease('l'), nowMs)).toBeUndefined();
    expect(await push().outbox.due(nowMs, 10)).toEqual([]);
    expect(await configs().find(holder, 'task', 'c', nowMs)).toMatchObject({ pushId: 'q' });
  });

  it('keeps one of many that are put at once under the same id', async () => {
    const same = Array.from({ length: 8 }, (_, n) => aConfig(`p${n}`, { configId: 'c' }));
    expect(await Promise.all(same.map((config) => configs().put(config, 1)))).not.toContain(false);
    const [only = '', ...others] = await idsOfTask();
    expect(others).toEqual([]);
    const there = await Promise.all(same.map(({ pushId }) => configs().get(pushId, nowMs)));
    expect(there.filter((config) => config !== undefined)).toMatchObject([{ pushId: only }]);
  });

  it('binds one that came with a message to its task, once', async () => {
    await put(unbound('p', { configId: 'c' }), unbound('q', { configId: 'c' }));
    expect(await configs().bind('p', 'task')).toBe(true);
    expect(await configs().bind('p', 'task')).toBe(true);
    expect(await configs().bind('p', 'other')).toBe(false);
    expect(await configs().get('p', nowMs)).toStrictEqual(aConfig('p', { configId: 'c' }));
    expect(await configs().find(holder, 'task', 'c', nowMs)).toMatchObject({ pushId: 'p' });
    expect(await configs().get('q', nowMs)).toStrictEqual(unbound('q', { configId: 'c' }));
  });

  it('binds over the one that the task has under the same id', async () => {
    await put(aConfig('p', { configId: 'c' }), unbound('q', { configId: 'c' }));
    expect(await configs().bind('q', 'task')).toBe(true);
    expect(await configs().get('p', nowMs)).toBeUndefined();
    expect(await idsOfTask()).toEqual(['q']);
  });

  it('keeps what waits for one while it is bound', async () => {
    await put(unbound('p'));
    await push().outbox.add(aDelivery('d'), 10);
    expect(await configs().bind('p', 'task')).toBe(true);
    expect(await push().outbox.take('p', aLease('l'), nowMs)).toMatchObject({ deliveryId: 'd' });
  });

  it('binds one to a single task, however many claim it at once', async () => {
    await put(unbound('p'));
    const tasks = ['t0', 't1', 't2', 't3'];
    const won = await Promise.all(tasks.map((taskId) => configs().bind('p', taskId)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const sizes = await Promise.all(tasks.map(async (taskId) => (await idsOfTask(taskId)).length));
    expect(sizes).toEqual(won.map((hasWon) => (hasWon ? 1 : 0)));
  });

  it('lists those of a task in the order of their ids, however they are paged', async () => {
    const ids = ['b', 'B', 'a#', 'a', '\uffff', '😀', 'é', '10', '9'];
    await put(...ids.map((configId, n) => aConfig(`p${n}`, { configId })));
    const inOrder = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const size of [1, 2, 4, 9, 100]) {
      const listed: string[] = [];
      for (let after: string | undefined; ; ) {
        const cursor = after === undefined ? { size } : { size, after };
        const { items, next, totalSize } = await configs().ofTask(holder, 'task', cursor, nowMs);
        expect(totalSize).toBe(ids.length);
        listed.push(...items.map(({ configId }) => configId));
        if (next === undefined) break;
        after = next;
      }
      expect(listed).toEqual(inOrder);
    }
    for (const size of [0, 101, 1.5]) {
      await expect(configs().ofTask(holder, 'task', { size }, nowMs)).rejects.toThrow(TypeError);
    }
  });

  it('deletes one with what waits for it, again and again', async () => {
    await put(aConfig('p'));
    await push().outbox.add(aDelivery('d'), 10);
    for (let n = 0; n < 2; n++) await configs().delete('p');
    expect(await configs().get('p', nowMs)).toBeUndefined();
    expect(await configs().bind('p', 'task')).toBe(false);
    expect(await idsOfTask()).toEqual([]);
    expect(await push().outbox.take('p', aLease('l'), nowMs)).toBeUndefined();
    expect(await push().outbox.due(nowMs, 10)).toEqual([]);
    expect(await push().outbox.add(aDelivery('e'), 10)).toBe(false);
  });
}
