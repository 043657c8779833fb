import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { servedVersionOf } from '../../src/registry/card-version.ts';
import { createDynamoStore } from '../../src/store/dynamodb/store.ts';
import type { Store } from '../../src/store/port.ts';
import { anAgent } from '../contract/store.ts';
import { flawsOf } from './table-check.ts';
import { dynamoClient, newTable } from './tables.ts';
import { describeWith } from './tools.ts';

describeWith(['java'], 'the versions of cards in DynamoDB', () => {
  let server: LocalServer;
  let client: DynamoDBClient;
  let tableName: string;
  let store: Store;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    tableName = await newTable(server.endpoint);
    client = dynamoClient(server.endpoint);
    store = createDynamoStore({ client, tableName });
  });
  afterEach(() => store.close());

  const versions = async (agentId = 'a') =>
    (await store.cardVersions.list(agentId, { size: 10 })).items.map(({ version }) => version);

  /** The agent as a release without versions wrote it. */
  async function writeOlder(): Promise<void> {
    await store.agents.create(anAgent('a'));
    const Key = { pk: { S: 'agent#a' }, sk: { S: 'agent' } };
    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key }));
    const { history, cardVersion, ...item } = Item ?? {};
    const { cardVersion: _, cardAcceptedAtMs: __, ...document } = JSON.parse(item.document?.S ?? '{}');
    const older = { ...item, document: { S: JSON.stringify(document) } };
    await client.send(new PutItemCommand({ TableName: tableName, Item: older }));
  }

  it('of an agent that was written before there were any begin with its card', async () => {
    await writeOlder();
    const agent = await store.agents.get('a');
    expect(agent).toStrictEqual(anAgent('a'));
    expect(await versions()).toEqual([1]);
    expect(await store.cardVersions.get('a', 1)).toStrictEqual(servedVersionOf(anAgent('a')));
    expect(await store.cardVersions.get('a', 2)).toBeUndefined();
    const next = { ...anAgent('a'), revision: 2, cardVersion: 2, cardWarnings: ['new'] };
    expect(await store.agents.replace(next, 1)).toBe(true);
    expect(await versions()).toEqual([2, 1]);
    expect(await store.cardVersions.get('a', 1)).toStrictEqual(servedVersionOf(anAgent('a')));
    expect(await store.cardVersions.get('a', 2)).toStrictEqual(servedVersionOf(next));
    expect(await store.agents.replace({ ...next, revision: 3, tags: ['x'] }, 1)).toBe(false);
  });

  it('are found by nobody where a crash has left them, and go with the next agent that is deleted', async () => {
    for (const agentId of ['a', 'b']) await store.agents.create(anAgent(agentId));
    let isDown = true;
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (isDown && commandName === 'QueryCommand') throw new Error('down');
          return next(args);
        },
      { step: 'initialize' },
    );
    expect(await store.agents.delete('a', 1)).toBe(true);
    isDown = false;
    await store.agents.create({ ...anAgent('a'), cardWarnings: ['made again'] });
    expect(await versions()).toEqual([1]);
    expect((await store.cardVersions.get('a', 1))?.cardWarnings).toEqual(['made again']);
    expect(await flawsOf(server.endpoint, tableName)).not.toEqual([]);
    expect(await store.agents.delete('b', 1)).toBe(true);
    expect(await flawsOf(server.endpoint, tableName)).toEqual([]);
  });
});
