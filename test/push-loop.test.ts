import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createDeliveryLoop, type DeliveryLoop } from '../src/push/delivery-loop.ts';
import type { PushWorker } from '../src/push/push-worker.ts';
import type { PushStore } from '../src/store/ports/push.ts';
import { newFolder } from './support/process.ts';
import { type PushStand, startPushStand } from './support/push-stand.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';
import { VirtualTime } from './support/virtual-time.ts';

/** Processes that deliver what they are woken for, and what they find. */

let stand: PushStand;
let receiver: Receiver;
let dataDir: string;

beforeEach(async () => {
  dataDir = newFolder();
  [stand, receiver] = await Promise.all([startPushStand(dataDir), startReceiver()]);
});
afterEach(() => receiver.close());

interface Running {
  loop: DeliveryLoop;
  time: VirtualTime;
  /** Ends it, and resolves when it has ended. */
  end(): Promise<void>;
}

/** A process that delivers. Its pauses are the test's to end. */
function running(
  more: { of?: PushStand; push?: PushStore; worker?: PushWorker; places?: number } = {},
): Running {
  const { of = stand, push = of.push, places = 32 } = more;
  const time = new VirtualTime();
  const clock = { nowMs: () => of.clock.nowMs() + time.nowMs() };
  const closing = new AbortController();
  const loop = createDeliveryLoop({
    ...{ push, clock, maxConcurrentDeliveries: places, log: of.log, pause: time.pause },
    worker: more.worker ?? of.worker({ clock }),
  });
  const ended = loop.run(closing.signal);
  const end = () => {
    closing.abort();
    return ended;
  };
  onTestFinished(end);
  return { loop, time, end };
}

it('what waited when the process started is delivered', async () => {
  const lanes = [await stand.laneWith(receiver, 'a1', 'a2'), await stand.laneWith(receiver, 'b1')];
  running();
  await receiver.until(3);
  expect(receiver.bodies().sort()).toEqual(['a1', 'a2', 'b1']);
  expect(lanes).toHaveLength(2);
});

it('what it is woken for is delivered at once', async () => {
  const { loop, time } = running();
  const pushId = await stand.laneWith(receiver);
  while (time.waiting === 0) await new Promise(setImmediate);
  await stand.accept(pushId, 'one');
  await loop.wake(pushId, stand.clock.nowMs());
  await receiver.until(1);
});

it('what no one woke it for is found in the end', async () => {
  const { time } = running();
  while (time.waiting === 0) await new Promise(setImmediate);
  await stand.laneWith(receiver, 'one');
  await time.advanceUntil(() => receiver.received.length === 1);
});

it('what failed is tried again when it is due', async () => {
  receiver.answer(() => (receiver.received.length < 3 ? 503 : 204));
  await stand.laneWith(receiver, 'one', 'two');
  const { time } = running();
  await time.advanceUntil(() => receiver.received.length === 4);
  expect(receiver.bodies()).toEqual(['one', 'one', 'one', 'two']);
});

it('no more webhooks are called at once than there are places', async () => {
  let [now, most] = [0, 0];
  const worker: PushWorker = {
    async work() {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now -= 1;
      done += 1;
      return undefined;
    },
  };
  let done = 0;
  const { loop } = running({ worker, places: 3 });
  for (let lane = 0; lane < 20; lane++) await loop.wake(`lane-${lane}`, 0);
  while (done < 20) await new Promise(setImmediate);
  expect(most).toBe(3);
});

it('a lane that is woken while it is worked is worked once more, and never twice at a time', async () => {
  const turns: (() => void)[] = [];
  const worker: PushWorker = {
    work: () => new Promise((resolve) => turns.push(() => resolve(undefined))),
  };
  const { loop } = running({ worker });
  await loop.wake('lane', 0);
  while (turns.length < 1) await new Promise(setImmediate);
  for (let times = 0; times < 5; times++) await loop.wake('lane', 0);
  await new Promise(setImmediate);
  expect(turns).toHaveLength(1);
  turns[0]?.();
  while (turns.length < 2) await new Promise(setImmediate);
  turns[1]?.();
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  expect(turns).toHaveLength(2);
});

it('two processes over one store deliver each notification once, in order', async () => {
  const bodies = Array.from({ length: 10 }, (_, index) => `${index}`);
  const other = await startPushStand(dataDir);
  const lanes = await Promise.all(Array.from({ length: 6 }, () => stand.laneWith(receiver, ...bodies)));
  const processes = [running(), running({ of: other })];
  await receiver.until(60);
  await Promise.all(processes.map(({ end }) => end()));
  const byLane = lanes.map((pushId) => receiver.received.filter(({ target }) => target === `/${pushId}`));
  expect(byLane.map((received) => received.map(({ body }) => body))).toEqual(lanes.map(() => bodies));
});

it('a process that ends begins nothing more, and waits for what is under way', async () => {
  await stand.laneWith(receiver, 'one');
  let answer = () => {};
  receiver.answer((_, response) => {
    answer = () => response.writeHead(204).end();
    return undefined;
  });
  const { loop, end } = running();
  await receiver.until(1);
  let hasEnded = false;
  const ended = end().then(() => {
    hasEnded = true;
  });
  await loop.wake(await stand.laneWith(receiver, 'two'), 0);
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  expect(hasEnded).toBe(false);
  answer();
  await ended;
  expect(receiver.bodies()).toEqual(['one']);
});

it('what has expired goes sooner than as much can come', async () => {
  const { configs } = stand.push;
  const holder = { agentKey: 'agent', ownerKey: 'alice' };
  for (let n = 0; n < 1_200; n++)
    await stand.webhook({ url: receiver.url }, { taskId: 't-1', configId: `c-${n}`, expiresAtMs: n + 1 });
  const left = async () => (await configs.ofTask(holder, 't-1', { size: 1 }, 0)).totalSize;
  expect(await left()).toBe(1_200);
  const { time } = running();
  await time.advance(20_000);
  expect(await left()).toBe(0);
});

it('a store that fails is told of once, and asked again', async () => {
  let isDown = true;
  const { outbox } = stand.push;
  const due: typeof outbox.due = (...given) =>
    isDown ? Promise.reject(new Error('down')) : outbox.due(...given);
  const failing = new Proxy(outbox, {
    get: (target, name) => (name === 'due' ? due : target[name as keyof typeof target].bind(target)),
  });
  await stand.laneWith(receiver, 'one');
  const { time } = running({ push: { ...stand.push, outbox: failing } });
  const events = () => stand.logged.map(({ event }) => event);
  while (events().length === 0) await new Promise(setImmediate);
  await time.advance(60_000);
  expect(events()).toEqual(['webhooks not looked for']);
  isDown = false;
  await time.advanceUntil(() => receiver.received.length === 1);
  expect(events()).toContain('webhooks looked for again');
});
