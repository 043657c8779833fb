import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IndexQuery, SearchIndex } from '../../src/search/search-index.ts';
import { type SearchEntry, toEntries, toIndexQuery } from '../support/hashing-embedder.ts';
import { changeContract, scaleContract, wordsContract } from './search-index-changes.ts';
import { anyone, type Find, idsOf, office } from './search-index-office.ts';

/** An index over agents that a test chooses. What is loaded or removed is found, or not, by the next query. */
export interface SearchIndexHarness {
  /** Puts entries over those of the same agents. The set of `hashingEmbedder()` serves, with these vectors. */
  load(entries: readonly SearchEntry[]): Promise<void>;
  remove(agentIds: readonly string[]): Promise<void>;
  index: SearchIndex;
  /** False: over many permitted agents, totals and ranks are of what was looked at, and an agent may be missed. */
  isExact: boolean;
  /** Closes the index too. */
  close(): Promise<void>;
}

export interface SearchIndexContractOptions {
  /** An index with nothing in it. */
  open(): Promise<SearchIndexHarness>;
  /** Whether it can do without a query's vector. Default true. */
  findsByWordsAlone?: boolean;
  /** How many agents are many. Default 400; fewer for an adapter whose every write crosses a network. */
  manyAgents?: number;
}

/** What every adapter of the SearchIndex port promises. Vectors may be kept with a precision of 8 bits. */
export function searchIndexContract(name: string, options: SearchIndexContractOptions): void {
  describe(`the search index contract: ${name}`, () => {
    let harness: SearchIndexHarness;
    beforeEach(async () => {
      harness = await options.open();
    });
    afterEach(() => harness.close());
    const find = async (text: string, within: Partial<IndexQuery> = {}) =>
      harness.index.query(await toIndexQuery(text, within));

    describe('who is found', () => permissionContract(() => harness, find));
    describe('what fits', () => fitContract(() => harness, find));
    describe('changes', () => changeContract(() => harness, find));
    describe('many agents', () => scaleContract(() => harness, options));
    if (options.findsByWordsAlone ?? true) describe('words', () => wordsContract(() => harness));
  });
}

function permissionContract(harness: () => SearchIndexHarness, find: Find): void {
  beforeEach(async () => harness().load(await toEntries(office)));

  it.each<[readonly string[], readonly string[]]>([
    [['*'], ['invoice-desk', 'payroll', 'team-a-translator', 'team-b-summariser', 'weather']],
    [['weather'], ['weather']],
    [
      ['weather', 'payroll', 'weather'],
      ['payroll', 'weather'],
    ],
    [['team-*'], ['team-a-translator', 'team-b-summariser']],
    [['*-desk'], ['invoice-desk']],
    [['t*-b-*r'], ['team-b-summariser']],
    [['*a*l*'], ['payroll', 'team-a-translator']],
    [['weather*'], ['weather']],
    [['weat*ather'], []],
    [['tag:eu'], ['invoice-desk', 'weather']],
    [
      ['tag:eu', 'team-a-*', 'payroll'],
      ['invoice-desk', 'payroll', 'team-a-translator', 'weather'],
    ],
    [['tag:Invoice-Desk'], ['team-b-summariser']],
    [['tag:invoice-desk'], []],
    [['tag:e'], []],
    [['tag:*'], []],
    [['WEATHER'], []],
    [['nobody', 'constructor', '__proto__', 'tag:constructor', 'to*String'], []],
    [[], []],
  ])('by patterns %j finds %j', async (patterns, expected) => {
    const answer = await find(anyone, { patterns });
    expect(idsOf(answer).toSorted()).toEqual(expected);
    expect(answer.total).toBe(expected.length);
  });

  it.each<[Partial<IndexQuery>, readonly string[]]>([
    [{ tags: ['finance'] }, ['invoice-desk', 'payroll']],
    [{ tags: ['finance', 'eu'] }, ['invoice-desk']],
    [{ tags: ['finance', 'language'] }, []],
    [{ tags: ['Finance'] }, []],
    [{ tags: ['constructor'] }, []],
    [{ facets: ['capability:streaming'] }, ['invoice-desk', 'weather']],
    [{ facets: ['binding:JSONRPC', 'version:1.0', 'capability:streaming'] }, ['invoice-desk', 'weather']],
    [{ facets: ['binding:HTTP+JSON'] }, []],
    [{ facets: ['__proto__'] }, []],
    [{ tags: ['eu'], facets: ['capability:streaming'], patterns: ['w*'] }, ['weather']],
    [{ tags: ['eu'], patterns: ['team-*'] }, []],
    [{ tags: ['eu'], deniedPatterns: ['weather'] }, ['invoice-desk']],
    [
      { patterns: ['weather', 'payroll', 'team-a-*'], deniedPatterns: ['tag:eu', '*roll'] },
      ['team-a-translator'],
    ],
    [{ patterns: ['weather', 'payroll'], deniedPatterns: ['weather'] }, ['payroll']],
    [{ deniedPatterns: ['*'] }, []],
  ])('within %j finds %j', async (within, expected) => {
    expect(idsOf(await find(anyone, within)).toSorted()).toEqual(expected);
  });

  it('ranks among the permitted alone', async () => {
    const all = await find('contracts');
    expect(idsOf(all).toSorted()).toEqual(['team-a-translator', 'team-b-summariser']);
    const own = await find('contracts', { patterns: ['team-b-*'] });
    expect(await find('contracts', { deniedPatterns: ['team-a-*'] })).toMatchObject({
      total: 1,
      hits: [{ agentId: 'team-b-summariser', lexical: { rank: 1 } }],
    });
    expect(own.total).toBe(1);
    expect(own.hits[0]).toMatchObject({
      agentId: 'team-b-summariser',
      lexical: { rank: 1 },
      vector: { rank: 1 },
    });
    const shown = all.hits.find(({ agentId }) => agentId === 'team-b-summariser');
    expect(own.hits[0]?.score).toBe(shown?.score);
  });
}

function fitContract(harness: () => SearchIndexHarness, find: Find): void {
  beforeEach(async () => harness().load(await toEntries(office)));

  it('puts an id before a name before a tag, whole', async () => {
    await harness().load(
      await toEntries([
        { agentId: 'other', name: 'Invoice Desk' },
        { agentId: 'third', description: 'invoice desk invoice desk', skills: ['invoice desk'] },
      ]),
    );
    const { hits } = await find('Invoice  DESK!');
    expect(hits.slice(0, 3).map(({ agentId, exact }) => [agentId, exact])).toEqual([
      ['invoice-desk', 'id'],
      ['other', 'name'],
      ['team-b-summariser', 'tag'],
    ]);
    expect(hits.find(({ agentId }) => agentId === 'third')?.exact).toBeUndefined();
    expect(hits[0]?.score).toBeGreaterThan(0.97 - 1e-9);
  });

  it('tells which terms were found, where, and how near the vector is', async () => {
    const { hits } = await find('invoices of suppliers');
    expect(hits[0]).toMatchObject({
      agentId: 'invoice-desk',
      lexical: {
        rank: 1,
        matches: [
          { term: 'invoic', found: 'invoic', field: 'name' },
          { term: 'supplier', found: 'supplier', field: 'description' },
        ],
      },
      vector: { rank: 1 },
    });
    expect(hits[0]?.vector?.similarity).toBeGreaterThan(0.1);
    expect(hits[0]?.vector?.score).toBeLessThanOrEqual(1);
  });

  it('finds a word with a letter wrong, and says so', async () => {
    const { hits } = await find('translatr');
    expect(hits[0]).toMatchObject({ agentId: 'team-a-translator', lexical: { rank: 1 } });
    expect(hits[0]?.lexical?.matches[0]?.found).toBe('translat');
    expect(hits[0]?.lexical?.score).toBeLessThan(1);
  });

  it('finds nothing where nothing fits, and nothing among nobody', async () => {
    expect(idsOf(await find('zyzzyva quixotry'))).toEqual([]);
    await harness().remove(office.map(({ agentId }) => agentId));
    expect(await find(anyone)).toMatchObject({ hits: [], total: 0, isTotalExact: true });
  });

  it('takes words that are names of members for words', async () => {
    const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
    for (const word of words) expect(idsOf(await find(word, { tags: [] }))).toEqual([]);
    await harness().load(
      await toEntries(words.map((word, at) => ({ agentId: `odd-${at}`, description: word, tags: [word] }))),
    );
    for (const [at, word] of words.entries()) {
      expect(idsOf(await find(word, { tags: [word], patterns: [`tag:${word}`] }))).toEqual([`odd-${at}`]);
    }
  });

  it('gives agents of one score in the order of their ids, and one rank', async () => {
    const same = ['same-c', 'same-a', 'same-b'].map((agentId) => ({
      agentId,
      name: 'Twin',
      description: 'Buys theatre tickets',
    }));
    await harness().load(await toEntries(same.toReversed()));
    const { hits } = await find('theatre tickets');
    expect(hits.map(({ agentId, lexical }) => [agentId, lexical?.rank])).toEqual([
      ['same-a', 1],
      ['same-b', 1],
      ['same-c', 1],
    ]);
  });
}
