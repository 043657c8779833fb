import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCoveredAgents } from '../src/http/visible.ts';
import type { Store } from '../src/store/port.ts';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { anAgent } from './contract/store.ts';

let folder: string;
let store: Store;
let nowMs = 10_000_000;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'covered-'));
  store = openSqliteStore({ path: join(folder, 'gateway.db') });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

it('what agents are is remembered for two seconds, also where the clock is set back meanwhile', async () => {
  const coveredAgents = createCoveredAgents({ agents: store.agents, clock: { nowMs: () => nowMs } });
  const count = async () => (await coveredAgents({ patterns: ['*'], deniedPatterns: [] })).length;
  await store.agents.create(anAgent('one'));
  expect(await count()).toBe(1);
  await store.agents.create(anAgent('two'));
  nowMs += 1_999;
  expect(await count()).toBe(1);
  nowMs += 1;
  expect(await count()).toBe(2);
  await store.agents.create(anAgent('three'));
  nowMs -= 3_600_000;
  expect(await count()).toBe(3);
});
