import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fields, type SearchDocument } from '../document.ts';
import type { QueryTerm } from '../query-terms.ts';
import { type ScanEntry, scan } from '../scan.ts';
import { type ScoreWeights, scoreWeights } from '../score.ts';
import type { IndexQuery } from '../search-index.ts';
import { normalized } from '../vector.ts';
import { AgentRows, type Dictionary, placeBits } from './agent-rows.ts';
import { answerQuery } from './answer.ts';
import { dequantize, type QuantizedVector, quantize } from './quantize.ts';

/** Not a whole number of the steps in which vectors are compared. */
const dimensions = 21;

const ids = ['a', 'b', 'a-b', 'team-a-1', 'team-b-1', 'invoice', 'constructor', '__proto__', 'x-invoice-x'];
const tags = ['eu', 'Finance', 'finance', 'invoice', 'constructor', '__proto__'];
const facets = ['binding:JSONRPC', 'version:1.0', 'capability:streaming', 'toString'];
const words = [
  ...[
    'invoic',
    'invoice',
    'invoicd',
    'inovice',
    'payments',
    'payment',
    'paymetn',
    'constructor',
    'constructr',
  ],
  ...['reconciliation', 'reconcilation', 'reconciliatiqx', 'reconciliati', 'reconciliationed', '__proto__'],
  ...['toString', 'ab', 'ac', '計算'],
];
const patterns = [
  ...['*', 'a', 'nobody', 'a*', '*1', 'team-*-1', '*invoice*', 'a*a', '**', ''],
  ...['tag:eu', 'tag:finance', 'tag:', 'tag:*', 'tag:__proto__', '__proto__', 'constructor', 'to*'],
];

const vectors = fc
  .oneof(
    fc.array(fc.integer({ min: -2, max: 2 }), { minLength: dimensions, maxLength: dimensions }),
    fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: dimensions, maxLength: dimensions }),
  )
  .map((values) => quantize(normalized(Float32Array.from(values))));

const documents: fc.Arbitrary<SearchDocument> = fc.record({
  agentId: fc.constantFrom(...ids),
  revision: fc.nat(9),
  name: fc.constantFrom('', 'invoice', 'a b', 'finance', 'constructor'),
  tags: fc.array(fc.constantFrom(...tags), { maxLength: 3 }),
  facets: fc.subarray(facets),
  terms: fc
    .array(fc.tuple(fc.constantFrom(...words), fc.nat(fields.length - 1)), { maxLength: 6 })
    .map((pairs) => new Map(pairs)),
  text: fc.constant(''),
});

type Change =
  | { document: SearchDocument; vector: QuantizedVector | undefined }
  | { agentId: string; vector: QuantizedVector | undefined }
  | { removed: string };

const changes: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ document: documents, vector: fc.option(vectors, { nil: undefined, freq: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      agentId: fc.constantFrom(...ids),
      vector: fc.option(vectors, { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ removed: fc.constantFrom(...ids) }) },
);

const queryTerms: fc.Arbitrary<QueryTerm[]> = fc.uniqueArray(
  fc.record({
    term: fc.constantFrom(...words),
    synonyms: fc.array(fc.constantFrom(...words), { maxLength: 2 }),
  }),
  { selector: ({ term }) => term, maxLength: 5 },
);

const queries: fc.Arbitrary<IndexQuery> = fc
  .record({
    terms: queryTerms,
    exact: fc.constantFrom('', 'invoice', 'a', 'a b', 'finance', 'constructor', 'proto', 'nobody'),
    values: fc.option(
      fc.oneof(
        vectors.map(dequantize),
        fc
          .array(fc.float({ noNaN: true, min: -100, max: 100 }), {
            minLength: dimensions,
            maxLength: dimensions,
          })
          .map((values) => Float32Array.from(values)),
      ),
      { nil: undefined, freq: 5 },
    ),
    low: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    width: fc.double({ min: 0.05, max: 1, noNaN: true }),
    patterns: fc.oneof(fc.constant(['*']), fc.array(fc.constantFrom(...patterns), { maxLength: 4 })),
    deniedPatterns: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.array(fc.constantFrom(...patterns), { maxLength: 2 }),
    ),
    tags: fc.array(fc.constantFrom(...tags), { maxLength: 1 }),
    facets: fc.array(fc.constantFrom(...facets), { maxLength: 1 }),
    limit: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(100)),
  })
  .map(({ values, low, width, ...query }) => ({
    ...query,
    ...(values !== undefined && {
      vector: { modelId: 'm', values, calibration: { low, high: low + width } },
    }),
  }));

const weights: fc.Arbitrary<ScoreWeights> = fc.oneof(
  fc.constant(scoreWeights),
  fc.record({
    places: fc.record({
      name: fc.constant(1),
      tag: fc.constantFrom(1, 0),
      skill: fc.constantFrom(1, 0.7),
      description: fc.constant(0.9),
      example: fc.constantFrom(0.8, 0),
    }),
    misspelt: fc.constant([0.8, 0.3] as const),
    synonym: fc.constantFrom(0, 0.5, 0.9),
    vector: fc.constantFrom(0, 0.5, 1),
    lexical: fc.constantFrom(0.5, 1),
    lexicalPower: fc.constantFrom(0.5, 1, 2),
    floor: fc.constantFrom(-1, 0, 0.1, 0.5, 0.95),
  }),
);

const dictionary: Dictionary = {
  // A word that no agent has is not in it.
  numberOf: (term) => (words.includes(term) ? numberOf(term) : undefined),
  termOf: (number) => words[number - 5] ?? '',
};

function numberOf(term: string): number {
  return words.indexOf(term) + 5;
}

/** The same agents as they are in memory, and as a scan is given them. */
class Both {
  readonly agents = new AgentRows(dictionary, 2);
  readonly entries = new Map<string, ScanEntry>();
  #versions = 0;

  constructor() {
    this.agents.expectVectors(dimensions);
  }

  make(change: Change): void {
    if ('removed' in change) {
      this.agents.remove(change.removed);
      this.entries.delete(change.removed);
      return;
    }
    const vector = change.vector && dequantize(change.vector);
    const of = vector === undefined ? {} : { vector };
    if ('document' in change) {
      const { document } = change;
      this.#versions += 1;
      const terms = Uint32Array.from(
        document.terms,
        ([term, place]) => (numberOf(term) << placeBits) | place,
      );
      this.agents.put({ ...document, terms }, { number: 1, version: this.#versions });
      this.agents.setVector(document.agentId, change.vector);
      this.entries.set(document.agentId, { document, ...of });
    } else {
      const entry = this.entries.get(change.agentId);
      this.agents.setVector(change.agentId, change.vector);
      if (entry !== undefined) this.entries.set(change.agentId, { document: entry.document, ...of });
    }
  }

  answer(query: IndexQuery, own?: ScoreWeights) {
    return answerQuery(this.agents, query, (agentId) => this.entries.get(agentId)?.document, own);
  }
}

describe('answerQuery', () => {
  it('answers what a scan answers, whatever was put, changed and removed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 4, arbitrary: changes }, { weight: 1, arbitrary: queries }), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.array(queries, { minLength: 1, maxLength: 6 }),
        weights,
        (steps, asked, own) => {
          const both = new Both();
          for (const step of steps) {
            if (!('patterns' in step)) both.make(step);
            else expect(both.answer(step, own)).toEqual(scan(both.entries.values(), step, own));
          }
          for (const query of asked)
            expect(both.answer(query, own)).toEqual(scan(both.entries.values(), query, own));
          expect(both.agents.size).toBe(both.entries.size);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is not deceived by vectors that differ less than an estimate can tell', () => {
    const base = Float32Array.from({ length: dimensions }, (_, at) => Math.sin(at + 1));
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 40, maxLength: 40 }),
        fc.double({ min: 0.05, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 30 }),
        (nudges, place, limit) => {
          const both = new Both();
          const { scale, bytes } = quantize(normalized(base));
          for (const [at, nudge] of nudges.entries()) {
            const own = bytes.slice();
            own[at % dimensions] = (own[at % dimensions] ?? 0) + nudge;
            both.make({
              document: { ...plain, agentId: `agent-${(at * 7) % 40}` },
              // A scale that differs in its last bits.
              vector: { scale: Math.fround(scale * (1 + (at % 3) * 1e-7)), bytes: own },
            });
          }
          // The floor, then the ends of the scale, fall among them.
          for (const width of [0.05, 0.5]) {
            const low = place - width / 2;
            const vector = {
              modelId: 'm',
              values: normalized(base),
              calibration: { low, high: low + width },
            };
            const query = {
              terms: [],
              exact: '',
              patterns: ['*'],
              deniedPatterns: [],
              tags: [],
              facets: [],
              limit,
              vector,
            };
            expect(both.answer(query)).toEqual(scan(both.entries.values(), query));
            const near = { ...vector, calibration: { low: 1 - 1e-6, high: 1 + 1e-6 } };
            expect(both.answer({ ...query, vector: near })).toEqual(
              scan(both.entries.values(), { ...query, vector: near }),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('refuses a query that is not finite or of another length', () => {
    const both = new Both();
    const calibration = { low: 0, high: 1 };
    for (const values of [new Float32Array(dimensions).fill(Number.NaN), new Float32Array(3)]) {
      const vector = { modelId: 'm', values, calibration };
      const query = {
        terms: [],
        exact: '',
        patterns: ['*'],
        deniedPatterns: [],
        tags: [],
        facets: [],
        limit: 1,
        vector,
      };
      expect(() => both.answer(query)).toThrow(RangeError);
    }
  });
});

const plain: SearchDocument = {
  ...{ agentId: '', revision: 1, name: '', tags: [], facets: [], terms: new Map(), text: '' },
};
