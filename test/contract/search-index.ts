import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scan } from '../../src/search/scan.ts';
import { scoreWeights } from '../../src/search/score.ts';
import type { IndexAnswer, IndexQuery, SearchIndex } from '../../src/search/search-index.ts';
import {
  type AgentLiteral,
  byWords,
  type SearchEntry,
  toEntries,
  toIndexQuery,
} from '../support/hashing-embedder.ts';

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

const office: readonly AgentLiteral[] = [
  {
    agentId: 'invoice-desk',
    name: 'Ledger Desk',
    description: 'Checks supplier invoices against orders, for office employees',
    tags: ['finance', 'eu'],
    skills: ['Match invoices'],
    streaming: true,
  },
  {
    agentId: 'payroll',
    name: 'Payroll',
    description: 'Pays salaries and answers questions about payslips, for office employees',
    tags: ['finance', 'hr'],
  },
  {
    agentId: 'weather',
    name: 'Weather',
    description: 'Forecasts of rain, storms and temperature, for office employees',
    tags: ['eu'],
    streaming: true,
  },
  {
    agentId: 'team-a-translator',
    name: 'Translator',
    description: 'Translates contracts between languages, for office employees',
    tags: ['language'],
  },
  {
    agentId: 'team-b-summariser',
    name: 'Summariser',
    description: 'Shortens contracts and reports, for office employees',
    tags: ['language', 'Invoice-Desk'],
  },
];

const idsOf = ({ hits }: IndexAnswer) => hits.map(({ agentId }) => agentId);

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

type Find = (text: string, within?: Partial<IndexQuery>) => Promise<IndexAnswer>;

/** Finds every agent of the office, so that only what is permitted decides. */
const anyone = 'office employees';

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
  ])('within %j finds %j', async (within, expected) => {
    expect(idsOf(await find(anyone, within)).toSorted()).toEqual(expected);
  });

  it('ranks among the permitted alone', async () => {
    const all = await find('contracts');
    expect(idsOf(all).toSorted()).toEqual(['team-a-translator', 'team-b-summariser']);
    const own = await find('contracts', { patterns: ['team-b-*'] });
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

function changeContract(harness: () => SearchIndexHarness, find: Find): void {
  beforeEach(async () => harness().load(await toEntries(office)));

  it('finds an agent by what it is now', async () => {
    await harness().load(
      await toEntries([
        { agentId: 'weather', name: 'Plumber', description: 'Repairs pipes', tags: ['house'] },
      ]),
    );
    expect(idsOf(await find('rain storms temperature'))).toEqual([]);
    expect(idsOf(await find('rain', { tags: ['eu'] }))).not.toContain('weather');
    expect(idsOf(await find('repairs pipes', { patterns: ['tag:house'] }))).toEqual(['weather']);
    expect(idsOf(await find('repairs pipes', { patterns: ['tag:eu'] }))).toEqual([]);
    expect(idsOf(await find('plumber', { facets: ['capability:streaming'] }))).toEqual([]);
  });

  it('no longer finds what was removed, and finds it again', async () => {
    await harness().remove(['payroll', 'never-there']);
    expect(idsOf(await find('payroll'))).not.toContain('payroll');
    expect(idsOf(await find(anyone)).toSorted()).toEqual([
      'invoice-desk',
      'team-a-translator',
      'team-b-summariser',
      'weather',
    ]);
    await harness().load(await toEntries(office.filter(({ agentId }) => agentId === 'payroll')));
    expect((await find('payroll')).hits[0]).toMatchObject({ agentId: 'payroll', exact: 'id' });
  });

  it('names the set that serves, and refuses the vector of another model', async () => {
    expect((await harness().index.serving())?.model).toEqual({ id: 'hashing:512', dimensions: 512 });
    const query = await toIndexQuery('payroll');
    if (query.vector === undefined) throw new Error('a query of the suite has a vector');
    const other = { ...query, vector: { ...query.vector, modelId: 'another' } };
    await expect(harness().index.query(other)).rejects.toMatchObject({
      failure: { code: 'search_unavailable', problem: 'index' },
    });
  });
}

const trades = ['plumbing', 'accounting', 'gardening', 'astronomy', 'carpentry', 'tailoring', 'brewing'];

function crowd(count: number): AgentLiteral[] {
  return Array.from({ length: count }, (_, at) => ({
    agentId: `member-${String(at).padStart(4, '0')}`,
    name: `Member ${at}`,
    description: `${trades[at % 7]} and ${trades[(at * 3 + 1) % 7]} for district ${at % 31}`,
    tags: [at % 10 === 0 ? 'tenth' : 'rest', `district-${at % 31}`],
  }));
}

function scaleContract(
  harness: () => SearchIndexHarness,
  { manyAgents = 400 }: SearchIndexContractOptions,
): void {
  const literals = crowd(manyAgents);
  let entries: SearchEntry[];
  beforeEach(async () => {
    entries = await toEntries(literals);
    await harness().load(entries);
  }, 60_000);

  it('gives a caller permitted to three of many exactly those that match', async () => {
    const patterns = ['member-0003', 'member-0010', 'member-0011', 'nobody'];
    const query = await toIndexQuery('astronomy', { patterns });
    const answer = await harness().index.query(query);
    const expected = entries.filter(
      ({ document }) => patterns.includes(document.agentId) && document.terms.has('astronomi'),
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(idsOf(answer).toSorted()).toEqual(expected.map(({ document }) => document.agentId).toSorted());
    expect(answer).toMatchObject({ total: expected.length, isTotalExact: true });
  });

  it('finds one by its name among all', async () => {
    const { hits } = await harness().index.query(await toIndexQuery('member 17', { limit: 1 }));
    expect(hits).toMatchObject([{ agentId: 'member-0017', exact: 'name' }]);
  });

  it('answers the best up to the limit, and none below the floor', async () => {
    for (const limit of [1, 7, 100]) {
      const answer = await harness().index.query(await toIndexQuery('carpentry district 5', { limit }));
      expect(answer.hits.length).toBeLessThanOrEqual(limit);
      expect(answer.hits.length).toBeGreaterThan(0);
      expect(answer.total).toBeGreaterThanOrEqual(answer.hits.length);
      const scores = answer.hits.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((one, other) => other - one));
      expect(Math.min(...scores)).toBeGreaterThanOrEqual(scoreWeights.floor);
      for (const { agentId, score } of answer.hits) {
        const entry = entries.filter(({ document }) => document.agentId === agentId);
        const expected = scan(entry, await toIndexQuery('carpentry district 5')).hits[0];
        expect(score).toBeCloseTo(expected?.score ?? Number.NaN, 1);
      }
    }
  });

  it('gives the same total, ranks and agents as looking at every one', async () => {
    for (const within of [{}, { patterns: ['tag:tenth'] }, { tags: ['district-5'] }]) {
      const query = await toIndexQuery('brewing', { ...within, limit: 100 });
      const answer = await harness().index.query(query);
      expect(answer.isTotalExact || !harness().isExact).toBe(true);
      if (!answer.isTotalExact) continue;
      const expected = scan(entries, query);
      expect(answer.total).toBe(expected.total);
      expect(answer.hits.map(lexicalOf).toSorted()).toEqual(expected.hits.map(lexicalOf).toSorted());
    }
  });
}

function lexicalOf({ agentId, lexical }: IndexAnswer['hits'][number]): string {
  return `${agentId} ${lexical?.score} ${lexical?.rank}`;
}

function wordsContract(harness: () => SearchIndexHarness): void {
  beforeEach(async () => harness().load(await toEntries(office)));

  it('finds by words alone where a query has no vector, exactly as a scan', async () => {
    const entries = await toEntries(office);
    for (const text of [anyone, 'contracts', 'translatr', 'invoice desk', 'finance', 'zyzzyva']) {
      const query = byWords(await toIndexQuery(text));
      const answer = await harness().index.query(query);
      expect(answer).toEqual(scan(entries, query));
      expect(answer.hits.every(({ vector }) => vector === undefined)).toBe(true);
    }
  });
}
