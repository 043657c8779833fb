import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Embedder } from '../../src/search/embedder.ts';
import { dot } from '../../src/search/vector.ts';

export interface EmbedderContractOptions {
  /** Another embedder of the same model. Each is closed after the test. */
  open(): Promise<Embedder>;
  /** Two texts that belong together and one that belongs to neither. Default: by the words they share. */
  triple?: readonly [string, string, string];
  /** How much a vector may differ in a batch. Default 1e-5: floats add up in another order. */
  tolerance?: number;
}

const sharedWords = [
  'reimburse travel expenses',
  'travel expenses of employees',
  'volcano eruption forecast',
] as const;

/** Texts as they come from outside, and what the model must never choke on. */
const oddTexts: Readonly<Record<string, string>> = {
  'emoji alone': '😀👩‍👩‍👧🏳️‍🌈',
  'half an emoji at the end': 'an agent \ud83d',
  'half an emoji at the start': '\ude00 an agent',
  'control characters': 'a\0b\u0007c\u001b[31md\u0085e',
  'a NUL alone': '\0',
  'a blank alone': ' \t\n',
  nothing: '',
  Chinese: '处理供应商发票并检查金额',
  'Hebrew and Arabic': 'שלום עולם مرحبا',
  'combining marks': `z${'\u0301'.repeat(500)}`,
  'joiners alone': '\u200d'.repeat(300),
  'a ligature that unfolds': '\ufdfa'.repeat(500),
  'one endless word': 'a'.repeat(2_000),
  'the longest document': 'an agent that reads invoices. '.repeat(70).slice(0, 2_000),
  'a text five times as long': 'agents, '.repeat(1_250),
  'half an emoji where a long text is cut': `${'x'.repeat(1_999)}😀`,
  'markup and quotes': '"}],"x":{"$ref":"<script>\\u0000',
};

/** What every adapter of the Embedder port promises. */
export function embedderContract(name: string, options: EmbedderContractOptions): void {
  const { tolerance = 1e-5, triple = sharedWords } = options;

  describe(`the embedder contract: ${name}`, () => {
    const opened: Embedder[] = [];
    let embedder: Embedder;
    beforeAll(async () => {
      embedder = await options.open();
    });
    afterAll(() => embedder.close());
    afterEach(async () => {
      for (const made of opened.splice(0)) await made.close();
    });
    async function another(): Promise<Embedder> {
      const made = await options.open();
      opened.push(made);
      return made;
    }

    it('gives vectors of the length it names, each of length 1', async () => {
      const { id, dimensions } = embedder.model;
      expect(id).toMatch(/^[\x21-\x7e]{1,300}$/);
      const vectors = await embedder.embed(['one agent', 'another'], 'document');
      expect(vectors).toHaveLength(2);
      for (const vector of vectors) expectUnit(vector, dimensions);
    });

    it('keeps the order, and a text has the same vector alone as among others', async () => {
      const texts = Array.from({ length: 11 }, (_, at) => `agent ${at} ${'does things '.repeat(at)}`);
      for (const purpose of ['query', 'document'] as const) {
        const together = await embedder.embed(texts, purpose);
        for (const [at, text] of texts.entries()) {
          const [alone = new Float32Array()] = await embedder.embed([text], purpose);
          expectSame(together[at], alone);
        }
      }
    });

    it('gives the same vector again, from another embedder of this model too', async () => {
      const other = await another();
      expect(other.model).toEqual(embedder.model);
      const [first = new Float32Array()] = await embedder.embed([triple[0]], 'query');
      expectSame((await embedder.embed([triple[0]], 'query'))[0], first);
      expectSame((await other.embed([triple[0]], 'query'))[0], first);
    });

    it('puts texts that belong together nearer than others', async () => {
      const [need = new Float32Array()] = await embedder.embed([triple[0]], 'query');
      const [fit, other] = await embedder.embed(triple.slice(1), 'document');
      expect(dot(need, fit ?? need)).toBeGreaterThan(dot(need, other ?? need) + 0.05);
    });

    it('reads past white space', async () => {
      const [plain = new Float32Array()] = await embedder.embed(['reads bills'], 'query');
      expectSame((await embedder.embed(['\n reads \t\u00a0 bills '], 'query'))[0], plain);
    });

    it.each(Object.entries(oddTexts))('embeds odd texts: %s', async (_, text) => {
      for (const purpose of ['query', 'document'] as const) {
        const [vector] = await embedder.embed([text], purpose);
        expectUnit(vector, embedder.model.dimensions);
      }
    });

    it('embeds odd texts among others without touching these', async () => {
      const [before = new Float32Array()] = await embedder.embed(['an agent'], 'document');
      // Of each so much as makes it odd: by itself it was read whole.
      const others = Object.values(oddTexts).map((text) => text.slice(0, 60));
      const [vector] = await embedder.embed(['an agent', ...others], 'document');
      expectSame(vector, before);
    });

    it('takes 64 texts a call, not none and not more', async () => {
      const texts = Array.from({ length: 64 }, (_, at) => `agent ${at}`);
      expect(await embedder.embed(texts, 'document')).toHaveLength(64);
      await expect(embedder.embed([], 'query')).rejects.toBeInstanceOf(TypeError);
      await expect(embedder.embed([...texts, 'one more'], 'document')).rejects.toBeInstanceOf(TypeError);
    });

    it('gives each of many calls at once its own vectors', async () => {
      const texts = Array.from({ length: 24 }, (_, at) => `number${at} ${triple[at % 3]}`);
      const alone: Float32Array[] = [];
      for (const text of texts) alone.push(...(await embedder.embed([text], 'query')));
      const atOnce = await Promise.all(texts.map((text) => embedder.embed([text], 'query')));
      for (const [at, [vector]] of atOnce.entries()) expectSame(vector, alone[at]);
    });

    it('refuses documents past what may wait, and still takes a query', async () => {
      const own = await another();
      const texts = Array.from({ length: 64 }, (_, at) => `agent ${at}`);
      const documents = Array.from({ length: 80 }, () => own.embed(texts, 'document'));
      const outcomes = Promise.allSettled(documents);
      await expect(documents.at(-1)).rejects.toMatchObject(unavailable('busy'));
      expectUnit((await own.embed(['a query'], 'query'))[0], own.model.dimensions);
      await own.close();
      await outcomes;
    });

    it('fails what is under way and what waits when it is closed', async () => {
      const own = await another();
      await own.embed(['an agent'], 'query');
      const calls = Array.from({ length: 20 }, (_, at) => own.embed([`agent ${at}`], 'document'));
      const outcomes = Promise.allSettled(calls);
      await own.close();
      for (const outcome of await outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable('model') });
      }
    });

    it('fails every call after it was closed, and may be closed twice', async () => {
      const own = await another();
      await own.embed(['an agent'], 'query');
      await own.close();
      await own.close();
      await expect(own.embed(['an agent'], 'query')).rejects.toMatchObject(unavailable('model'));
    });

    it('may be closed before it was used', async () => {
      const own = await another();
      await expect(own.close()).resolves.toBeUndefined();
    });

    function expectSame(vector: Float32Array | undefined, expected: Float32Array | undefined): void {
      expect(vector).toHaveLength(embedder.model.dimensions);
      const apart = Math.max(
        ...(vector ?? []).map((value, at) => Math.abs(value - (expected?.[at] ?? Number.NaN))),
      );
      expect(apart).toBeLessThan(tolerance);
    }
  });
}

/** What a refusal is compared with. */
export function unavailable(problem: string): object {
  return { failure: { code: 'search_unavailable', problem } };
}

function expectUnit(vector: Float32Array | undefined, dimensions: number): void {
  expect(vector).toBeInstanceOf(Float32Array);
  expect(vector).toHaveLength(dimensions);
  expect(Math.abs(dot(vector ?? new Float32Array(), vector ?? new Float32Array()) - 1)).toBeLessThan(1e-5);
}
