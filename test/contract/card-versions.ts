import { expect, it } from 'vitest';
import type { Agent } from '../../src/registry/agent.ts';
import { maxCardVersions, servedVersionOf } from '../../src/registry/card-version.ts';
import type { Page, Store } from '../../src/store/port.ts';
import type { CardVersionSummary } from '../../src/store/ports/card-versions.ts';
import { anAgent } from './store-samples.ts';

/** What every adapter promises of the cards that agents were served with. */
export function cardVersionContract(store: () => Store, cardBytes = 2 ** 20): void {
  const list = (size = 100, after?: string) =>
    store().cardVersions.list('a', { size, ...(after !== undefined && { after }) });
  const get = (version: number) => store().cardVersions.get('a', version);

  it('are none of an agent that is not there, whatever is asked for', async () => {
    for (const agentId of ['nobody', '', 'a\0b', '\ud800', 'é'.repeat(2_000)]) {
      expect(await store().cardVersions.get(agentId, 1)).toBeUndefined();
      expect(await store().cardVersions.list(agentId, { size: 10 })).toEqual({ items: [], totalSize: 0 });
    }
    await store().agents.create(anAgent('a'));
    for (const version of [0, -1, 2, Number.MAX_SAFE_INTEGER]) expect(await get(version)).toBeUndefined();
  });

  it('are one of a new agent, and another for each write that brings one', async () => {
    const first = { ...anAgent('a'), cardAcceptedBy: { issuer: 'https://issuer.test', subject: 'kim' } };
    const second: Agent = {
      ...withVersion(2),
      cardOrigin: 'https://cards.test',
      declaredSecurity: { securitySchemes: { key: {} } },
      cardTrust: { verdict: 'verified', kid: 'k' },
    };
    await store().agents.create(first);
    expect(await store().agents.replace(second, 1)).toBe(true);
    expect(await store().agents.replace({ ...second, revision: 3, tags: ['x'] }, 2)).toBe(true);
    for (const agent of [first, second])
      expect(await get(agent.cardVersion)).toStrictEqual(servedVersionOf(agent));
    const { items, totalSize } = await list();
    expect(totalSize).toBe(2);
    expect(items).toStrictEqual([second, first].map(servedVersionOf).map(withoutCard));
  });

  it('stay as they were made, whatever the agent is written with later', async () => {
    await store().agents.create(anAgent('a'));
    await store().agents.replace({ ...anAgent('a'), revision: 2, cardWarnings: ['other'] }, 1);
    expect(await get(1)).toStrictEqual(servedVersionOf(anAgent('a')));
  });

  it('are not made by a write that does not win', async () => {
    await store().agents.create(anAgent('a'));
    expect(await store().agents.create({ ...withVersion(5) })).toBe(false);
    expect(await store().agents.replace(withVersion(2), 7)).toBe(false);
    expect(await store().agents.replace({ ...withVersion(2), agentId: 'b' }, 1)).toBe(false);
    expect((await list()).totalSize).toBe(1);
    expect(await store().cardVersions.get('b', 2)).toBeUndefined();
  });

  it('are those of the one write that wins, of many at once', async () => {
    await store().agents.create(anAgent('a'));
    const names = ['one', 'other', 'third', 'fourth'];
    const won = await Promise.all(names.map((name) => store().agents.replace(withVersion(2, name), 1)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await get(2))?.card.name).toBe(names[won.indexOf(true)]);
    expect((await store().agents.get('a'))?.card.name).toBe(names[won.indexOf(true)]);
  });

  it('are gone with the agent, and none of those of one made again under its id', async () => {
    await store().agents.create(anAgent('a'));
    await store().agents.replace(withVersion(2), 1);
    await store().agents.delete('a', 2);
    expect(await list()).toEqual({ items: [], totalSize: 0 });
    expect(await get(1)).toBeUndefined();
    const again = { ...anAgent('a'), cardWarnings: ['another agent'] };
    await store().agents.create(again);
    expect((await list()).items).toStrictEqual([withoutCard(servedVersionOf(again))]);
    expect(await get(2)).toBeUndefined();
  });

  it('come in pages, the latest first', async () => {
    await store().agents.create(anAgent('a'));
    for (let version = 2; version <= 12; version++)
      await store().agents.replace(withVersion(version), version - 1);
    const pages: Page<CardVersionSummary>[] = [];
    for (let after: string | undefined; pages.length < 12; ) {
      const page = await list(5, after);
      pages.push(page);
      if (page.next === undefined) break;
      after = page.next;
    }
    expect(pages.map(({ items }) => items.map(({ version }) => version))).toEqual([
      [12, 11, 10, 9, 8],
      [7, 6, 5, 4, 3],
      [2, 1],
    ]);
    expect(pages.map(({ totalSize }) => totalSize)).toEqual([12, 12, 12]);
    for (const size of [0, 101, 1.5]) await expect(list(size)).rejects.toThrow(TypeError);
  });

  it('are the last fifty', async () => {
    await store().agents.create(anAgent('a'));
    const last = maxCardVersions + 3;
    for (let version = 2; version <= last; version++)
      await store().agents.replace(withVersion(version), version - 1);
    const { items, totalSize } = await list();
    expect(totalSize).toBe(maxCardVersions);
    expect([items[0]?.version, items.at(-1)?.version]).toEqual([last, 4]);
    expect(await get(3)).toBeUndefined();
    expect((await get(4))?.card).toStrictEqual(withVersion(4).card);
    expect((await get(last))?.version).toBe(last);
  });

  it('may be of the largest size', async () => {
    const large = (version: number): Agent => {
      const agent = withVersion(version);
      return { ...agent, card: { ...agent.card, description: 'ä'.repeat(cardBytes / 2) } };
    };
    await store().agents.create(large(1));
    const candidate = { ...large(9), digest: 'd', risks: [] };
    await store().agents.replace({ ...large(1), revision: 2, candidate }, 1);
    expect(await store().agents.replace({ ...large(2), revision: 3 }, 2)).toBe(true);
    for (const version of [1, 2]) expect(await get(version)).toStrictEqual(servedVersionOf(large(version)));
    expect(await store().agents.delete('a', 3)).toBe(true);
  });
}

/** An agent at that version and revision. */
function withVersion(version: number, name = `Agent ${version}`): Agent {
  const agent = anAgent('a');
  return { ...agent, revision: version, cardVersion: version, card: { ...agent.card, name } };
}

function withoutCard<T extends { card: unknown }>({ card: _, ...rest }: T): Omit<T, 'card'> {
  return rest;
}
