import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import type { Agent } from '../../src/registry/agent.ts';
import { maxTries } from '../../src/store/dynamodb/backoff.ts';
import { createDynamoStore } from '../../src/store/dynamodb/store.ts';
import type { Store } from '../../src/store/port.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { anAgent, aPermission } from '../contract/store.ts';
import { type Fault, type FaultOf, startFaultProxy } from './fault-proxy.ts';
import { flawsOf } from './table-check.ts';
import { localSettings, newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

const faults: readonly Fault[] = ['throttle', 'server error', 'lost answer'];
const writers = 8;
const writesEach = 10;

describeWith(['java'], 'a DynamoDB that fails', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());

  const cases: readonly { title: string; faultOf: FaultOf }[] = [
    ...faults.map((fault) => ({
      title: `every third call meets: ${fault}`,
      faultOf: (_: string, n: number) => (n % 3 === 2 ? fault : undefined),
    })),
    {
      title: 'two of three transactions meet a conflict',
      faultOf: (operation, n) => (operation === 'TransactWriteItems' && n % 3 > 0 ? 'conflict' : undefined),
    },
    { title: 'half of the calls meet one of the faults', faultOf: (_, n) => faults[n % 6] },
  ];
  for (const { title, faultOf } of cases) {
    it(`loses nothing it acknowledged and does nothing it denied: ${title}`, async () => {
      const proxy = await startFaultProxy(server.endpoint, faultOf);
      const tableName = await newTable(server.endpoint);
      const [faulty, direct] = [storeOn(proxy.endpoint, tableName), storeOn(server.endpoint, tableName)];
      const outcomes = await Promise.all(
        Array.from({ length: writers }, (_, n) => writeAndCompare(`a${n}`, n, faulty, direct)),
      );
      expect(Object.values(proxy.met).some((count) => count > writers)).toBe(true);
      // Most are tried again until they are done; an error is allowed, a wrong answer is not.
      expect(outcomes.flat().filter((outcome) => outcome !== 'error').length).toBeGreaterThan(
        (writers * writesEach) / 2,
      );
      // What a fault has left of the versions of agents that are gone goes with the next deletion.
      await direct.agents.create(anAgent('last'));
      await direct.agents.delete('last', 1);
      expect(await flawsOf(server.endpoint, tableName)).toEqual([]);
      await Promise.all([faulty.close(), direct.close(), proxy.close()]);
    });
  }

  it('reports a write as won although every first answer is lost', async () => {
    let isFirst = false;
    const loseFirst = (operation: string) => {
      if (operation !== 'TransactWriteItems') return undefined;
      // Writes are one after the other here: every second try is the one after a lost answer.
      isFirst = !isFirst;
      return isFirst ? 'lost answer' : undefined;
    };
    const proxy = await startFaultProxy(server.endpoint, loseFirst);
    const store = storeOn(proxy.endpoint, await newTable(server.endpoint));
    for (let n = 0; n < 20; n++) {
      const tags = [`t${n}`, 'all'];
      expect(await store.agents.create({ ...anAgent(`a${n}`), tags })).toBe(true);
      expect(await store.agents.replace({ ...anAgent(`a${n}`), revision: 2 }, 1)).toBe(true);
      expect(await store.agents.delete(`a${n}`, 2)).toBe(true);
      expect(await store.permissions.create(aPermission('demo'))).toBe(true);
      expect(await store.permissions.replace({ ...aPermission('demo'), revision: 2 }, 1)).toBe(true);
      expect(await store.permissions.delete('demo')).toBe(true);
    }
    // The deletion of an agent is three: of itself, of the versions of its card, of the note that they are left.
    expect(proxy.met['lost answer']).toBe(160);
    await Promise.all([store.close(), proxy.close()]);
  });

  it('gives a write up after a while of conflicts with others', async () => {
    const isWrite = (operation: string) => operation === 'TransactWriteItems';
    const proxy = await startFaultProxy(server.endpoint, (operation) =>
      isWrite(operation) ? 'conflict' : undefined,
    );
    const store = storeOn(proxy.endpoint, await newTable(server.endpoint));
    await expect(store.agents.create(anAgent('a'))).rejects.toMatchObject({ problem: 'busy' });
    expect(proxy.met.conflict).toBe(maxTries);
    await Promise.all([store.close(), proxy.close()]);
  });

  describe('and does not come back', () => {
    const failing: readonly [fault: Fault, problem: string][] = [
      ['throttle', 'busy'],
      ['server error', 'failed'],
      ['lost answer', 'failed'],
    ];
    for (const [fault, problem] of failing) {
      it(`is a StoreError in one line: ${fault}`, async () => {
        const proxy = await startFaultProxy(server.endpoint, () => fault);
        const store = createDynamoStore({
          client: new DynamoDBClient({ ...localSettings, endpoint: proxy.endpoint, maxAttempts: 2 }),
          tableName: await newTable(server.endpoint),
        });
        const calls = [
          () => store.agents.get('s3cret'),
          () => store.agents.create(anAgent('s3cret')),
          () => store.agents.list({ tag: 's3cret', patterns: ['s3cret'] }, { size: 1 }),
          () => store.permissions.delete('s3cret'),
        ];
        for (const call of calls) {
          const error = await call().catch((thrown: unknown) => thrown);
          expect(error).toBeInstanceOf(StoreError);
          expect(error).toMatchObject({ problem, failure: { code: 'store_unavailable' } });
          expect(String(error)).not.toMatch(/s3cret|\n/);
          expect((error as StoreError).cause).toBeInstanceOf(Error);
        }
        await Promise.all([store.close(), proxy.close()]);
      });
    }
  });
});

type State = Agent | undefined;

/** One writer of one agent: every answer and every state afterwards must be one the model allows. */
async function writeAndCompare(agentId: string, seed: number, faulty: Store, direct: Store) {
  const outcomes: ('won' | 'lost' | 'error')[] = [];
  let before: State;
  for (let n = 0; n < writesEach; n++) {
    const write = plannedWrite(agentId, n, (n * 5 + seed) % 7, before);
    const outcome = await write.run(faulty).then(
      (won) => (won ? ('won' as const) : ('lost' as const)),
      (error: unknown) => {
        expect(error).toBeInstanceOf(StoreError);
        return 'error' as const;
      },
    );
    const now = await direct.agents.get(agentId);
    const possible =
      outcome === 'error' && write.holds ? [before, write.after] : [write.holds ? write.after : before];
    expect(possible.some((state) => isDeepStrictEqual(state, now))).toBe(true);
    if (outcome !== 'error') expect(outcome).toBe(write.holds ? 'won' : 'lost');
    outcomes.push(outcome);
    before = now;
  }
  return outcomes;
}

interface PlannedWrite {
  run(store: Store): Promise<boolean>;
  /** Whether its condition holds. */
  holds: boolean;
  /** The state after it, when it does. */
  after: State;
}

function plannedWrite(agentId: string, n: number, kind: number, before: State): PlannedWrite {
  const { revision, cardVersion } = before ?? { revision: 0, cardVersion: 0 };
  const next: Agent = {
    ...anAgent(agentId),
    revision: revision + 1,
    // Every other write brings a card.
    cardVersion: Math.max(1, cardVersion + (n % 2)),
    tags: [`t${n % 3}`, 'all'],
    statusReason: n % 4 === 0 ? 'ä'.repeat(400_000) : `write ${n}`,
  };
  if (kind < 2)
    return { run: (store) => store.agents.create(next), holds: before === undefined, after: next };
  const expected = kind === 6 ? revision + 5 : revision;
  const holds = before !== undefined && expected === revision;
  if (kind === 2) return { run: (store) => store.agents.delete(agentId, expected), holds, after: undefined };
  return { run: (store) => store.agents.replace(next, expected), holds, after: next };
}
