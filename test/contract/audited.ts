import { expect, it } from 'vitest';
import type { Store } from '../../src/store/port.ts';
import { type Audited, type AuditSegment, maxSegmentBytes } from '../../src/store/ports/audit.ts';
import type { Revocation } from '../../src/store/ports/revocations.ts';
import { chainOf, findings, nowMs as segmentsAtMs } from './audit-fixtures.ts';
import { aConfig, aDelivery, aLease, dead, nowMs } from './push-samples.ts';
import { anAgent, aPermission } from './store-samples.ts';

/** A write of management. */
interface Write {
  name: string;
  /** What has to be there. */
  prepare(store: Store): Promise<unknown>;
  /** Truthy where it is done. */
  write(store: Store, audited: Audited): Promise<unknown>;
  /** What it changes. */
  state(store: Store): Promise<unknown>;
}

const agentState = (store: Store) =>
  Promise.all([store.agents.get('a'), store.agents.list({}, { size: 10 })]);
const permissionState = (store: Store) =>
  Promise.all([store.permissions.get('demo'), store.permissions.list({ size: 10 })]);
const letterState = (store: Store) =>
  Promise.all([store.push.outbox.deadLetters({}, { size: 10 }, nowMs), store.push.outbox.due(nowMs, 10)]);

const revocationState = (store: Store) =>
  Promise.all([store.revocations.snapshot(nowMs), store.revocations.version()]);

const aRevocation: Revocation = {
  ...{ revocationId: 'r', kind: 'principal', issuer: 'https://issuer.test', id: 'kim', createdAtMs: nowMs },
  createdBy: { issuer: 'https://issuer.test', subject: 'lee' },
};
const changedAgent = { ...anAgent('a'), revision: 2, tags: ['x'], cardVersion: 2 };
const changedPermission = { ...aPermission('demo'), revision: 2 };

async function bury({ push: { configs, outbox } }: Store): Promise<void> {
  const lease = aLease('l');
  await configs.put(aConfig('p'), 10);
  await outbox.add(aDelivery('d'), 10);
  const taken = await outbox.take('p', lease, nowMs);
  if (taken !== undefined) await outbox.bury(taken, lease, dead);
  await outbox.release('p', lease);
}

const nothing = async () => {};
const agent = (store: Store) => store.agents.create(anAgent('a'));
const revocation = (store: Store) => store.revocations.create(aRevocation, 10);
const permission = (store: Store) => store.permissions.create(aPermission('demo'));

const writes: Write[] = [
  {
    ...{ name: 'an agent created', prepare: nothing, state: agentState },
    write: (store, audited) => store.agents.create(anAgent('a'), audited),
  },
  {
    ...{ name: 'an agent replaced', prepare: agent, state: agentState },
    write: (store, audited) => store.agents.replace(changedAgent, 1, audited),
  },
  {
    ...{ name: 'an agent deleted', prepare: agent, state: agentState },
    write: (store, audited) => store.agents.delete('a', 1, audited),
  },
  {
    ...{ name: 'a permission created', prepare: nothing, state: permissionState },
    write: (store, audited) => store.permissions.create(aPermission('demo'), audited),
  },
  {
    ...{ name: 'a permission replaced', prepare: permission, state: permissionState },
    write: (store, audited) => store.permissions.replace(changedPermission, 1, audited),
  },
  {
    ...{ name: 'a permission deleted', prepare: permission, state: permissionState },
    write: (store, audited) => store.permissions.delete('demo', undefined, audited),
  },
  {
    ...{ name: 'a dead letter revived', prepare: bury, state: letterState },
    write: (store, audited) => store.push.outbox.revive('d', nowMs, audited),
  },
  {
    ...{ name: 'a dead letter dropped', prepare: bury, state: letterState },
    write: (store, audited) => store.push.outbox.dropDeadLetter('d', audited),
  },
  {
    ...{ name: 'a revocation made', prepare: nothing, state: revocationState },
    write: (store, audited) => store.revocations.create(aRevocation, 10, audited),
  },
  {
    ...{ name: 'a revocation lifted', prepare: revocation, state: revocationState },
    write: (store, audited) => store.revocations.delete('r', audited),
  },
];

/** What every adapter promises of writes that take a segment of the trail along: both or neither. */
export function auditedContract(store: () => Store, cardBytes = 2 ** 20): void {
  async function scanned(): Promise<AuditSegment[]> {
    const all: AuditSegment[] = [];
    for await (const segment of await store().audit.scan()) all.push(segment);
    return all;
  }

  for (const { name, prepare, write, state } of writes) {
    it(`keeps ${name} and its segment`, async () => {
      await prepare(store());
      const before = await state(store());
      const [one, two] = (await chainOf('11111111-aaaa', 2)) as [AuditSegment, AuditSegment];
      await store().audit.append(one, []);
      expect(await write(store(), { audit: two })).toBeTruthy();
      expect(await state(store())).not.toEqual(before);
      expect(await scanned()).toStrictEqual([one, two]);
      expect(await findings(store().audit, segmentsAtMs + 3_600_000)).toEqual([]);
    });

    it(`keeps neither ${name} in vain nor its segment`, async () => {
      await prepare(store());
      const [one, two] = (await chainOf('11111111-aaaa', 2)) as [AuditSegment, AuditSegment];
      expect(await write(store(), { audit: one })).toBeTruthy();
      const before = await state(store());
      expect(await write(store(), { audit: two })).toBeFalsy();
      expect(await state(store())).toEqual(before);
      expect(await scanned()).toStrictEqual([one]);
    });

    it(`fails to make ${name} where its chain has a segment of that number`, async () => {
      await prepare(store());
      const before = await state(store());
      const [one] = (await chainOf('11111111-aaaa', 1)) as [AuditSegment];
      await store().audit.append({ ...one, seal: 'another' }, []);
      for (const audit of [one, { ...one, seal: 'another' }])
        await expect(write(store(), { audit })).rejects.toMatchObject({ problem: 'corrupt' });
      expect(await state(store())).toEqual(before);
      expect(await scanned()).toStrictEqual([{ ...one, seal: 'another' }]);
    });
  }

  it('keeps the largest change of an agent and the largest segment', async () => {
    const tagsOf = (letter: string) =>
      Array.from({ length: 40 }, (_, n) => `${letter}${n}`.padEnd(64, letter));
    const card = (text: string) => ({ ...anAgent('a').card, description: text.repeat(cardBytes) });
    const before = {
      ...anAgent('a'),
      ...{ tags: tagsOf('x'), card: card('x') },
      candidate: { card: card('z'), cardWarnings: [], cardFetchedAtMs: 1, digest: 'd', risks: [] },
    };
    const { candidate: _, ...rest } = before;
    const after = {
      ...rest,
      ...{ revision: 2, status: 'inactive' as const, tags: tagsOf('y'), card: card('y'), cardVersion: 2 },
      owner: { issuer: 'https://issuer.test', subject: 'lee' },
    };
    const [one, two, three] = (await chainOf('11111111-aaaa', 3)).map((segment) => ({
      ...segment,
      records: 'é'.repeat(maxSegmentBytes / 2),
    })) as [AuditSegment, AuditSegment, AuditSegment];
    expect(await store().agents.create(before, { audit: one })).toBe(true);
    expect(await store().agents.replace(after, 1, { audit: two })).toBe(true);
    expect(await store().agents.get('a')).toEqual(after);
    expect(await store().agents.delete('a', 2, { audit: three })).toBe(true);
    expect(await scanned()).toStrictEqual([one, two, three]);
  });
}
