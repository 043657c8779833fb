import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { anAgent, aPermission } from '../contract/store.ts';
import { type Child, runChild } from './children.ts';
import { flawsOf } from './table-check.ts';
import { newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

const rounds = 25;

describeWith(['java'], 'several processes on one DynamoDB table', () => {
  let server: LocalServer;
  let tableName: string;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
    tableName = await newTable(server.endpoint);
  });
  afterAll(() => server.close());

  it('let exactly one win each write of an agent', async () => {
    const racers = await twoRacers(server.endpoint, tableName);
    for (let n = 0; n < rounds; n++) {
      const agent = { ...anAgent(`race-${n}`), tags: ['raced', `t${n % 3}`] };
      const changed = (racer: number) => ({ ...agent, revision: 2, tags: [`won-by-${racer}`] });
      expect(await wins(racers, () => ['agents', 'create', agent])).toBe(1);
      expect(await wins(racers, (racer) => ['agents', 'replace', changed(racer), 1])).toBe(1);
      expect(await wins(racers, () => ['agents', 'delete', agent.agentId, 2])).toBe(1);
    }
    expect(await flawsOf(server.endpoint, tableName)).toEqual([]);
  });

  it('let one of a replacement and a deletion win', async () => {
    const racers = await twoRacers(server.endpoint, tableName);
    const { agents } = storeOn(server.endpoint, tableName);
    for (let n = 0; n < rounds; n++) {
      const agent = { ...anAgent(`mixed-${n}`), tags: ['old'] };
      await agents.create(agent);
      const replace = ['agents', 'replace', { ...agent, revision: 2, tags: ['new'] }, 1];
      const remove = ['agents', 'delete', agent.agentId, 1];
      expect(await wins(racers, (racer) => (racer === n % 2 ? replace : remove))).toBe(1);
    }
    expect(await flawsOf(server.endpoint, tableName)).toEqual([]);
  });

  it('let exactly one win each write of a permission', async () => {
    const racers = await twoRacers(server.endpoint, tableName);
    for (let n = 0; n < rounds; n++) {
      const permission = aPermission(`race-${n}`);
      const writes = [
        ['create', permission],
        ['replace', { ...permission, revision: 2 }, 1],
        n % 2 === 0 ? ['delete', permission.scope, 2] : ['delete', permission.scope],
      ];
      for (const write of writes) expect(await wins(racers, () => ['permissions', ...write])).toBe(1);
    }
    expect(await flawsOf(server.endpoint, tableName)).toEqual([]);
  });

  describe('of which one is killed while it writes', () => {
    for (const lines of [1, 30, 60]) {
      it(`have all it acknowledged, and nothing by halves: ${lines} agents`, async () => {
        const table = await newTable(server.endpoint);
        const like = { ...anAgent(''), tags: ['kept', 'first'] };
        const child = runChild('registrar.ts', [server.endpoint, table, JSON.stringify(like)]);
        const acknowledged: string[] = [];
        for (let line = await child.line(); line !== undefined; line = await child.line()) {
          acknowledged.push(line);
          if (acknowledged.length === lines) void child.kill();
        }
        expect(acknowledged.length).toBeGreaterThanOrEqual(lines);
        const { agents } = storeOn(server.endpoint, table);
        for (const id of acknowledged) {
          expect(await agents.get(id)).toMatchObject({ agentId: id, revision: 2, tags: ['kept', 'second'] });
        }
        expect(await flawsOf(server.endpoint, table)).toEqual([]);
        const [all, kept] = [
          await agents.list({}, { size: 1 }),
          await agents.list({ tag: 'kept' }, { size: 1 }),
        ];
        expect(kept.totalSize).toBe(all.totalSize);
        expect((await agents.list({ tag: 'second' }, { size: 1 })).totalSize).toBeGreaterThanOrEqual(
          acknowledged.length,
        );
      });
    }
  });
});

async function twoRacers(endpoint: string, tableName: string): Promise<Child[]> {
  const racers = [0, 1].map(() => runChild('racer.ts', [endpoint, tableName]));
  await Promise.all(racers.map((racer) => racer.line()));
  return racers;
}

/** How many of the racers, told at the same time, say that they won. */
async function wins(
  racers: readonly Child[],
  lineOf: (racer: number) => readonly unknown[],
): Promise<number> {
  const answers = await Promise.all(racers.map((racer, n) => racer.ask(JSON.stringify(lineOf(n)))));
  expect(answers.every((answer) => answer === 'true' || answer === 'false')).toBe(true);
  return answers.filter((answer) => answer === 'true').length;
}
