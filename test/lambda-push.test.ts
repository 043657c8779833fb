import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createPushHandler } from '../src/runtimes/lambda/push.ts';
import type { Delivery } from '../src/store/ports/push.ts';
import { aLease } from './contract/push-samples.ts';
import { type PushStand, startPushStand } from './support/push-stand.ts';
import { startReceiver } from './support/receiver.ts';

/** The function that delivers webhooks, by the events of the two services that invoke it. */

let stand: PushStand;
let woken: { pushId: string; inMs: number }[];
let isQueueDown: boolean;
let handler: ReturnType<typeof createPushHandler>;

beforeEach(async () => {
  [woken, isQueueDown] = [[], false];
  stand = await startPushStand();
  handler = createPushHandler({
    worker: stand.worker(),
    outbox: stand.push.outbox,
    async wake(pushId, dueAtMs) {
      if (isQueueDown) throw new Error('the queue is down');
      const inSeconds = Math.round((dueAtMs - stand.clock.nowMs()) / 1_000);
      // A millisecond ago is rounded to -0, which is not 0 to `toEqual`.
      woken.push({ pushId, inMs: inSeconds * 1_000 + 0 });
    },
    clock: stand.clock,
    log: stand.log,
  });
});

const receiver = async () => {
  const started = await startReceiver();
  onTestFinished(() => started.close());
  return started;
};

function queueEvent(...bodies: unknown[]): unknown {
  return {
    Records: bodies.map((body, n) => ({
      messageId: `m${n}`,
      eventSource: 'aws:sqs',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  };
}

const everyMinute = { source: 'aws.events' };
const none = { batchItemFailures: [] };

describe('wakes', () => {
  it('have all delivered that is due in their lanes, each once', async () => {
    const there = await receiver();
    const lanes = [await stand.laneWith(there, 'a', 'b'), await stand.laneWith(there, 'c')];
    expect(await handler(queueEvent(...lanes.map((pushId) => ({ pushId }))))).toEqual(none);
    expect(there.bodies().toSorted()).toEqual(['a', 'b', 'c']);
    expect(await handler(queueEvent(...lanes.map((pushId) => ({ pushId }))))).toEqual(none);
    expect([there.received.length, woken]).toEqual([3, []]);
  });

  it('are sent again for when a lane is due next', async () => {
    const there = await receiver();
    there.answer(() => 503);
    const pushId = await stand.laneWith(there, 'a');
    expect(await handler(queueEvent({ pushId }))).toEqual(none);
    expect(woken).toEqual([{ pushId, inMs: 1_000 }]);
    there.answer(() => 204);
    stand.pass(1_000);
    expect(await handler(queueEvent({ pushId }))).toEqual(none);
    expect([there.bodies(), woken.length]).toEqual([['a', 'a'], 1]);
  });

  it('of lanes that are gone, or that another has, are done', async () => {
    const there = await receiver();
    const taken = await stand.laneWith(there, 'a');
    await stand.push.outbox.take(taken, aLease('other', stand.clock.nowMs() + 60_000), stand.clock.nowMs());
    expect(await handler(queueEvent({ pushId: 'gone' }, { pushId: taken }))).toEqual(none);
    expect([there.received, woken]).toEqual([[], []]);
  });

  it('come again by themselves where the next one cannot be sent; those beside them do not', async () => {
    const there = await receiver();
    there.answer(({ body }) => (body === 'a' ? 503 : 204));
    const lanes = [await stand.laneWith(there, 'a'), await stand.laneWith(there, 'b')];
    isQueueDown = true;
    const answer = await handler(queueEvent(...lanes.map((pushId) => ({ pushId }))));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(there.bodies().toSorted()).toEqual(['a', 'b']);
  });

  it('that say nothing known fail, and hold up no other', async () => {
    const there = await receiver();
    const pushId = await stand.laneWith(there, 'a');
    const strange = ['', '{', '[]', {}, { pushId: 1 }, { pushId: '' }, { pushId, more: 1 }];
    const answer = await handler(queueEvent({ pushId }, ...strange));
    expect(answer?.batchItemFailures).toEqual(strange.map((_, n) => ({ itemIdentifier: `m${n + 1}` })));
    expect(there.bodies()).toEqual(['a']);
  });
});

describe('the schedule', () => {
  it('wakes the lanes that have been due for a while, and no other', async () => {
    const there = await receiver();
    const lost = await stand.laneWith(there, 'a');
    stand.pass(29_000);
    const fresh = await stand.laneWith(there, 'b');
    await handler(everyMinute);
    expect(woken).toEqual([]);
    stand.pass(1_000);
    await handler(everyMinute);
    expect(woken).toEqual([{ pushId: lost, inMs: 0 }]);
    stand.pass(29_000);
    woken = [];
    await handler(everyMinute);
    expect(woken.map(({ pushId }) => pushId).toSorted()).toEqual([lost, fresh].toSorted());
    expect(there.received).toEqual([]);
  });

  it('wakes a lane whose worker died, some time after its lease has ended', async () => {
    const pushId = await stand.laneWith(await receiver(), 'a');
    const { outbox } = stand.push;
    const until = aLease('died', stand.clock.nowMs() + 25_000);
    const taken: Delivery | undefined = await outbox.take(pushId, until, stand.clock.nowMs());
    expect(taken).toBeDefined();
    stand.pass(40_000);
    await handler(everyMinute);
    expect(woken).toEqual([]);
    stand.pass(15_000);
    await handler(everyMinute);
    expect(woken).toEqual([{ pushId, inMs: 0 }]);
  });
});

it('fails where the queue or the event is none, so that it is seen', async () => {
  await stand.laneWith(await receiver(), 'a');
  stand.pass(60_000);
  isQueueDown = true;
  await expect(handler(everyMinute)).rejects.toThrow('the queue is down');
  for (const event of [undefined, null, {}, { Records: [] }, { Records: [{ eventSource: 'aws:s3' }] }])
    await expect(handler(event)).rejects.toThrow('not an event of this function');
});
