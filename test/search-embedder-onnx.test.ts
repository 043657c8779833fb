import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Embedder } from '../src/search/embedder.ts';
import { openOnnxEmbedder } from '../src/search/embedders/onnx.ts';
import { dot } from '../src/search/vector.ts';
import { embedderContract, unavailable } from './contract/embedder.ts';
import { gatherModel, wordTokenizer } from './support/onnx-files.ts';

/** Folder whose `node_modules` has `onnxruntime-web` and `@huggingface/tokenizers`. */
const packages = process.env.ONNX_PACKAGES;

const isThere = packages !== undefined && existsSync(join(packages, 'node_modules/onnxruntime-web'));
if (packages !== undefined && !isThere) throw new Error('ONNX_PACKAGES names no such packages');
if (!isThere) {
  process.stderr.write('SKIPPED: a model in ONNX: needs ONNX_PACKAGES, missing here\n');
}

const words = ['reimburse', 'travel', 'expenses', 'employees', 'volcano', 'query', 'passage', 'agent'];
/** Padding far from everything, so that none goes unnoticed; each word along an axis of its own. */
const table = [
  [9, 9, 9, 9, 9, 9, 9, 9, 9],
  ...Array.from({ length: words.length + 1 }, (_, word) =>
    Array.from({ length: 9 }, (_, axis) => (axis === word ? 2 : 0)),
  ),
];

const folders: string[] = [];

/** A folder of the model, with the packages in reach. */
function modelFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'a2a-onnx-'));
  folders.push(folder);
  const all = {
    'model.onnx': gatherModel(table),
    'tokenizer.json': JSON.stringify(wordTokenizer(words)),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(folder, name), content);
  symlinkSync(resolve(packages ?? '', 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

describe.skipIf(!isThere)('a model in ONNX', () => {
  const shared = isThere ? modelFolder() : '';
  const opened: Embedder[] = [];
  const threads: Worker[] = [];
  const remember = (thread: Worker) => threads.push(thread);
  beforeEach(() => {
    process.on('worker', remember);
  });
  afterEach(async () => {
    process.off('worker', remember);
    threads.length = 0;
    for (const embedder of opened.splice(0)) await embedder.close();
    for (const folder of folders.splice(0)) if (folder !== shared) rmSync(folder, { recursive: true });
  });

  async function open(files?: Readonly<Record<string, string | Uint8Array>>): Promise<Embedder> {
    const embedder = await openOnnxEmbedder(modelFolder(files));
    opened.push(embedder);
    return embedder;
  }

  /** Along which axes a text's vector lies. */
  async function axesOf(embedder: Embedder, text: string, purpose: 'query' | 'document' = 'document') {
    const [vector = []] = await embedder.embed([text], purpose);
    return [...vector.entries()].filter(([, value]) => value !== 0).map(([axis]) => axis);
  }

  embedderContract('ONNX', { open: () => openOnnxEmbedder(shared) });

  it('is named by its folder and files, and finds its own length', async () => {
    const { model } = await open();
    expect(model.id).toMatch(/^onnx:a2a-onnx-\w+:[0-9a-f]{12}$/);
    expect(model.dimensions).toBe(9);
  });

  it.each([
    ['model.onnx', gatherModel(table.map((row) => row.map((value) => value / 2)))],
    ['tokenizer.json', JSON.stringify(wordTokenizer([...words].reverse()))],
    ['tokenizer_config.json', '{"model_max_length":128}'],
    ['embedder.json', '{"pooling":"cls"}'],
  ])('is another model where %s is another', async (name, content) => {
    const digestOf = ({ model }: Embedder) => model.id.split(':').at(-1);
    expect(digestOf(await open({ [name]: content }))).not.toBe(digestOf(await open()));
  });

  it('takes the mean of its tokens, or the first as is said', async () => {
    expect(await axesOf(await open(), 'travel volcano')).toEqual([2, 5]);
    expect(await axesOf(await open({ 'embedder.json': '{"pooling":"cls"}' }), 'travel volcano')).toEqual([2]);
  });

  it('puts a prefix before queries and documents as is said', async () => {
    const config = JSON.stringify({ queryPrefix: 'query ', documentPrefix: 'passage ' });
    const embedder = await open({ 'embedder.json': config });
    expect(await axesOf(embedder, 'travel', 'query')).toEqual([2, 6]);
    expect(await axesOf(embedder, 'travel', 'document')).toEqual([2, 7]);
  });

  it('leaves out tokens past those the model reads, but for the last', async () => {
    const embedder = await open({ 'embedder.json': '{"maxTokens":8}' });
    expect(await axesOf(embedder, `${'travel '.repeat(7)}volcano agent`)).toEqual([2, 8]);
  });

  it('reads nothing of what fills up a shorter text beside a longer', async () => {
    const embedder = await open();
    const [short = new Float32Array()] = await embedder.embed(['travel', 'travel '.repeat(9)], 'document');
    const [alone = new Float32Array()] = await embedder.embed(['travel'], 'document');
    expect(dot(short, alone)).toBeCloseTo(1, 6);
  });

  it('serves again after its thread has died', async () => {
    const embedder = await open();
    const [before] = await embedder.embed(['travel'], 'query');
    await threads[0]?.terminate();
    expect((await embedder.embed(['travel'], 'query'))[0]).toEqual(before);
  });

  it('fails where its files are others when it starts again', async () => {
    const folder = modelFolder();
    const embedder = await openOnnxEmbedder(folder);
    opened.push(embedder);
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(wordTokenizer([...words].reverse())));
    await expect(embedder.embed(['travel'], 'query')).resolves.toHaveLength(1);
    await threads[0]?.terminate();
    await expect(embedder.embed(['travel'], 'query')).rejects.toMatchObject({
      ...unavailable('model'),
      cause: { message: expect.stringContaining('have changed') },
    });
  });

  it.each([
    ['a model that is none', { 'model.onnx': 'no protobuf at all' }, /protobuf|parse|model/i],
    ['a model cut short', { 'model.onnx': gatherModel(table).slice(0, 200) }, /./],
    ['a tokenizer that is none', { 'tokenizer.json': '{}' }, /./],
    [
      'a token the model does not have',
      {
        'model.onnx': gatherModel(table.slice(0, 1)),
        'tokenizer.json': JSON.stringify(wordTokenizer(['dimensions'])),
      },
      /out of data bounds/,
    ],
    ['an unknown member', { 'embedder.json': '{"prefix":"x"}' }, /embedder\.json.*prefix/s],
    ['JSON cut short', { 'embedder.json': '{' }, /embedder\.json is not JSON/],
  ])('says why it cannot be opened: %s', async (_, files, said) => {
    await expect(open(files)).rejects.toMatchObject({
      ...unavailable('model'),
      cause: { message: expect.stringMatching(said) },
    });
  });
});

it('says what to install where a package is missing', async () => {
  const folder = modelFolder();
  rmSync(join(folder, 'node_modules'));
  await expect(openOnnxEmbedder(folder)).rejects.toMatchObject({
    ...unavailable('model'),
    cause: { message: expect.stringContaining('npm install onnxruntime-web @huggingface/tokenizers') },
  });
  rmSync(folder, { recursive: true });
});
