import { paginateScan } from '@aws-sdk/client-dynamodb';
import { factsOf, fromFactAttributes, toEntries } from '../../src/store/dynamodb/agent-entry.ts';
import { fromHeadItem, headKey, partKeys, toAgent } from '../../src/store/dynamodb/agent-head.ts';
import type { Item, Key } from '../../src/store/dynamodb/item.ts';
import { dynamoClient } from './tables.ts';

/**
 * What is wrong with a table nobody writes to: an agent or permission without each of its entries, an entry that says
 * something else than its document, a part, entry or version of nobody. Empty: nothing.
 */
export async function flawsOf(endpoint: string, tableName: string): Promise<string[]> {
  const client = dynamoClient(endpoint);
  const items = new Map<string, Item>();
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    for (const item of page.Items ?? []) items.set(nameOf(keyOf(item)), item);
  }
  client.destroy();
  const flaws: string[] = [];
  const expected = new Set<string>();
  const expect = (key: Key, isAsItShould: (item: Item) => boolean) => {
    expected.add(nameOf(key));
    const item = items.get(nameOf(key));
    if (item === undefined || !isAsItShould(item)) flaws.push(`wrong or absent: ${nameOf(key)}`);
  };
  for (const item of items.values()) {
    const { pk, sk } = keyOf(item);
    if (sk === 'permission') {
      expect({ pk, sk }, () => true);
      expect({ pk: 'permissions', sk: pk.slice('permission#'.length) }, () => true);
    }
    if (pk.startsWith('agent#') && sk === 'agent') checkAgent(item, items, expect);
  }
  for (const name of items.keys()) if (!expected.has(name)) flaws.push(`of nobody: ${name}`);
  return flaws;
}

function checkAgent(
  head: Item,
  items: ReadonlyMap<string, Item>,
  expect: (key: Key, isAsItShould: (item: Item) => boolean) => void,
): void {
  const { parts, history, cardVersion } = fromHeadItem(head);
  const keys = partKeys(keyOf(head), 0, parts);
  const agent = toAgent(
    head,
    keys.map((key) => items.get(nameOf(key)) ?? {}),
  );
  expect(
    keyOf(head),
    () => agent?.cardVersion === cardVersion && headKey(agent.agentId)?.pk === keyOf(head).pk,
  );
  for (const key of keys) expect(key, () => true);
  const versions = [...items.values()].filter((item) => keyOf(item).pk === history);
  for (const item of versions) expect(keyOf(item), () => true);
  const served = versions.some(({ sk }) => sk?.S?.endsWith(`0${cardVersion}`));
  if (history !== undefined) expect(keyOf(head), () => served);
  if (agent === undefined) return;
  const facts = JSON.stringify(factsOf(agent));
  for (const entry of toEntries(agent.agentId, factsOf(agent))) {
    expect(keyOf(entry), (item) => JSON.stringify(fromFactAttributes(item)) === facts);
  }
}

function keyOf(item: Item): Key {
  return { pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' };
}

function nameOf({ pk, sk }: Key): string {
  return `${pk} | ${sk}`;
}
