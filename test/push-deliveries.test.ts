import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cites } from './support/cites.ts';
import { type PushStand, pushSettings, startPushStand } from './support/push-stand.ts';
import { type Received, type Receiver, startReceiver } from './support/receiver.ts';

/** What receivers get, and what becomes of what they do not take; over the embedded store. */

let stand: PushStand;
let receiver: Receiver;

beforeEach(async () => {
  [stand, receiver] = await Promise.all([startPushStand(), startReceiver()]);
});
afterEach(() => receiver.close());

describe('a notification', () => {
  it('reaches the receiver as the caller configured, signed', async () => {
    cites('A2A-4.3.3-authorization');
    const pushId = await stand.webhook({
      url: `${receiver.url}/hook?of=alice`,
      token: 'the token',
      authentication: { scheme: 'Bearer', credentials: 'the-credentials' },
    });
    const deliveryId = await stand.accept(pushId, '{"task":{"id":"ü"}}');
    expect(await stand.worker().work(pushId)).toBeUndefined();
    expect(receiver.received).toMatchObject([
      {
        target: '/hook?of=alice',
        headers: {
          'content-type': 'application/a2a+json',
          authorization: 'Bearer the-credentials',
          'x-a2a-notification-token': 'the token',
          'webhook-id': deliveryId,
        },
        body: '{"task":{"id":"ü"}}',
      },
    ]);
    const [{ headers, body } = {} as Received] = receiver.received;
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const signature = createHmac('sha256', 'the token').update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    expect(Number(headers['webhook-timestamp'])).toBeCloseTo(stand.clock.nowMs() / 1_000, -1);
  });

  it('has the media type it was accepted with, and nothing that names its sender', async () => {
    const pushId = await stand.webhook({ url: receiver.url });
    await stand.accept(pushId, '{"kind":"task"}', 'application/json');
    await stand.worker().work(pushId);
    const names = Object.keys(receiver.received[0]?.headers ?? {}).sort();
    expect(receiver.received[0]?.headers['content-type']).toBe('application/json');
    expect(names).toEqual(
      [
        ...['accept-encoding', 'connection', 'content-length', 'content-type', 'host'],
        ...['webhook-id', 'webhook-timestamp'],
      ].sort(),
    );
  });

  it.each([200, 201, 202, 204])('has arrived with %i, and is sent no more', async (status) => {
    receiver.answer(() => status);
    const pushId = await stand.laneWith(receiver, 'one');
    expect(await stand.workOut(pushId)).toEqual([]);
    expect([receiver.bodies(), await stand.dead()]).toEqual([['one'], []]);
  });

  it('has arrived with its status, however much is said beside it', async () => {
    receiver.answer((_, response) => {
      response.writeHead(200).write('x'.repeat(100_000)); // And no end.
      return undefined;
    });
    expect(await stand.workOut(await stand.laneWith(receiver, 'one'))).toEqual([]);
    expect(receiver.bodies()).toEqual(['one']);
  });

  it('has the same id at every attempt, and the time of each', async () => {
    receiver.answer(() => (receiver.received.length < 3 ? 503 : 204));
    await stand.workOut(await stand.laneWith(receiver, 'one'));
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    const times = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect([ids.length, new Set(ids).size, new Set(times).size]).toEqual([3, 1, 3]);
  });
});

describe('a receiver that fails', () => {
  const everyWaitMs = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024].map((seconds) => seconds * 1_000);

  it.each([500, 503, 404, 401, 403, 408, 425, 429, 302])(
    'with %i is tried as often as any',
    async (status) => {
      cites('A2A-4.3.3-attempts');
      receiver.answer((_, response) => {
        response.writeHead(status, { location: `${receiver.url}/elsewhere` }).end();
        return undefined;
      });
      const pushId = await stand.laneWith(receiver, 'one');
      expect(await stand.workOut(pushId)).toEqual(everyWaitMs);
      const problem = status === 302 ? 'redirect' : `status_${status}`;
      expect(await stand.dead()).toMatchObject([{ problem, attempts: 12 }]);
      const targets = receiver.received.map(({ target }) => target);
      expect(targets).toEqual(targets.map(() => `/${pushId}`));
    },
  );

  it.each([400, 413, 415, 422])('with %i, for what it is sent, is tried three times', async (status) => {
    receiver.answer(() => status);
    expect(await stand.workOut(await stand.laneWith(receiver, 'one'))).toEqual([1_000, 2_000]);
    expect(await stand.dead()).toMatchObject([{ problem: `status_${status}`, attempts: 3 }]);
  });

  it('with 410 wants no more, and is not tried again', async () => {
    receiver.answer(() => 410);
    expect(await stand.workOut(await stand.laneWith(receiver, 'one'))).toEqual([]);
    expect(await stand.dead()).toMatchObject([{ problem: 'status_410', attempts: 1 }]);
  });

  it('is not tried before it wishes', async () => {
    receiver.answer((_, response) => {
      const first = receiver.received.length === 1;
      const wish = first ? '120' : new Date(stand.clock.nowMs() + 300_000).toUTCString();
      if (receiver.received.length > 2) return 204;
      response.writeHead(503, { 'retry-after': wish }).end();
      return undefined;
    });
    const [first, second = 0] = await stand.workOut(await stand.laneWith(receiver, 'one'));
    expect(first).toBe(120_000);
    expect(Math.abs(second - 300_000)).toBeLessThanOrEqual(1_000); // Dates have no milliseconds.
  });

  it('by silence is left alone in time', async () => {
    receiver.answer(() => undefined);
    const worker = stand.worker({ settings: { ...pushSettings, timeoutMs: 50, maxAttempts: 1 } });
    await worker.work(await stand.laneWith(receiver, 'one'));
    expect(await stand.dead()).toMatchObject([{ problem: 'timeout' }]);
  });

  it('by hanging up, or by not being there, is tried again', async () => {
    const pushId = await stand.laneWith(receiver, 'one');
    receiver.answer((_, response) => void response.destroy());
    const next = await stand.worker().work(pushId);
    expect(next?.dueAtMs).toBeGreaterThan(stand.clock.nowMs() - 1);
    await receiver.close();
    stand.pass(1_000);
    expect(await stand.worker().work(pushId)).toBeDefined();
    const problems = stand.logged.map(({ problem }) => problem);
    expect(problems).toEqual(['reset', 'unreachable']);
  });

  it('for too long is given up for its age', async () => {
    receiver.answer(() => 503);
    const settings = { ...pushSettings, maxAgeMs: 10_000 };
    expect(await stand.workOut(await stand.laneWith(receiver, 'one'), stand.worker({ settings }))).toEqual([
      1_000, 2_000, 4_000,
    ]);
    expect(await stand.dead()).toMatchObject([{ attempts: 4 }]);
  });
});
