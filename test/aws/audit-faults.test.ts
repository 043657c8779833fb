import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { createChangeTrail } from '../../src/audit/change-trail.ts';
import { createAuditSeals } from '../../src/audit/seals.ts';
import { verifyTrail } from '../../src/audit/verify.ts';
import type { Store } from '../../src/store/port.ts';
import { aPermission } from '../contract/store.ts';
import { secretsInMemory } from '../support/secrets-in-memory.ts';
import { type Fault, startFaultProxy } from './fault-proxy.ts';
import { newTable, storeOn } from './tables.ts';
import { describeWith } from './tools.ts';

// Throttled calls wait, and the machine may be busy with other tests.
vi.setConfig({ testTimeout: 120_000 });

const faults: readonly Fault[] = ['throttle', 'server error', 'lost answer'];
const writes = 30;

describeWith(['java'], 'changes over a DynamoDB that fails', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startDynamoDbLocal();
  });
  afterAll(() => server.close());

  const seals = createAuditSeals({ secrets: secretsInMemory() });
  const trailOf = () =>
    createChangeTrail({ seals, retentionMs: 3_600_000, clock: { nowMs: Date.now }, newId: randomUUID });

  /** Sets one permission again and again, and answers which revisions the trail has to tell of. */
  async function setAgain(scope: string, faulty: Store, direct: Store): Promise<string[]> {
    const trail = trailOf();
    const done: string[] = [];
    for (let n = 0; n < writes; n++) {
      const before = await direct.permissions.get(scope);
      const after = { ...aPermission(scope), revision: (before?.revision ?? 0) + 1 };
      const requestId = `${scope}-${n}`;
      const by = { issuer: 'https://issuer.test', subject: 'kim' };
      const change = { requestId, by, action: 'permission.set', target: scope };
      const answer = await trail
        .change(change, (audited) =>
          before === undefined
            ? faulty.permissions.create(after, audited)
            : // Every fifth is in vain.
              faulty.permissions.replace(after, n % 5 === 4 ? 999 : before.revision, audited),
        )
        .catch(() => 'error');
      const isThere = (await direct.permissions.get(scope))?.revision === after.revision;
      if (answer !== 'error') expect(answer).toBe(isThere);
      if (isThere) done.push(requestId);
    }
    return done;
  }

  it('are told of exactly where they are done, in chains that are whole', async () => {
    const proxy = await startFaultProxy(server.endpoint, (_, n) => faults[n % 6]);
    const tableName = await newTable(server.endpoint);
    const [faulty, direct] = [storeOn(proxy.endpoint, tableName), storeOn(server.endpoint, tableName)];
    const scopes = ['a', 'b', 'c', 'd'];
    const done = await Promise.all(scopes.map((scope) => setAgain(scope, faulty, direct)));
    const told: string[] = [];
    for await (const { records } of await direct.audit.scan())
      for (const line of records.trimEnd().split('\n')) told.push(JSON.parse(line).requestId);
    expect(told.toSorted()).toEqual(done.flat().toSorted());
    expect(told.length).toBeGreaterThan((scopes.length * writes) / 2);
    const trail = { segments: await direct.audit.scan(), heads: await direct.audit.heads() };
    const findings = [];
    for await (const finding of verifyTrail(trail, seals, Date.now())) findings.push(finding);
    expect(findings).toEqual([]);
    await Promise.all([faulty.close(), direct.close(), proxy.close()]);
  });
});
