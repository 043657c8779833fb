import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../src/store/dynamodb/item.ts';
import { dueKey, taskEntryKey, taskPartition } from '../../src/store/dynamodb/push-keys.ts';
import { type LaneItem, readLane } from '../../src/store/dynamodb/push-lane.ts';

/**
 * What is wrong with the webhooks of a table nobody writes to: a lane without what is said of it, something due that is of no
 * lane, a delivery without its content. Empty: nothing. Contents that nobody names and heads of tasks are let pass: they expire.
 */
export async function pushFlawsOf(client: DynamoDBClient, tableName: string): Promise<string[]> {
  const items = new Map<string, Item>();
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true }))
    for (const item of page.Items ?? []) items.set(nameOf(item.pk?.S, item.sk?.S), item);
  const named = new Set<string>();
  const flaws: string[] = [];
  const expect = (pk: string | undefined, sk: string) => {
    named.add(nameOf(pk, sk));
    if (!items.has(nameOf(pk, sk))) flaws.push(`absent: ${nameOf(pk, sk)}`);
  };
  for (const { pk, sk, ...item } of items.values()) {
    if (sk?.S === 'config') {
      expect(pk?.S, 'config');
      expect(pk?.S, 'lane');
      const entry = entryOf(item);
      if (entry !== undefined) expect(entry.pk, entry.sk);
      const lane = await readLane({ client, tableName }, `${item.pushId?.S}`);
      if (lane !== undefined) expectLane(lane, pk?.S, expect);
    }
    if (sk?.S === 'dead') {
      expect(pk?.S, 'dead');
      expect('push-dead-letters', `${item.place?.S}`);
      expect(pk?.S, 'part#00');
    }
  }
  const isLetPass = (name: string) => /^push-(?:delivery#.* part#\d\d|task#.* head)$/.test(name);
  const ofNobody = [...items.keys()].filter((name) => !named.has(name) && !isLetPass(name));
  return [...flaws, ...ofNobody.map((name) => `of nobody: ${name}`)];
}

function expectLane(
  lane: LaneItem,
  pk: string | undefined,
  expect: (pk: string | undefined, sk: string) => void,
): void {
  const { pushId, first, behind, tail, lease } = lane;
  for (let number = tail - behind + 1; number <= tail; number++) expect(pk, `waiting#${number}`);
  if (first === undefined) return;
  expect(`push-delivery#${first.deliveryId}`, 'part#00');
  const due = dueKey(pushId, Math.max(first.dueAtMs, lease?.untilMs ?? 0));
  expect(due.pk, due.sk);
}

function entryOf({ taskId, agentKey, ownerKey, configId }: Item) {
  if (taskId?.S === undefined || taskId.S === '') return undefined;
  const holder = { agentKey: `${agentKey?.S}`, ownerKey: `${ownerKey?.S}` };
  return taskEntryKey(taskPartition(holder, taskId.S.slice(1)), `${configId?.S}`);
}

function nameOf(pk: string | undefined, sk: string | undefined): string {
  return `${pk} ${sk}`;
}
