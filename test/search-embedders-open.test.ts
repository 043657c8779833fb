import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseSettings } from '../src/config.ts';
import type { EmbedderSource } from '../src/search/embedder.ts';
import { createEmbedders, type Embedders, sourceOf } from '../src/search/embedders/open.ts';
import { unavailable } from './contract/embedder.ts';
import { type EmbeddingServer, startEmbeddingServer } from './support/embedding-server.ts';
import { upstream } from './support/upstream-servers.ts';

let server: EmbeddingServer;
let folder: string;
let embedders: Embedders;
let source: EmbedderSource;
beforeEach(async () => {
  server = await startEmbeddingServer();
  folder = mkdtempSync(join(tmpdir(), 'a2a-embedders-'));
  source = { kind: 'openai', url: server.openAiUrl, model: 'words', dimensions: 64 };
  embedders = createEmbedders({
    upstream: upstream(),
    openai: { url: server.openAiUrl, apiKey: 'the-key-of-now' },
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await embedders.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('opening embedders', () => {
  it('gives the same one for the same source, however often and at once it is asked', async () => {
    const again = { dimensions: 64, model: 'words', url: server.openAiUrl, kind: 'openai' } as const;
    const [one, other] = await Promise.all([embedders.open(source), embedders.open(again)]);
    expect(other).toBe(one);
    expect(await embedders.open(source)).toBe(one);
    expect(await embedders.open({ ...again, dimensions: 32 })).not.toBe(one);
  });

  it('sends the key to the endpoint of the settings', async () => {
    await (await embedders.open(source)).embed(['an agent'], 'query');
    expect(server.requests[0]?.headers.authorization).toBe('Bearer the-key-of-now');
  });

  it('sends the key to no other endpoint, such as one that old vectors were made by', async () => {
    const old = await startEmbeddingServer();
    const embedder = await embedders.open({ ...source, url: old.openAiUrl } as EmbedderSource);
    await embedder.embed(['an agent'], 'query');
    expect(old.requests).toHaveLength(1);
    expect(old.requests[0]?.headers).not.toHaveProperty('authorization');
    await old.close();
  });

  it('finds Bedrock where the SDK is told it is', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_BEDROCK_RUNTIME', server.bedrockUrl);
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    const embedder = await embedders.open({ kind: 'bedrock', modelId: 'amazon.titan', dimensions: 256 });
    expect((await embedder.embed(['an agent'], 'query'))[0]).toHaveLength(256);
    expect(server.requests[0]?.path).toBe('/model/amazon.titan/invoke');
  });

  it('says what is missing of a model in ONNX, and tries again when asked again', async () => {
    const onnx: EmbedderSource = { kind: 'onnx', folder: join(folder, 'model') };
    await expect(embedders.open(onnx)).rejects.toMatchObject({
      ...unavailable('model'),
      cause: { message: expect.stringContaining('cannot read model.onnx: ENOENT') },
    });
    mkdirSync(onnx.folder);
    writeFileSync(join(onnx.folder, 'model.onnx'), 'not a model');
    writeFileSync(join(onnx.folder, 'tokenizer.json'), '{');
    await expect(embedders.open(onnx)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('tokenizer.json is not JSON') },
    });
    writeFileSync(join(onnx.folder, 'tokenizer.json'), '{}');
    writeFileSync(join(onnx.folder, 'embedder.json'), '{"poling":"cls"}');
    await expect(embedders.open(onnx)).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/embedder\.json: .*poling/s) },
    });
  });

  it('closes all it opened and opens nothing more', async () => {
    const embedder = await embedders.open(source);
    const opening = embedders.open({ ...source, dimensions: 32 } as EmbedderSource);
    await embedders.close();
    await expect(embedder.embed(['an agent'], 'query')).rejects.toMatchObject(unavailable('model'));
    await expect((await opening).embed(['an agent'], 'query')).rejects.toMatchObject(unavailable('model'));
    await expect(embedders.open(source)).rejects.toMatchObject(unavailable('model'));
  });

  it('loads nothing of the kinds that are not asked for', async () => {
    const { metafile } = await build({
      entryPoints: [join(import.meta.dirname, '../src/search/embedders/open.ts')],
      outdir: folder,
      ...{ bundle: true, splitting: true, write: false, metafile: true, platform: 'node', format: 'esm' },
    });
    const [entry] = Object.values(metafile.outputs).filter(({ entryPoint }) =>
      entryPoint?.endsWith('/open.ts'),
    );
    const loaded = new Set(Object.keys(entry?.inputs ?? {}));
    for (const { path, kind } of entry?.imports ?? []) {
      if (kind !== 'import-statement') continue;
      for (const file of Object.keys(metafile.outputs[path]?.inputs ?? {})) loaded.add(file);
    }
    expect([...loaded].filter((file) => file.includes('node_modules'))).toEqual([]);
    expect([...loaded].some((file) => file.endsWith('embedders/open.ts'))).toBe(true);
    expect(Object.keys(metafile.inputs).some((file) => file.includes('client-bedrock-runtime'))).toBe(true);
    // The package is only in its thread, which is a script of its own.
    expect(Object.keys(metafile.inputs).some((file) => file.includes('@energetic-ai'))).toBe(false);
  });
});

describe('the source that settings name', () => {
  const least = {
    publicUrl: 'https://agents.test',
    issuers: [{ issuer: 'https://issuer.test', audiences: ['agents'] }],
  };
  const searchOf = (search: object) => parseSettings({ ...least, search }, {}).search;

  it('is the model that comes along, or Bedrock beside DynamoDB', () => {
    expect(sourceOf(searchOf({}), 'sqlite')).toEqual({ kind: 'use-lite' });
    expect(sourceOf(searchOf({}), 'dynamodb')).toEqual({
      kind: 'bedrock',
      modelId: 'amazon.titan-embed-text-v2:0',
      dimensions: 512,
    });
  });

  it('is what they name', () => {
    const url = 'https://api.openai.com/v1';
    const openai = { url, model: 'text-embedding-3-small', dimensions: 512, apiKey: 'k' };
    expect(sourceOf(searchOf({ embedder: 'use-lite' }), 'dynamodb')).toEqual({ kind: 'use-lite' });
    expect(sourceOf(searchOf({ embedder: 'openai', openai }), 'sqlite')).toEqual({
      ...{ kind: 'openai', url, model: 'text-embedding-3-small', dimensions: 512 },
    });
    expect(sourceOf(searchOf({ embedder: 'onnx', onnx: { folder: 'models/e5' } }), 'sqlite')).toEqual({
      kind: 'onnx',
      folder: join(process.cwd(), 'models/e5'),
    });
  });

  it.each(['openai', 'onnx'] as const)('is none where %s is not described', (embedder) => {
    expect(() => sourceOf({ ...searchOf({}), embedder }, 'sqlite')).toThrow(TypeError);
  });
});
