import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Upstream } from '../../src/ports.ts';
import type { DialTarget } from '../../src/upstream/dial.ts';
import { cites } from '../support/cites.ts';
import { type PushStand, startPushStand } from '../support/push-stand.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { upstream } from '../support/upstream-servers.ts';
import { names, texts } from './ssrf-catalogue.ts';

/** Webhooks that are a way into the network, as they are called: whatever was let in when they were set. */

let stand: PushStand;
let receiver: Receiver;

beforeEach(async () => {
  cites('A2A-13.2-addresses');
  [stand, receiver] = await Promise.all([startPushStand(), startReceiver()]);
});
afterEach(() => receiver.close());

/** The way out of production, which opens nothing: where it would connect is noted. */
function watched(answers: string[][]): { webhooks: Upstream; dialled: DialTarget[] } {
  const dialled: DialTarget[] = [];
  let asked = 0;
  const webhooks = upstream({
    rules: {},
    resolve: async () =>
      (answers[asked++] ?? answers.at(-1) ?? []).map((address) => ({
        address,
        family: address.includes(':') ? 6 : 4,
      })),
    async dial(target): Promise<Socket> {
      dialled.push(target);
      throw Object.assign(new Error('not here'), { code: 'ECONNREFUSED', syscall: 'connect' });
    },
  });
  return { webhooks, dialled };
}

/** What becomes of a notification to this address: how it ends, and where was connected. */
async function deliveredTo(url: string, answers: string[][] = [['8.8.8.8']]) {
  const { webhooks, dialled } = watched(answers);
  const pushId = await stand.webhook({ url, token: 'secret' });
  await stand.accept(pushId, '{"task":{}}');
  await stand.workOut(pushId, stand.worker({ webhooks }));
  return { dead: await stand.dead(), dialled };
}

describe('a webhook that aims inside', () => {
  for (const [trick, [, ...urls]] of Object.entries(texts)) {
    it(`by ${trick} is a dead letter, and nothing is connected`, async () => {
      for (const url of urls) expect((await deliveredTo(url)).dialled).toEqual([]);
      const dead = await stand.dead();
      expect(dead.map(({ problem, attempts }) => [problem, attempts])).toEqual(
        urls.map(() => ['address', 1]),
      );
    });
  }

  it.each(names)('by %s is a dead letter, and nothing is connected', async (_, _rule, host, addresses) => {
    const { dead, dialled } = await deliveredTo(`https://${host}/`, [addresses]);
    expect(dead).toMatchObject([{ problem: 'address', attempts: 1 }]);
    expect(dialled).toEqual([]);
  });

  it('only after it was set, by rebinding, is a dead letter, and nothing is connected', async () => {
    const { webhooks, dialled } = watched([['8.8.8.8'], ['169.254.169.254']]);
    const url = 'https://rebind.example/';
    expect(await webhooks.check(new URL(url))).toBeUndefined();
    const pushId = await stand.webhook({ url });
    await stand.accept(pushId, '{"task":{}}');
    await stand.workOut(pushId, stand.worker({ webhooks }));
    expect(await stand.dead()).toMatchObject([{ problem: 'address', attempts: 1 }]);
    expect(dialled).toEqual([]);
  });

  it('only at a later attempt, by rebinding, is given up there', async () => {
    const { dead, dialled } = await deliveredTo('https://rebind.example/', [['8.8.8.8'], ['10.0.0.1']]);
    expect(dead).toMatchObject([{ problem: 'address', attempts: 2 }]);
    expect(dialled.map(({ address }) => address)).toEqual(['8.8.8.8']);
  });
});

describe('a receiver that sends us on', () => {
  it.each([301, 302, 303, 307, 308])('with %i is asked no further, there or elsewhere', async (status) => {
    const other = await startReceiver();
    receiver.answer((_, response) => {
      response
        .writeHead(status, { location: `${other.url}/latest/meta-data/`, refresh: `0; url=${other.url}` })
        .end();
      return undefined;
    });
    await stand.workOut(await stand.laneWith(receiver, '{"task":{}}'));
    await other.close();
    expect(other.received).toEqual([]);
    expect(await stand.dead()).toMatchObject([{ problem: 'redirect' }]);
  });
});

describe('a receiver that lies', () => {
  it('in an answer without an end holds nobody up, and none of it is kept', async () => {
    let written = 0;
    receiver.answer((_, response) => {
      response.writeHead(500, { 'x-secret': 'secret-header' });
      const flood = () => {
        while (!response.destroyed && written < 50_000_000 && response.write('secret-answer'.repeat(1_000)))
          written += 13_000;
      };
      response.on('drain', flood);
      flood();
      return undefined;
    });
    const pushId = await stand.laneWith(receiver, '{"task":{}}');
    expect(await stand.worker().work(pushId)).toBeDefined();
    expect(written).toBeLessThan(10_000_000);
    expect(JSON.stringify(stand.logged)).not.toContain('secret');
  });

  it('in its Retry-After holds up its lane for an hour at most', async () => {
    for (const wish of [
      '999999999',
      'Fri, 31 Dec 9999 23:59:59 GMT',
      '-1',
      'soon',
      '1e9',
      `${'9'.repeat(400)}`,
    ]) {
      receiver.answer((_, response) => {
        response.writeHead(429, { 'retry-after': wish }).end();
        return undefined;
      });
      const next = await stand.worker().work(await stand.laneWith(receiver, '{"task":{}}'));
      expect((next?.dueAtMs ?? Number.POSITIVE_INFINITY) - stand.clock.nowMs()).toBeLessThanOrEqual(
        3_600_000,
      );
    }
  });
});
