import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Agent } from '../../src/registry/agent.ts';
import type { Page, Store } from '../../src/store/port.ts';
import { byId, filters, matches, population } from './agent-population.ts';
import { allPages, range } from './paging.ts';
import { aFullAgent, anAgent } from './store-samples.ts';

/** What every adapter promises of agents. */
export function agentContract(
  store: () => Store,
  options: { cardBytes?: number; propertyRuns?: number },
): void {
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
