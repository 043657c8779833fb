import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAgentPattern, type Permission, patternCovers } from '../../src/access/permission.ts';
import { type Agent, agentStatuses } from '../../src/registry/agent.ts';
import {
  type AgentFilter,
  type HealthRow,
  maxHealthRows,
  type Page,
  type PageRequest,
  type Store,
} from '../../src/store/port.ts';
import { auditContract } from './audit.ts';
import { cardVersionContract } from './card-versions.ts';
import { usageContract } from './usage.ts';

export interface StoreContractOptions {
  /** A store with nothing in it. The suite closes it. */
  open(): Promise<Store>;
  /** Bytes of the largest card tried. Default 1 MiB, the gateway's limit; less only where a test double holds less. */
  cardBytes?: number;
  /** Runs a property. Default 60; less for an adapter whose every write crosses a network. */
  propertyRuns?: number;
}

/** What every adapter of the Store port promises. */
export function storeContract(name: string, options: StoreContractOptions): void {
  describe(`the store contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await options.open();
    });
    afterEach(() => store.close());

    describe('agents', () => agentContract(() => store, options));
    describe('versions of cards', () => cardVersionContract(() => store, options.cardBytes));
    describe('permissions', () => permissionContract(() => store));
    describe('affinities', () => affinityContract(() => store));
    describe('health', () => healthContract(() => store));
    describe('the trail', () => auditContract(() => store));
    describe('what was used', () => usageContract(() => store, options.propertyRuns ?? 60));
  });
}

function agentContract(store: () => Store, options: StoreContractOptions): void {
  it('answers undefined for an id that is not there', async () => {
    expect(await store().agents.get('nobody')).toBeUndefined();
  });

  it('takes any text as an id to look for', async () => {
    for (const id of ['', 'a\0b', '\ud800', "' OR 1=1 --", '%', '*', 'é'.repeat(2_000)]) {
      expect(await store().agents.get(id)).toBeUndefined();
    }
  });

  it('gives back exactly what was created', async () => {
    for (const given of [anAgent('plain'), aFullAgent('full')]) {
      expect(await store().agents.create(given)).toBe(true);
      expect(await store().agents.get(given.agentId)).toStrictEqual(given);
    }
  });

  it('leaves an absent optional member absent', async () => {
    await store().agents.create(anAgent('bare'));
    const kept = await store().agents.get('bare');
    expect(Object.keys(kept ?? {}).toSorted()).toEqual(Object.keys(anAgent('bare')).toSorted());
  });

  it('drops an optional member that a later write leaves out', async () => {
    await store().agents.create({ ...anAgent('a'), statusReason: 'new here', tags: ['x'] });
    await store().agents.replace({ ...anAgent('a'), revision: 2 }, 1);
    expect(await store().agents.get('a')).toStrictEqual({ ...anAgent('a'), revision: 2 });
    expect((await store().agents.list({ tag: 'x' }, { size: 10 })).totalSize).toBe(0);
  });

  it('keeps any text, number and member name of a card', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.jsonValue(), async (text, value) => {
        // Through JSON, because a card came from JSON: -0 is 0 there.
        const params = { value: JSON.parse(JSON.stringify(value)) as unknown };
        const agent = anAgent('a');
        const card = {
          ...agent.card,
          description: text,
          capabilities: { extensions: [{ uri: 'x', params }] },
        };
        const given = { ...agent, statusReason: text, card };
        await store().agents.create(given);
        // Not `toStrictEqual`, which takes a member named `__proto__` for the prototype.
        expect(isDeepStrictEqual(await store().agents.get('a'), given)).toBe(true);
        await store().agents.delete('a', 1);
      }),
      {
        numRuns: options.propertyRuns ?? 60,
        examples: [['\0\u2028\ud800', JSON.parse('{"__proto__":{"a":1},"constructor":[],"":0.1}')]],
      },
    );
  });

  it('keeps a card of the largest size', async () => {
    const agent = anAgent('big');
    const given = {
      ...agent,
      card: { ...agent.card, description: 'ä'.repeat((options.cardBytes ?? 2 ** 20) / 2) },
    };
    expect(await store().agents.create(given)).toBe(true);
    expect(await store().agents.get('big')).toStrictEqual(given);
    expect((await store().agents.list({}, { size: 10 })).items).toStrictEqual([given]);
  });

  it('refuses to create over an id that is taken, and changes nothing', async () => {
    await store().agents.create({ ...anAgent('a'), tags: ['first'] });
    expect(await store().agents.create({ ...anAgent('a'), tags: ['second'], revision: 7 })).toBe(false);
    expect(await store().agents.get('a')).toStrictEqual({ ...anAgent('a'), tags: ['first'] });
    expect((await store().agents.list({ tag: 'second' }, { size: 10 })).items).toEqual([]);
  });

  it('replaces only at the expected revision', async () => {
    const first = anAgent('a');
    const second: Agent = { ...first, revision: 2, status: 'inactive', tags: ['late'] };
    expect(await store().agents.replace(second, 1)).toBe(false);
    await store().agents.create(first);
    expect(await store().agents.replace(second, 2)).toBe(false);
    expect(await store().agents.get('a')).toStrictEqual(first);
    expect((await store().agents.list({ tag: 'late' }, { size: 10 })).items).toEqual([]);
    expect(await store().agents.replace(second, 1)).toBe(true);
    expect(await store().agents.replace({ ...second, revision: 3 }, 1)).toBe(false);
    expect(await store().agents.get('a')).toStrictEqual(second);
  });

  it('deletes only at the expected revision, and then the id is free', async () => {
    expect(await store().agents.delete('a', 1)).toBe(false);
    await store().agents.create({ ...anAgent('a'), tags: ['old'] });
    expect(await store().agents.delete('a', 2)).toBe(false);
    expect(await store().agents.get('a')).toBeDefined();
    expect(await store().agents.delete('a', 1)).toBe(true);
    expect(await store().agents.get('a')).toBeUndefined();
    expect(await store().agents.create(anAgent('a'))).toBe(true);
    expect((await store().agents.list({ tag: 'old' }, { size: 10 })).items).toEqual([]);
  });

  it('lets one of many concurrent writes win', async () => {
    const created = await Promise.all(range(8).map(() => store().agents.create(anAgent('a'))));
    expect(created.filter(Boolean)).toHaveLength(1);
    const next = { ...anAgent('a'), revision: 2 };
    const replaced = await Promise.all(range(8).map(() => store().agents.replace(next, 1)));
    expect(replaced.filter(Boolean)).toHaveLength(1);
    const deleted = await Promise.all(range(8).map(() => store().agents.delete('a', 2)));
    expect(deleted.filter(Boolean)).toHaveLength(1);
  });

  it('answers a page of what is there: no next on the last one, not even when it is full', async () => {
    expect(await store().agents.list({}, { size: 100 })).toStrictEqual({ items: [], totalSize: 0 });
    for (const id of ['c', 'a', 'b', 'd']) await store().agents.create(anAgent(id));
    const first = await store().agents.list({}, { size: 2 });
    expect(first).toStrictEqual({ items: [anAgent('a'), anAgent('b')], next: 'b', totalSize: 4 });
    const last = await store().agents.list({}, { size: 2, after: 'b' });
    expect(last).toStrictEqual({ items: [anAgent('c'), anAgent('d')], totalSize: 4 });
    expect(await store().agents.list({}, { size: 2, after: 'd' })).toStrictEqual({ items: [], totalSize: 4 });
  });

  it('goes on after a key that is not there any more', async () => {
    for (const id of ['a', 'b', 'c']) await store().agents.create(anAgent(id));
    const page = await store().agents.list({}, { size: 1 });
    await store().agents.delete('a', 1);
    const { items } = await store().agents.list({}, { size: 5, ...(page.next && { after: page.next }) });
    expect(items.map((agent) => agent.agentId)).toEqual(['b', 'c']);
  });

  it('refuses a page size outside 1 to 100', async () => {
    for (const size of [0, 101, 1.5, -1, Number.NaN]) {
      await expect(store().agents.list({}, { size })).rejects.toThrow(TypeError);
      await expect(store().agents.ids({}, { size })).rejects.toThrow(TypeError);
      await expect(store().permissions.list({ size })).rejects.toThrow(TypeError);
    }
  });

  it('covers nothing with an empty list of patterns', async () => {
    await store().agents.create(anAgent('a'));
    expect(await store().agents.list({ patterns: [] }, { size: 10 })).toStrictEqual({
      items: [],
      totalSize: 0,
    });
  });

  it('takes hundreds of patterns', async () => {
    for (const id of ['a-1', 'b-2', 'c-3', 'd-4'])
      await store().agents.create({ ...anAgent(id), tags: [id] });
    const patterns = range(900).map((n) => [`none-${n}`, `none-${n}-*`, `tag:none-${n}`][n % 3] ?? '');
    const page = await store().agents.list(
      { patterns: [...patterns, 'a-*', 'tag:b-2', 'c-3'] },
      { size: 10 },
    );
    expect(page.items.map((agent) => agent.agentId)).toEqual(['a-1', 'b-2', 'c-3']);
    expect(page.totalSize).toBe(3);
  });

  it('does not take one tag or owner for another', async () => {
    const texts = [
      'é',
      'e\u0301',
      'É',
      'a\0b',
      'a\0c',
      '\ud800',
      '\ud801',
      '\ufffd',
      '',
      ' ',
      '"',
      '\\',
      '\\"',
      '😀',
    ];
    for (const [n, text] of texts.entries()) {
      await store().agents.create({
        ...anAgent(`a${n}`),
        tags: [text],
        owner: { issuer: text, subject: text },
      });
    }
    for (const [n, text] of texts.entries()) {
      const filters = [
        { tag: text },
        { owner: { issuer: text, subject: text } },
        { patterns: [`tag:${text}`] },
      ];
      for (const filter of filters) {
        const { items } = await store().agents.list(filter, { size: 100 });
        expect(items.map((agent) => agent.agentId)).toEqual([`a${n}`]);
      }
    }
  });

  it('lists exactly what every filter and any pattern covers, in order, however it is paged', async () => {
    await fc.assert(
      fc.asyncProperty(population, filters, fc.integer({ min: 1, max: 5 }), async (agents, filter, size) => {
        for (const agent of agents) await store().agents.create(agent);
        const expected = agents.filter((agent) => matches(agent, filter)).toSorted(byId);
        const pages = await allPages((page) => store().agents.list(filter, page), size);
        const idPages = await allPages((page) => store().agents.ids(filter, page), size);
        for (const agent of agents) await store().agents.delete(agent.agentId, agent.revision);
        expect(pages.flatMap((page) => page.items)).toStrictEqual(expected);
        expect(new Set(pages.map((page) => page.totalSize))).toEqual(new Set([expected.length]));
        expect(pages.slice(0, -1).every((page) => page.items.length === size)).toBe(true);
        const idsOf = (page: Page<Agent>) => ({ ...page, items: page.items.map(({ agentId }) => agentId) });
        expect(idPages).toStrictEqual(pages.map(idsOf));
      }),
      { numRuns: options.propertyRuns ?? 60 },
    );
  });
}

function permissionContract(store: () => Store): void {
  it('gives back exactly what was created', async () => {
    const full = {
      ...aPermission('full'),
      description: 'für alle 😀',
      allowedAgents: ['a', 'hr-*', 'tag:x'],
    };
    for (const given of [aPermission('bare'), full]) {
      expect(await store().permissions.create(given)).toBe(true);
      expect(await store().permissions.get(given.scope)).toStrictEqual(given);
    }
    expect(await store().permissions.get('nobody')).toBeUndefined();
  });

  it('takes any text as a scope to look for', async () => {
    for (const scope of ['', 'a\0b', '\ud800', "' OR 1=1 --"]) {
      expect(await store().permissions.get(scope)).toBeUndefined();
    }
  });

  it('refuses to create over a scope that is taken, and changes nothing', async () => {
    await store().permissions.create(aPermission('demo'));
    expect(await store().permissions.create({ ...aPermission('demo'), revision: 9 })).toBe(false);
    expect(await store().permissions.get('demo')).toStrictEqual(aPermission('demo'));
  });

  it('replaces only at the expected revision', async () => {
    const next: Permission = { ...aPermission('demo'), revision: 2, operations: ['read'] };
    expect(await store().permissions.replace(next, 1)).toBe(false);
    await store().permissions.create(aPermission('demo'));
    expect(await store().permissions.replace(next, 2)).toBe(false);
    expect(await store().permissions.get('demo')).toStrictEqual(aPermission('demo'));
    expect(await store().permissions.replace(next, 1)).toBe(true);
    expect(await store().permissions.get('demo')).toStrictEqual(next);
  });

  it('deletes at the expected revision, or at any when none is given', async () => {
    expect(await store().permissions.delete('demo')).toBe(false);
    await store().permissions.create(aPermission('demo'));
    expect(await store().permissions.delete('demo', 2)).toBe(false);
    expect(await store().permissions.delete('demo', 1)).toBe(true);
    expect(await store().permissions.get('demo')).toBeUndefined();
    await store().permissions.create({ ...aPermission('demo'), revision: 5 });
    expect(await store().permissions.delete('demo')).toBe(true);
    expect(await store().permissions.delete('demo')).toBe(false);
  });

  it('lets one of many concurrent writes win', async () => {
    const created = await Promise.all(range(8).map(() => store().permissions.create(aPermission('demo'))));
    expect(created.filter(Boolean)).toHaveLength(1);
    const next = { ...aPermission('demo'), revision: 2 };
    const replaced = await Promise.all(range(8).map(() => store().permissions.replace(next, 1)));
    expect(replaced.filter(Boolean)).toHaveLength(1);
  });

  it('lists in the order of scopes, however it is paged', async () => {
    const scopes = ['demo', 'Demo', 'api://x/read', 'a.b', 'a-b', 'a:b', 'zz', 'demo2', '~'];
    for (const scope of scopes) await store().permissions.create(aPermission(scope));
    for (const size of [1, 2, 3, 4, 9, 100]) {
      const pages = await allPages((page) => store().permissions.list(page), size);
      expect(pages.flatMap((page) => page.items)).toStrictEqual(scopes.toSorted().map(aPermission));
      expect(new Set(pages.map((page) => page.totalSize))).toEqual(new Set([scopes.length]));
    }
  });
}

function affinityContract(store: () => Store): void {
  const keys = range(3).map((n) => `${n}`.repeat(64));
  const [first = '', second = '', third = ''] = keys;
  // Whole seconds: an adapter may round up to them.
  const atMs = 1_800_000_000_000;
  const kept = () => Promise.all(keys.map((key) => store().affinities.get(key)));

  it('answers undefined for a key that is not there', async () => {
    expect(await kept()).toEqual([undefined, undefined, undefined]);
  });

  it('gives back every place that was put', async () => {
    const places = [
      { key: first, place: 'https://a.test' },
      { key: second, place: 'b'.repeat(128) },
    ];
    await store().affinities.put(places, atMs);
    expect(await kept()).toEqual([
      { place: 'https://a.test', expiresAtMs: atMs },
      { place: 'b'.repeat(128), expiresAtMs: atMs },
      undefined,
    ]);
  });

  it('keeps what was put last, place and time', async () => {
    await store().affinities.put([{ key: first, place: 'a' }], atMs);
    expect(await store().affinities.get(first)).toEqual({ place: 'a', expiresAtMs: atMs });
    await store().affinities.put([{ key: first, place: 'b' }], atMs + 5_000);
    expect(await store().affinities.get(first)).toEqual({ place: 'b', expiresAtMs: atMs + 5_000 });
    await store().affinities.put([{ key: first, place: 'c' }], atMs);
    expect(await store().affinities.get(first)).toEqual({ place: 'c', expiresAtMs: atMs });
  });

  it('takes nothing to put', async () => {
    await store().affinities.put([], atMs);
    expect(await kept()).toEqual([undefined, undefined, undefined]);
  });

  it('never rounds a time down', async () => {
    await store().affinities.put([{ key: first, place: 'a' }], atMs + 1);
    const expiresAtMs = (await store().affinities.get(first))?.expiresAtMs ?? 0;
    expect(expiresAtMs).toBeGreaterThan(atMs);
    expect(expiresAtMs).toBeLessThanOrEqual(atMs + 1_000);
  });

  it('sweeps nothing that has not expired', async () => {
    await store().affinities.put([{ key: first, place: 'a' }], atMs);
    await store().affinities.put([{ key: third, place: 'c' }], atMs + 1_000);
    await store().affinities.sweep(atMs);
    expect(await store().affinities.get(third)).toEqual({ place: 'c', expiresAtMs: atMs + 1_000 });
    await store().affinities.sweep(atMs - 1);
    expect(await store().affinities.get(third)).toBeDefined();
  });

  it('keeps one of many concurrent puts whole', async () => {
    await Promise.all(range(8).map((n) => store().affinities.put([{ key: first, place: `${n}` }], atMs)));
    expect(range(8).map(String)).toContain((await store().affinities.get(first))?.place);
  });
}

function healthContract(store: () => Store): void {
  // Whole seconds: an adapter may round up to them.
  const nowMs = 1_800_000_000_000;
  const aRow = (members: Partial<HealthRow> = {}): HealthRow => ({
    ...{ agentId: 'a', processId: 'p', report: '{"of":"a"}', seenAtMs: nowMs, expiresAtMs: nowMs + 1_000 },
    ...members,
  });
  const idsAt = async (atMs: number) =>
    (await store().health.of('a', atMs)).map(({ processId }) => processId);

  it('answers nothing for an agent of which nothing was told', async () => {
    expect(await store().health.of('a', nowMs)).toEqual([]);
  });

  it('gives back the row of each process, and of no other agent', async () => {
    const rows = [aRow({ report: 'ü'.repeat(8_192) }), aRow({ processId: 'q', seenAtMs: nowMs - 1 })];
    for (const row of [...rows, aRow({ agentId: 'ab' }), aRow({ agentId: 'b' })])
      await store().health.put(row);
    expect(await store().health.of('a', nowMs)).toEqual(rows);
  });

  it('keeps what was put last, also where it is older', async () => {
    const older = aRow({ report: '{}', seenAtMs: nowMs - 5, expiresAtMs: nowMs + 5_000 });
    for (const row of [aRow(), older]) await store().health.put(row);
    expect(await store().health.of('a', nowMs)).toEqual([older]);
  });

  it('answers what has not expired, to the moment', async () => {
    await store().health.put(aRow());
    expect([await idsAt(nowMs + 999), await idsAt(nowMs + 1_000)]).toEqual([['p'], []]);
  });

  it('never rounds a time down', async () => {
    await store().health.put(aRow({ expiresAtMs: nowMs + 1 }));
    const [{ expiresAtMs } = aRow()] = await store().health.of('a', nowMs);
    expect(expiresAtMs).toBeGreaterThan(nowMs);
    expect(expiresAtMs).toBeLessThanOrEqual(nowMs + 1_000);
  });

  it('answers the newest, and no more of them than is said', async () => {
    const rows = range(maxHealthRows + 2).map((n) => aRow({ processId: `p${n}`, seenAtMs: nowMs + n }));
    await Promise.all(rows.map((row) => store().health.put(row)));
    const newest = rows.toReversed().slice(0, maxHealthRows);
    expect(await idsAt(nowMs)).toEqual(newest.map(({ processId }) => processId));
  });
}

async function allPages<T>(list: (page: PageRequest) => Promise<Page<T>>, size: number): Promise<Page<T>[]> {
  const pages: Page<T>[] = [];
  for (let after: string | undefined; ; ) {
    const page = await list(after === undefined ? { size } : { size, after });
    pages.push(page);
    if (page.next === undefined) return pages;
    after = page.next;
  }
}

// Few letters, few tags: patterns hit often, and the odd cases (an empty run, overlapping pieces) come up.
const ids = fc.stringMatching(/^[ab0](?:[ab0-]{0,5}[ab0])?$/);
const tags = fc.constantFrom('x', 'y', 'grün', '😀', 'a');
const owners = fc.constantFrom('kim', 'lee').map((subject) => ({ issuer: 'https://issuer.test', subject }));
const statuses = fc.constantFrom(...agentStatuses);

const population = fc.uniqueArray(
  fc
    .record({ agentId: ids, status: statuses, tags: fc.array(tags, { maxLength: 3 }), owner: owners })
    .map((parts): Agent => ({ ...anAgent(parts.agentId), ...parts })),
  { maxLength: 14, selector: (agent) => agent.agentId },
);

const patterns = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[ab0*][ab0*-]{0,6}$/) },
  { weight: 1, arbitrary: ids },
  { weight: 2, arbitrary: tags.map((tag) => `tag:${tag}`) },
);

const filters: fc.Arbitrary<AgentFilter> = fc.record(
  {
    status: statuses,
    tag: tags,
    owner: owners,
    patterns: fc.array(patterns.filter(isAgentPattern), { maxLength: 5 }),
  },
  { requiredKeys: [] },
);

function matches(agent: Agent, filter: AgentFilter): boolean {
  return (
    (filter.status === undefined || agent.status === filter.status) &&
    (filter.tag === undefined || agent.tags.includes(filter.tag)) &&
    (filter.owner === undefined || agent.owner.subject === filter.owner.subject) &&
    (filter.patterns === undefined || filter.patterns.some((pattern) => patternCovers(pattern, agent)))
  );
}

function byId(a: Agent, b: Agent): number {
  return a.agentId < b.agentId ? -1 : 1;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}

/** An agent with every optional member absent. */
export function anAgent(agentId: string): Agent {
  return {
    agentId,
    revision: 1,
    status: 'active',
    agentCardUrl: 'https://agent.test/.well-known/agent-card.json',
    authConfig: { type: 'none' },
    tags: [],
    owner: { issuer: 'https://issuer.test', subject: 'kim' },
    publicCard: false,
    card: {
      name: 'Agent',
      description: '',
      version: '1',
      supportedInterfaces: [
        { url: 'https://agent.test/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      ],
      capabilities: {},
      defaultInputModes: [],
      defaultOutputModes: [],
      skills: [],
    },
    cardWarnings: [],
    cardFetchedAtMs: 1_700_000_000_000,
    cardVersion: 1,
    cardAcceptedAtMs: 1_700_000_000_000,
    createdAtMs: 1_700_000_000_000,
    updatedAtMs: 1_700_000_000_000.5,
  };
}

function aFullAgent(agentId: string): Agent {
  const agent = anAgent(agentId);
  return {
    ...agent,
    statusReason: 'wartet auf Prüfung \0 \u2028 😀',
    backendUrl: 'https://agent.test',
    authConfig: {
      type: 'oauth2_client_credentials',
      tokenUrl: 'https://issuer.test/token',
      clientId: 'gateway',
      scopes: ['invoke'],
      secretName: 'agents/full/1',
    },
    tags: ['finance', 'grün', 'finance'],
    publicCard: true,
    card: {
      ...agent.card,
      capabilities: { streaming: true, extensions: [{ uri: 'urn:x', params: { ratio: 0.1, big: 1e300 } }] },
    },
    cardWarnings: ['an unknown member was dropped'],
    cardOrigin: 'https://cards.test',
    declaredSecurity: { security: [{ key: [] }] },
    cardTrust: { verdict: 'unsigned' },
    cardVersion: 3,
    cardAcceptedBy: { issuer: 'https://issuer.test', subject: 'kim' },
    candidate: {
      card: { ...agent.card, version: '2' },
      cardWarnings: [],
      cardFetchedAtMs: 1_700_000_000_001,
      digest: 'd',
      risks: [{ kind: 'security', path: '/security', detail: 'has changed' }],
    },
    statusChangedAtMs: 1_700_000_000_000,
    statusChangedBy: { issuer: 'https://issuer.test', subject: 'kim' },
  };
}

export function aPermission(scope: string): Permission {
  return {
    scope,
    allowedAgents: [],
    operations: ['send', 'read'],
    revision: 1,
    createdAtMs: 1_700_000_000_000,
    updatedAtMs: 1_700_000_000_000.5,
  };
}
