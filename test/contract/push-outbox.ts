import { expect, it } from 'vitest';
import type { Delivery, NewDelivery, PushStore } from '../../src/store/ports/push.ts';
import { aConfig, aDelivery, aLease, dead, laterMs, nowMs } from './push-samples.ts';

/** What every adapter promises of deliveries that wait, one process at work. `bodyLength` of the largest body tried. */
export function pushOutboxContract(push: () => PushStore, bodyLength: number): void {
  const outbox = () => push().outbox;
  const lease = aLease('l');
  const lanes = async (...pushIds: string[]) => {
    for (const pushId of pushIds) await push().configs.put(aConfig(pushId), 10);
  };
  const add = async (...all: NewDelivery[]) => {
    for (const delivery of all) expect(await outbox().add(delivery, 100)).toBe(true);
  };
  const take = async (pushId = 'p', atMs = nowMs): Promise<Delivery> => {
    const taken = await outbox().take(pushId, lease, atMs);
    if (taken === undefined) throw new Error(`nothing to take in ${pushId}`);
    return taken;
  };
  const buried = async (...deliveryIds: string[]) => {
    for (const deliveryId of deliveryIds) {
      await add(aDelivery(deliveryId));
      expect(await outbox().bury(await take(), lease, dead)).toBe(true);
    }
  };

  it('gives back what was added, one after the other in its order', async () => {
    await lanes('p', 'q');
    await add(aDelivery('z'), aDelivery('a'), aDelivery('b', { pushId: 'q' }), aDelivery('m'));
    expect(await take()).toStrictEqual({ ...aDelivery('z'), attempts: 0, dueAtMs: nowMs });
    for (const deliveryId of ['z', 'a', 'm']) {
      const taken = await take();
      expect(taken.deliveryId).toBe(deliveryId);
      expect(await outbox().delivered(taken, lease)).toBe(true);
    }
    expect(await outbox().take('p', lease, nowMs)).toBeUndefined();
    expect(await take('q')).toMatchObject({ deliveryId: 'b' });
  });

  it('keeps the order also where the clock was set back', async () => {
    await lanes('p');
    await add(aDelivery('first'), aDelivery('second', { acceptedAtMs: nowMs - 5_000 }));
    expect(await take()).toMatchObject({ deliveryId: 'first' });
  });

  it('keeps a body of the largest size', async () => {
    await lanes('p');
    const large = aDelivery('large', { sealedBody: 'x'.repeat(bodyLength) });
    await add(large, aDelivery('small'));
    const taken = await take();
    expect(taken.sealedBody === large.sealedBody).toBe(true);
    await outbox().delivered(taken, lease);
    expect(await take()).toMatchObject({ deliveryId: 'small' });
  });

  it('takes nothing for a lane that is not there, or is no more', async () => {
    expect(await outbox().add(aDelivery('d'), 10)).toBe(false);
    await lanes('p');
    expect(await outbox().add(aDelivery('d', { acceptedAtMs: laterMs }), 10)).toBe(false);
    expect(await outbox().add(aDelivery('d', { acceptedAtMs: laterMs - 1 }), 10)).toBe(true);
  });

  it('loses what waits in a lane that has expired', async () => {
    await lanes('p');
    await add(aDelivery('d'));
    expect(await outbox().due(laterMs, 10)).toEqual([]);
    expect(await outbox().take('p', lease, laterMs)).toBeUndefined();
    expect(await outbox().take('p', lease, laterMs - 1)).toBeDefined();
  });

  it('takes no more than may wait in a lane', async () => {
    await lanes('p', 'q');
    expect(await outbox().add(aDelivery('1'), 2)).toBe(true);
    expect(await outbox().add(aDelivery('2'), 2)).toBe(true);
    expect(await outbox().add(aDelivery('3'), 2)).toBe(false);
    expect(await outbox().add(aDelivery('4', { pushId: 'q' }), 1)).toBe(true);
    await outbox().delivered(await take(), lease);
    expect(await outbox().add(aDelivery('3'), 2)).toBe(true);
  });

  it('gives a lane to one at a time, until it is let go of or the lease has ended', async () => {
    await lanes('p');
    await add(aDelivery('d'));
    const other = aLease('other', nowMs + 120_000);
    await take();
    expect(await outbox().take('p', other, nowMs)).toBeUndefined();
    await outbox().release('p', other);
    expect(await outbox().take('p', other, lease.untilMs - 1)).toBeUndefined();
    await outbox().release('p', lease);
    expect(await outbox().take('p', other, nowMs)).toMatchObject({ deliveryId: 'd' });
    expect(await outbox().take('p', lease, other.untilMs)).toMatchObject({ deliveryId: 'd' });
  });

  it('keeps a lane for who takes it again', async () => {
    await lanes('p');
    await add(aDelivery('1'), aDelivery('2'));
    await take();
    await outbox().take('p', { ...lease, untilMs: nowMs + 120_000 }, nowMs);
    expect(await outbox().take('p', aLease('other'), nowMs + 119_999)).toBeUndefined();
  });

  it('answers false to whose lease was taken over, and changes nothing', async () => {
    await lanes('p');
    await add(aDelivery('d'));
    const taken = await take();
    const other = aLease('other', nowMs + 120_000);
    expect(await outbox().take('p', other, lease.untilMs)).toMatchObject({ deliveryId: 'd' });
    const until = { dueAtMs: laterMs, problem: 'status' };
    expect(await outbox().delivered(taken, lease)).toBe(false);
    expect(await outbox().postpone(taken, lease, until)).toBe(false);
    expect(await outbox().bury(taken, lease, dead)).toBe(false);
    await outbox().release('p', lease);
    expect(await outbox().take('p', aLease('third'), nowMs)).toBeUndefined();
    expect(await outbox().take('p', other, nowMs)).toStrictEqual(taken);
    expect((await outbox().deadLetters({}, { size: 10 }, nowMs)).totalSize).toBe(0);
  });

  it('counts a lease that has ended as long as nobody took the lane', async () => {
    await lanes('p');
    await add(aDelivery('d'));
    const taken = await outbox().take('p', aLease('l', nowMs), nowMs);
    expect(taken && (await outbox().delivered(taken, lease))).toBe(true);
  });

  it('ends a delivery once', async () => {
    await lanes('p');
    await add(aDelivery('1'), aDelivery('2'));
    const taken = await take();
    expect(await outbox().delivered(taken, lease)).toBe(true);
    expect(await outbox().delivered(taken, lease)).toBe(false);
    expect(await outbox().bury(taken, lease, dead)).toBe(false);
    expect(await take()).toMatchObject({ deliveryId: '2' });
  });

  it('holds up a lane until its first delivery is tried again, and counts the attempts', async () => {
    await lanes('p', 'q');
    await add(aDelivery('1'), aDelivery('2'), aDelivery('3', { pushId: 'q' }));
    const dueAtMs = nowMs + 5_000;
    expect(await outbox().postpone(await take(), lease, { dueAtMs, problem: 'status' })).toBe(true);
    await outbox().release('p', lease);
    expect(await outbox().take('p', lease, dueAtMs - 1)).toBeUndefined();
    expect(await outbox().due(nowMs, 10)).toEqual(['q']);
    expect(await take('p', dueAtMs)).toStrictEqual({ ...aDelivery('1'), attempts: 1, dueAtMs });
    expect(await outbox().due(dueAtMs, 10)).toEqual(['q']);
    await outbox().release('p', lease);
    expect(await outbox().due(dueAtMs, 10)).toEqual(['q', 'p']);
    expect(await outbox().delivered(await take('p', dueAtMs), lease)).toBe(true);
    expect(await take()).toMatchObject({ deliveryId: '2', attempts: 0 });
  });

  it('names the lanes that are due, the longest due first, and when the next one is', async () => {
    expect([await outbox().due(nowMs, 10), await outbox().nextDueAtMs(nowMs)]).toEqual([[], undefined]);
    await lanes('p', 'q', 'r');
    await add(aDelivery('1', { acceptedAtMs: nowMs + 2_000 }));
    await add(aDelivery('2', { pushId: 'q', acceptedAtMs: nowMs + 1_000 }));
    await add(aDelivery('3', { pushId: 'r', acceptedAtMs: nowMs + 3_000 }));
    expect([await outbox().due(nowMs, 10), await outbox().nextDueAtMs(nowMs)]).toEqual([[], nowMs + 1_000]);
    expect(await outbox().due(nowMs + 2_000, 10)).toEqual(['q', 'p']);
    expect(await outbox().due(nowMs + 3_000, 2)).toEqual(['q', 'p']);
    expect(await outbox().nextDueAtMs(nowMs + 2_000)).toBe(nowMs + 3_000);
    expect(await outbox().nextDueAtMs(nowMs + 3_000)).toBeUndefined();
  });

  it('is due when a lease ends whose holder may have died', async () => {
    await lanes('p');
    await add(aDelivery('d'));
    await take();
    expect([await outbox().due(nowMs, 10), await outbox().nextDueAtMs(nowMs)]).toEqual([[], lease.untilMs]);
    expect(await outbox().due(lease.untilMs, 10)).toEqual(['p']);
  });

  it('buries what is given up, which holds up nothing', async () => {
    await lanes('p');
    await add(aDelivery('1'), aDelivery('2'));
    await outbox().postpone(await take(), lease, { dueAtMs: nowMs + 1, problem: 'timeout' });
    expect(await outbox().bury(await take('p', nowMs + 1), lease, dead)).toBe(true);
    expect(await take()).toMatchObject({ deliveryId: '2' });
    const { pushId, agentId, acceptedAtMs } = aDelivery('1');
    const letter = {
      ...{ deliveryId: '1', pushId, agentId, acceptedAtMs },
      ...{ diedAtMs: dead.nowMs, attempts: 2, problem: 'status' },
    };
    const listed = await outbox().deadLetters({}, { size: 10 }, nowMs);
    expect(listed).toStrictEqual({ items: [letter], totalSize: 1 });
    expect(await outbox().deadLetter('1', nowMs)).toStrictEqual(letter);
    expect(await outbox().deadLetter('2', nowMs)).toBeUndefined();
  });

  it('lists dead letters with the latest first, of all agents or one, however they are paged', async () => {
    await lanes('p');
    for (const [n, afterMs] of [3, 9, 10, 9, 100].entries()) {
      await add(aDelivery(`d${n}`, { agentId: n % 2 === 0 ? 'even' : 'odd' }));
      await outbox().bury(await take(), lease, { ...dead, nowMs: nowMs + afterMs });
    }
    const idsOf = async (filter: { agentId?: string }, size: number) => {
      const found: string[] = [];
      for (let after: string | undefined; ; ) {
        const cursor = after === undefined ? { size } : { size, after };
        const { items, next } = await outbox().deadLetters(filter, cursor, nowMs);
        found.push(...items.map(({ deliveryId }) => deliveryId));
        if (next === undefined) return found;
        after = next;
      }
    };
    for (const size of [1, 2, 5]) {
      expect(await idsOf({}, size)).toEqual(['d4', 'd2', 'd1', 'd3', 'd0']);
      expect(await idsOf({ agentId: 'odd' }, size)).toEqual(['d1', 'd3']);
    }
    for (const agentId of ['', 'a\0', '\ud800']) expect(await idsOf({ agentId }, 5)).toEqual([]);
    for (const after of ['a\0', '\ud800', 'z'])
      expect((await outbox().deadLetters({}, { size: 1, after }, nowMs)).items).toEqual([]);
    await expect(outbox().deadLetters({}, { size: 0 }, nowMs)).rejects.toThrow(TypeError);
  });

  it('forgets dead letters when they expire', async () => {
    await lanes('p');
    await buried('d');
    const totalAt = async (atMs: number) => (await outbox().deadLetters({}, { size: 1 }, atMs)).totalSize;
    expect([await totalAt(laterMs - 1), await totalAt(laterMs)]).toEqual([1, 0]);
    expect(await outbox().deadLetter('d', laterMs - 1)).toBeDefined();
    expect(await outbox().deadLetter('d', laterMs)).toBeUndefined();
    expect(await outbox().revive('d', laterMs)).toBeUndefined();
    await push().configs.sweep(laterMs - 1);
    expect(await totalAt(nowMs)).toBe(1);
  });

  it('revives a dead letter behind what waits, as if accepted then', async () => {
    await lanes('p');
    await buried('dead');
    await add(aDelivery('alive'));
    expect(await outbox().revive('dead', nowMs + 7)).toBe('p');
    expect(await outbox().revive('dead', nowMs + 7)).toBeUndefined();
    expect((await outbox().deadLetters({}, { size: 1 }, nowMs)).totalSize).toBe(0);
    const alive = await take();
    expect(alive.deliveryId).toBe('alive');
    await outbox().delivered(alive, lease);
    const times = { acceptedAtMs: nowMs + 7, dueAtMs: nowMs + 7 };
    expect(await take('p', nowMs + 7)).toStrictEqual({ ...aDelivery('dead'), attempts: 0, ...times });
  });

  it('keeps a dead letter whose lane is gone, and drops it when told to', async () => {
    await lanes('p');
    await buried('d');
    await push().configs.delete('p');
    expect(await outbox().revive('d', nowMs)).toBeUndefined();
    expect((await outbox().deadLetters({}, { size: 1 }, nowMs)).totalSize).toBe(1);
    expect([await outbox().dropDeadLetter('d'), await outbox().dropDeadLetter('d')]).toEqual([true, false]);
    expect((await outbox().deadLetters({}, { size: 1 }, nowMs)).totalSize).toBe(0);
  });

  it('takes any text as the id of a dead letter to look for', async () => {
    for (const id of ['', 'a\0b', '\ud800', 'é'.repeat(2_000)]) {
      expect(await outbox().deadLetter(id, nowMs)).toBeUndefined();
      expect(await outbox().revive(id, nowMs)).toBeUndefined();
      expect(await outbox().dropDeadLetter(id)).toBe(false);
    }
  });

  it('says false to who works on a lane that was deleted', async () => {
    await lanes('p');
    await add(aDelivery('d'));
    const taken = await take();
    await push().configs.delete('p');
    expect(await outbox().delivered(taken, lease)).toBe(false);
    expect(await outbox().postpone(taken, lease, { dueAtMs: nowMs, problem: 'x' })).toBe(false);
    expect(await outbox().bury(taken, lease, dead)).toBe(false);
    await outbox().release('p', lease);
  });
}
