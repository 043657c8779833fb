import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { contextsOf, kim, lee, nowMs, taking, tasksOf, times } from '../contract/ownership-fixtures.ts';
import { ownershipContract } from '../contract/ownership-store.ts';
import { runChild } from './children.ts';
import { type Fault, startFaultProxy } from './fault-proxy.ts';
import { newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

const rounds = 50;

describeWith(['java'], 'DynamoDB Local', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());

  ownershipContract('dynamodb', {
    async open() {
      const tableName = await newTable(server.endpoint);
      const [one, two] = [storeOn(server.endpoint, tableName), storeOn(server.endpoint, tableName)];
      return {
        stores: [one.ownership, two.ownership],
        async close() {
          await Promise.all([one.close(), two.close()]);
        },
      };
    },
    propertyRuns: 12,
  });

  describe('two processes on one table', () => {
    it('let one of them have each id, and the other nothing of what it asked for with it', async () => {
      const tableName = await newTable(server.endpoint);
      const racers = [0, 1].map(() => runChild('racer.ts', [server.endpoint, tableName]));
      await Promise.all(racers.map((racer) => racer.line()));
      const store = storeOn(server.endpoint, tableName);
      for (let n = 0; n < rounds; n++) {
        const race = [kim, lee].map((holder, at) => {
          const taken = taking([`${holder.ownerKey}-${n}`, `t${n}`], [`c${n}`]);
          return racers[at]?.ask(JSON.stringify(['ownership', 'take', holder, taken, times]));
        });
        const won = (await Promise.all(race)).map((answer) => answer === 'true');
        expect(won.filter(Boolean)).toHaveLength(1);
        for (const [at, holder] of [kim, lee].entries()) {
          const ids = [...tasksOf(`${holder.ownerKey}-${n}`, `t${n}`), ...contextsOf(`c${n}`)];
          expect(await store.ownership.held(holder, ids, nowMs)).toEqual(ids.map(() => won[at]));
        }
      }
      await store.close();
    });
  });

  describe('a table that fails', () => {
    const faults: readonly Fault[] = ['throttle', 'server error', 'lost answer'];
    for (const fault of faults) {
      it(`keeps what was acknowledged, and gives nothing to two: every third call meets ${fault}`, async () => {
        const proxy = await startFaultProxy(server.endpoint, (_, n) => (n % 3 === 2 ? fault : undefined));
        const tableName = await newTable(server.endpoint);
        const [faulty, direct] = [storeOn(proxy.endpoint, tableName), storeOn(server.endpoint, tableName)];
        const outcomes = await Promise.all(
          Array.from({ length: rounds }, async (_, n) => {
            const ids = [`t${n % 20}`, ...(n % 3 === 0 ? [`u${n % 20}`] : [])];
            const holder = n % 2 === 0 ? kim : lee;
            const won = await faulty.ownership.take(holder, taking(ids), times).catch(() => 'error' as const);
            return { holder, ids, won };
          }),
        );
        expect(proxy.met[fault]).toBeGreaterThan(rounds / 2);
        expect(outcomes.filter(({ won }) => won === true).length).toBeGreaterThan(rounds / 4);
        for (const { holder, ids, won } of outcomes) {
          const other = holder === kim ? lee : kim;
          const isHeld = await direct.ownership.held(holder, tasksOf(...ids), nowMs);
          const isOthers = await direct.ownership.held(other, tasksOf(...ids), nowMs);
          if (won === true) expect([isHeld, isOthers]).toEqual([ids.map(() => true), ids.map(() => false)]);
          expect(isHeld.some((held, at) => held && isOthers[at])).toBe(false);
          // What failed halfway can be taken by who began it, or by who else has it.
          expect(isOthers.includes(true) || (await direct.ownership.take(holder, taking(ids), times))).toBe(
            true,
          );
        }
        await Promise.all([faulty.close(), direct.close(), proxy.close()]);
      });
    }
  });
});
