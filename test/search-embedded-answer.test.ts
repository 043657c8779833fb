import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dequantize, quantize } from '../src/search/embedded/quantize.ts';
import type { KeptIndex } from '../src/search/kept-index.ts';
import { type ScanEntry, scan } from '../src/search/scan.ts';
import {
  beginAndServe,
  type EmbeddedStand,
  fillSet,
  put,
  startEmbeddedStand,
} from './support/embedded-stand.ts';
import {
  type AgentLiteral,
  byWords,
  hashingEmbedder,
  hashingSet,
  toEntries,
  toIndexQuery,
} from './support/hashing-embedder.ts';

/** The embedded index answers what a scan answers, through its file and its thread. */

let stand: EmbeddedStand;
let index: KeptIndex;
beforeEach(() => {
  stand = startEmbeddedStand();
  index = stand.open();
});
afterEach(() => stand.close());

const modelId = hashingSet().model.id;

const literals: fc.Arbitrary<AgentLiteral> = fc.record({
  agentId: fc.constantFrom('a', 'b', 'c', 'team-1', 'team-2', 'constructor'),
  name: fc.constantFrom('Invoice Desk', 'Weather', 'constructor'),
  description: fc
    .array(fc.constantFrom('invoices', 'invoces', 'storms', 'toString', '__proto__'), { maxLength: 4 })
    .map((words) => words.join(' ')),
  tags: fc.subarray(['eu', 'finance', '__proto__']),
  streaming: fc.boolean(),
});

type Step =
  | { put: AgentLiteral[] }
  | { remove: string[] }
  | { fill: true }
  | { outdate: true }
  | { ask: string };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ put: fc.array(literals, { minLength: 1, maxLength: 4 }) }),
  fc.record({ remove: fc.array(fc.constantFrom('a', 'b', 'team-1', 'nobody'), { maxLength: 2 }) }),
  fc.record({ fill: fc.constant(true as const) }),
  fc.record({ outdate: fc.constant(true as const) }),
  fc.record({ ask: fc.constantFrom('invoices', 'weather storms', 'constructor', 'invoice desk', 'eu') }),
);

describe('the answer', () => {
  it('is what a scan gives, whatever was put, removed and embedded before', async () => {
    await beginAndServe(index);
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 15 }), async (made) => {
        const entries = new Map<string, ScanEntry>();
        await index.apply({ put: [], remove: await index.ids({ limit: 100 }) });
        for (const step of [...made, { ask: 'invoices' }]) await take(step, entries);
      }),
      { numRuns: 60 },
    );
  });

  async function take(step: Step, entries: Map<string, ScanEntry>): Promise<void> {
    if ('put' in step) {
      for (const { document } of await toEntries(step.put)) {
        const before = entries.get(document.agentId);
        const isKept = before?.vector !== undefined && before.document.text === document.text;
        entries.set(document.agentId, { document, ...(isKept && { vector: before.vector }) });
        await index.apply({ put: [document], remove: [] });
      }
    } else if ('remove' in step) {
      for (const agentId of step.remove) entries.delete(agentId);
      await index.apply({ put: [], ...step });
    } else if ('outdate' in step) {
      await index.outdate(modelId);
    } else if ('fill' in step) {
      await fillSet(index);
      for (const [agentId, { document }] of entries) {
        const [vector = new Float32Array()] = await hashingEmbedder().embed([document.text], 'document');
        entries.set(agentId, { document, vector: dequantize(quantize(vector)) });
      }
    } else {
      for (const within of [{}, { patterns: ['team-*', 'tag:eu', 'a'] }, { tags: ['__proto__'], limit: 1 }]) {
        const query = await toIndexQuery(step.ask, within);
        for (const asked of [query, byWords(query)])
          expect(await index.query(asked)).toEqual(scan(entries.values(), asked));
      }
    }
  }

  it('is the same after the index is opened again', async () => {
    await beginAndServe(index);
    const entries = await toEntries(
      Array.from({ length: 700 }, (_, at) => ({
        agentId: `agent-${at}`,
        description: `invoices of district ${at % 13}`,
        tags: [`t${at % 5}`],
      })),
    );
    await put(index, entries);
    await index.apply({ put: [], remove: ['agent-3', 'agent-13'] });
    const query = await toIndexQuery('invoices of district 3', { patterns: ['tag:t3', '*7'], limit: 100 });
    const answer = await index.query(query);
    expect(answer.hits.length).toBeGreaterThan(10);
    await index.close();
    const again = stand.open();
    expect(await again.query(query)).toEqual(answer);
    expect(await again.status()).toMatchObject({ documents: 698 });
  });
});
