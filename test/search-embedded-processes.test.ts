import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KeptIndex } from '../src/search/kept-index.ts';
import { beginAndServe, type EmbeddedStand, put, startEmbeddedStand } from './support/embedded-stand.ts';
import { byWords, hashingEmbedder, hashingSet, toEntries, toIndexQuery } from './support/hashing-embedder.ts';

/** Several indexes on one file, in one process and in several, and one that is killed. */

vi.setConfig({ testTimeout: 60_000 });

const root = join(import.meta.dirname, '..');
const children: ChildProcess[] = [];
let stand: EmbeddedStand;
beforeEach(() => {
  stand = startEmbeddedStand();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  await stand.close();
});

interface Writer {
  process: ChildProcess;
  lines: string[];
  /** The exit code; null after a kill. */
  ended: Promise<number | null>;
  /** Resolves when so many lines were printed. */
  printed(count: number): Promise<void>;
}

function startWriter(prefix: string, count: number): Writer {
  const script = join(root, 'test/support/index-writer.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, stand.path, prefix, String(count)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    for (const { count, resolve } of waiting) if (lines.length >= count) resolve();
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    ...{ process: child, lines, ended },
    printed: (wanted) =>
      new Promise((resolve, reject) => {
        if (lines.length >= wanted) resolve();
        waiting.push({ count: wanted, resolve });
        void ended.then(() => reject(new Error(`ended after ${lines.length} lines`)));
      }),
  };
}

const found = async (index: KeptIndex, text: string, within = {}) => {
  const { hits } = await index.query(await toIndexQuery(text, { limit: 100, ...within }));
  return hits.map(({ agentId }) => agentId).toSorted();
};

describe('two indexes on one file', () => {
  let one: KeptIndex;
  let other: KeptIndex;
  beforeEach(async () => {
    [one, other] = [stand.open(), stand.open()];
    await beginAndServe(one);
  });

  it('each find what the other has put, changed and removed, at the next query', async () => {
    const topics = ['apples', 'weather', 'carpets', 'bridges', 'music'];
    for (const [round, topic] of topics.entries()) {
      const [writer, reader] = round % 2 === 0 ? [one, other] : [other, one];
      const description = `all about ${topic}`;
      const own = `own-${round}`;
      await put(
        writer,
        await toEntries([
          { agentId: 'shared', description },
          { agentId: own, description },
        ]),
      );
      expect(await found(reader, topic)).toEqual([own, 'shared']);
      if (round > 0) expect(await found(reader, topics[round - 1] ?? '')).toEqual([]);
      await writer.apply({ put: [], remove: [own] });
      expect(await found(reader, topic)).toEqual(['shared']);
    }
  });

  it('answer alike, vectors included', async () => {
    await put(one, await toEntries([{ agentId: 'a', description: 'invoices' }]));
    const query = await toIndexQuery('invoices');
    const answer = await one.query(query);
    expect(answer.hits[0]?.vector).toBeDefined();
    expect(await other.query(query)).toEqual(answer);
  });

  it('notice when another set serves', async () => {
    const small = hashingEmbedder(32);
    const literals = Array.from({ length: 600 }, (_, at) => ({
      agentId: `a-${at}`,
      description: 'invoices',
    }));
    await put(one, await toEntries(literals));
    expect((await other.serving())?.model.id).toBe(hashingSet().model.id);
    expect((await other.query(await toIndexQuery('invoices'))).total).toBe(600);

    await one.begin(hashingSet(small));
    await put(one, await toEntries(literals, small), small.model.id);
    expect(await one.serve(small.model.id)).toBe(true);
    expect((await one.serving())?.model.id).toBe('hashing:32');

    const answer = await other.query(await toIndexQuery('invoices', { limit: 100 }, small));
    expect(answer.total).toBe(600);
    expect(answer.hits.every(({ vector }) => vector !== undefined)).toBe(true);
    expect((await other.serving())?.model.id).toBe('hashing:32');
    await expect(other.query(await toIndexQuery('invoices'))).rejects.toMatchObject({
      failure: { code: 'search_unavailable', problem: 'index' },
    });
  });

  it('are told of a set that serves without being asked anything', async () => {
    expect((await other.serving())?.model.id).toBe(hashingSet().model.id);
    const small = hashingEmbedder(32);
    await beginAndServe(one, hashingSet(small));
    await vi.waitFor(async () => expect((await other.serving())?.model.id).toBe('hashing:32'), 10_000);
  });
});

describe('a second process', () => {
  it('writes beside this one, and nothing is lost', async () => {
    const index = stand.open();
    await beginAndServe(index);
    const writer = startWriter('child', 60);
    await writer.printed(1);
    for (let at = 0; at < 60; at++) {
      await put(
        index,
        await toEntries([{ agentId: `own-${at}`, description: 'invoices of own', tags: ['own'] }]),
      );
      const acknowledged = writer.lines.filter((line) => line.startsWith('vector')).length;
      const { total } = await index.query(await toIndexQuery('invoices', { patterns: ['tag:child'] }));
      // The child removes every third, of which one may be on its way.
      expect(total).toBeGreaterThanOrEqual(Math.floor((acknowledged * 2) / 3) - 1);
    }
    expect(await writer.ended).toBe(0);
    const { total } = await index.query(await toIndexQuery('invoices', { patterns: ['tag:child'] }));
    expect(total).toBe(40);
    expect((await index.query(await toIndexQuery('invoices', { patterns: ['tag:own'] }))).total).toBe(60);
    expect((await index.status()).sets).toMatchObject([{ vectors: 100, missing: 0 }]);
  });
});

describe('a process that is killed while it writes', () => {
  it('leaves every change that it was told of, and an index that is whole', async () => {
    const first = stand.open();
    await beginAndServe(first);
    await first.close();
    for (const [round, lines] of [7, 40, 101].entries()) {
      const prefix = `round${round}`;
      const writer = startWriter(prefix, 10_000);
      await writer.printed(lines);
      writer.process.kill('SIGKILL');
      await writer.ended;

      const index = stand.open();
      await expectAll(index, prefix, writer.lines);
      await index.close();
    }
  });

  async function expectAll(index: KeptIndex, prefix: string, lines: readonly string[]): Promise<void> {
    const told = (kind: string) =>
      lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
    const removed = told('removed');
    const expected = told('put').filter((agentId) => !removed.includes(agentId));
    const kept = (await index.ids({ limit: 100_000 })).filter((agentId) => agentId.startsWith(prefix));
    // What it was not told of yet may be there, or may be gone: one change at most.
    const unexpected = kept.filter((agentId) => !expected.includes(agentId));
    const gone = expected.filter((agentId) => !kept.includes(agentId));
    expect(unexpected.length + gone.length).toBeLessThanOrEqual(1);
    expect(kept.filter((agentId) => removed.includes(agentId))).toEqual([]);

    const { sets, documents, position } = await index.status();
    expect(position?.storeId).toBe(prefix);
    expect(position?.sequence).toBeGreaterThanOrEqual(told('put').length);
    expect(sets).toHaveLength(1);
    expect((sets[0]?.vectors ?? 0) + (sets[0]?.missing ?? 0)).toBe(documents);
    const missing = (await index.missing(hashingSet().model.id, 100)).items.map(({ agentId }) => agentId);
    expect(missing.filter((agentId) => told('vector').includes(agentId))).toEqual([]);
    const query = byWords(await toIndexQuery('invoices', { patterns: [`tag:${prefix}`] }));
    expect((await index.query(query)).total).toBe(kept.length);
  }
});
