import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import type { PushStore } from '../src/store/ports/push.ts';
import { type PushStand, pushSettings, startPushStand } from './support/push-stand.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';

/** In which order notifications are sent, and by whom; over the embedded store and real receivers. */

let stand: PushStand;
let receiver: Receiver;

beforeEach(async () => {
  [stand, receiver] = await Promise.all([startPushStand(), startReceiver()]);
});
afterEach(() => receiver.close());

describe('a lane', () => {
  it('is sent in order, and held up by what fails in it', async () => {
    const [one, other] = [
      await stand.laneWith(receiver, '1', '2', '3'),
      await stand.webhook({ url: `${receiver.url}/other` }),
    ];
    await stand.accept(other, 'of another');
    receiver.answer(() => (receiver.bodies().filter((body) => body === '1').length < 3 ? 503 : 204));
    expect(await stand.worker().work(one)).toBeDefined();
    receiver.answer(({ body }) =>
      body === '1' && receiver.bodies().filter((b) => b === '1').length < 3 ? 503 : 204,
    );
    await stand.worker().work(other);
    stand.pass(1_000);
    await stand.workOut(one);
    expect(receiver.bodies()).toEqual(['1', 'of another', '1', '1', '2', '3']);
  });

  it('goes on behind what is given up', async () => {
    receiver.answer(({ body }) => (body === '1' ? 410 : 204));
    await stand.workOut(await stand.laneWith(receiver, '1', '2'));
    expect(receiver.bodies()).toEqual(['1', '2']);
    expect(await stand.dead()).toHaveLength(1);
  });

  it('is worked by one of many at a time', async () => {
    const pushId = await stand.laneWith(receiver, ...Array.from({ length: 20 }, (_, index) => `${index}`));
    const workers = Array.from({ length: 5 }, () => stand.worker());
    await Promise.all(workers.map((worker) => worker.work(pushId)));
    expect(receiver.bodies()).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  });

  it('that another has taken since is left to the other', async () => {
    const pushId = await stand.laneWith(receiver, '1', '2');
    const [late, other] = [stand.worker(), stand.worker()];
    let begun: Promise<unknown> | undefined;
    receiver.answer((_, response) => {
      if (receiver.received.length > 1) return 204;
      stand.pass(60_000); // The first worker's lease has ended while it waits.
      begun = other.work(pushId).then(() => response.writeHead(204).end());
      return undefined;
    });
    expect(await late.work(pushId)).toBeUndefined();
    await begun;
    expect(receiver.bodies()).toEqual(['1', '1', '2']);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids[0]).toBe(ids[1]);
  });

  it('whose webhook is deleted gets nothing more', async () => {
    const pushId = await stand.laneWith(receiver, '1', '2');
    receiver.answer(() => 503);
    await stand.worker().work(pushId);
    await stand.push.configs.delete(pushId);
    stand.pass(1_000);
    expect(await stand.worker().work(pushId)).toBeUndefined();
    expect(receiver.bodies()).toEqual(['1']);
  });

  it('is looked at once more after it was let go', async () => {
    const pushId = await stand.laneWith(receiver, '1');
    const { outbox } = stand.push;
    let released = 0;
    const late: PushStore = {
      ...stand.push,
      outbox: wrapped(outbox, {
        async release(...given) {
          // Who brings it finds the lane taken, and is not heard.
          if (released++ === 0) await stand.accept(pushId, '2');
          await outbox.release(...given);
        },
      }),
    };
    await stand.worker({ push: late }).work(pushId);
    expect(receiver.bodies()).toEqual(['1', '2']);
  });
});

describe('a worker', () => {
  it('makes way for others after a turn', async () => {
    const pushId = await stand.laneWith(receiver, '1', '2', '3');
    receiver.answer(() => {
      stand.pass(15_000);
      return 204;
    });
    const next = await stand.worker().work(pushId);
    expect(next?.dueAtMs).toBeLessThanOrEqual(stand.clock.nowMs());
    expect(receiver.bodies()).toEqual(['1', '2']);
    expect(await stand.waiting()).toEqual([pushId]);
  });

  it('lets go of a lane after the attempt under way when the process ends', async () => {
    const pushId = await stand.laneWith(receiver, '1', '2');
    const closing = new AbortController();
    receiver.answer(() => {
      closing.abort();
      return 204;
    });
    await stand.worker({ closing: closing.signal }).work(pushId);
    expect([receiver.bodies(), await stand.waiting()]).toEqual([['1'], [pushId]]);
  });

  it('gives one owner half of its places, so that a slow receiver does not hold up all', async () => {
    const worker = stand.worker({ settings: { ...pushSettings, maxConcurrentDeliveries: 4 } });
    const slow = await Promise.all(Array.from({ length: 5 }, () => stand.laneWith(receiver, 'slow')));
    const holder = { agentKey: 'agent', ownerKey: 'bob' };
    const other = await stand.webhook({ url: receiver.url }, { holder });
    await stand.accept(other, 'of bob');
    const held: (() => void)[] = [];
    receiver.answer(({ body }, response) => {
      if (body !== 'slow') return 204;
      held.push(() => response.writeHead(204).end());
      return undefined;
    });
    const turns = Promise.all(slow.map((pushId) => worker.work(pushId)));
    await receiver.until(2);
    await worker.work(other);
    expect(receiver.bodies()).toEqual(['slow', 'slow', 'of bob']);
    for (const end of held) end();
    const turnedAway = (await turns).filter((next) => next !== undefined);
    expect(turnedAway).toHaveLength(3);
  });

  it('counts no attempt while the gateway itself is in trouble', async () => {
    const pushId = await stand.laneWith(receiver, '1');
    const sealer = {
      ...stand.sealer,
      open: () => Promise.reject(new GatewayError({ code: 'store_unavailable' })),
    };
    const next = await stand.worker({ sealer }).work(pushId);
    expect(next?.dueAtMs).toBeGreaterThan(stand.clock.nowMs());
    expect([receiver.bodies(), stand.logged.map(({ event }) => event)]).toEqual([[], ['webhook not worked']]);
    const delivery = await stand.push.outbox.take(
      pushId,
      { leaseId: randomUUID(), untilMs: stand.clock.nowMs() + 1 },
      stand.clock.nowMs(),
    );
    expect(delivery?.attempts).toBe(0);
  });

  it('gives up what it cannot open, and sends nothing in its place', async () => {
    const elsewhere = await stand.webhook({ url: `${receiver.url}/mallory` });
    const { sealed = '' } = (await stand.push.configs.get(elsewhere, stand.clock.nowMs())) ?? {};
    // Whoever can write the table puts a webhook of their own in another's row.
    const pushId = await stand.webhook({ url: receiver.url }, { sealed });
    await stand.accept(pushId, 'secret');
    expect(await stand.workOut(pushId)).toEqual([]);
    expect([receiver.bodies(), await stand.dead()]).toMatchObject([[], [{ problem: 'sealed' }]]);
  });

  it('logs ids and words, and nothing of the webhook or of what it is sent', async () => {
    const pushId = await stand.webhook({
      url: `${receiver.url}/secret-path`,
      token: 'secret-token',
      authentication: { scheme: 'Basic', credentials: 'secret-credentials' },
    });
    await stand.accept(pushId, '{"text":"secret-body"}');
    receiver.answer((_, response) => {
      response.writeHead(receiver.received.length === 1 ? 500 : 204).end('secret-answer');
      return undefined;
    });
    await stand.workOut(pushId);
    expect(stand.logged.map(({ level, event }) => [level, event])).toEqual([
      ['warn', 'webhook failed'],
      ['info', 'webhook delivered'],
    ]);
    const text = JSON.stringify(stand.logged);
    expect(text).not.toContain('secret');
    expect(text).not.toContain(pushId);
    expect(text).not.toContain('127.0.0.1');
  });
});

/** An outbox with some of its methods in other words. */
function wrapped(outbox: PushStore['outbox'], more: Partial<PushStore['outbox']>): PushStore['outbox'] {
  return new Proxy(outbox, {
    get: (target, name) => {
      const own = more[name as keyof typeof more] ?? target[name as keyof typeof target];
      return own.bind(target);
    },
  });
}
