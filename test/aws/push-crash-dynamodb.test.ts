import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { createDynamoStore } from '../../src/store/dynamodb/store.ts';
import type { Delivery, PushStore } from '../../src/store/ports/push.ts';
import { aConfig, aDelivery, aLease, dead, holder, nowMs, unbound } from '../contract/push-samples.ts';
import { pushFlawsOf } from './push-table-check.ts';
import { dynamoClient, newTable } from './tables.ts';
import { describeWith } from './tools.ts';

const lease = aLease('dies');

interface Noted {
  added: string[];
  received: string[];
}

/** Every step there is. Noted is what has been acknowledged, and what a receiver has seen. */
async function live({ configs, outbox }: PushStore, noted: Noted) {
  const add = async (deliveryId: string) => {
    if (await outbox.add(aDelivery(deliveryId), 10)) noted.added.push(deliveryId);
  };
  const work = async (end: (delivery: Delivery) => Promise<unknown>) => {
    const taken = await outbox.take('p', lease, nowMs);
    if (taken !== undefined) await end(taken);
  };
  await configs.put(unbound('p', { configId: 'c' }), 10);
  await add('1');
  await add('2');
  await configs.put(aConfig('q', { configId: 'c' }), 10);
  await configs.bind('p', 'task');
  await work((delivery) => {
    noted.received.push(delivery.deliveryId);
    return outbox.delivered(delivery, lease);
  });
  await add('3');
  await work((delivery) => outbox.bury(delivery, lease, { ...dead, expiresAtMs: nowMs + 9_000_000 }));
  await outbox.release('p', lease);
  await outbox.revive('2', nowMs);
  await work((delivery) => outbox.postpone(delivery, lease, { dueAtMs: nowMs + 1, problem: 'status' }));
  await configs.put(aConfig('r'), 10);
  await configs.put(aConfig('s', { configId: aConfig('r').configId }), 10);
  await configs.delete('s');
}

/** Lets the client send so many commands. The next one is not sent, or its answer never comes; then nothing works. */
function dieAfter(client: DynamoDBClient, commands: number, isSent: boolean): { sent(): number } {
  let sent = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      sent += 1;
      if (sent > commands + (isSent ? 1 : 0)) throw new Error('dead');
      const answer = await next(args);
      if (isSent && sent > commands) throw new Error('dead');
      return answer;
    },
    { step: 'initialize' },
  );
  return { sent: () => sent };
}

describeWith(['java'], 'a process that dies at any moment', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());

  describe.each([
    { when: 'before a command is sent', isSent: false },
    { when: 'before an answer comes', isSent: true },
  ])('$when', ({ isSent }) => {
    it('leaves every lane whole, and loses nothing that was acknowledged', async () => {
      for (let commands = 0; ; commands++) {
        const tableName = await newTable(server.endpoint);
        const client = dynamoClient(server.endpoint);
        const { sent } = dieAfter(client, commands, isSent);
        const noted = { added: [], received: [] };
        const isOver = await live(createDynamoStore({ client, tableName }).push, noted).then(
          () => true,
          () => false,
        );
        client.destroy();
        const after = dynamoClient(server.endpoint);
        const flaws = await pushFlawsOf(after, tableName);
        expect([commands, sent(), flaws]).toEqual([commands, expect.any(Number), []]);
        expect([
          commands,
          await outcomeOf(createDynamoStore({ client: after, tableName }).push, noted),
        ]).toEqual([commands, 'nothing lost']);
        after.destroy();
        if (isOver) break;
      }
    });
  });
});

/** Another process goes on when the lease of the dead one has ended. */
async function outcomeOf({ outbox, configs }: PushStore, { added, received }: Noted): Promise<string> {
  const atMs = lease.untilMs;
  const other = aLease('goes on', atMs + 1_000);
  const arrived: string[] = [];
  for (let taken: Delivery | undefined; ; ) {
    taken = await outbox.take('p', other, atMs);
    if (taken === undefined) break;
    arrived.push(taken.deliveryId);
    await outbox.delivered(taken, other);
  }
  const letters = (await outbox.deadLetters({}, { size: 10 }, nowMs)).items.map(
    ({ deliveryId }) => deliveryId,
  );
  const known = new Set([...arrived, ...letters, ...received]);
  const lost = added.filter((id) => !known.has(id));
  if (lost.length > 0) return `lost: ${lost}`;
  if ((await outbox.due(atMs, 10)).length > 0) return 'due for ever';
  if ((await configs.ofTask(holder, 'task', { size: 10 }, nowMs)).totalSize > 3) return 'too many';
  return 'nothing lost';
}
