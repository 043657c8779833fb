import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.ts';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { type EmbeddingServer, startEmbeddingServer } from './support/embedding-server.ts';
import { namedAgent } from './support/keeper-stand.ts';
import { newFolder } from './support/process.ts';

let model: EmbeddingServer;
let dataDir: string;

beforeAll(async () => {
  model = await startEmbeddingServer();
});
afterAll(() => model.close());

beforeEach(() => {
  dataDir = newFolder();
});

async function addAgents(...agentIds: string[]): Promise<void> {
  const store = openSqliteStore({ path: join(dataDir, 'gateway.db') });
  for (const agentId of agentIds) await store.agents.create(namedAgent(agentId));
  await store.close();
}

function configFile(members: Record<string, unknown> = {}): string {
  const file = join(newFolder(), 'gateway.yaml');
  const settings = {
    publicUrl: 'http://127.0.0.1:1',
    issuers: [{ issuer: 'https://issuer.test', audiences: ['x'] }],
    upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
    search: {
      embedder: 'openai',
      openai: { url: model.openAiUrl, model: 'words', dimensions: 32, apiKey: 'the-secret-key' },
    },
    dataDir,
    ...members,
  };
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

async function run(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    env: {},
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    untilStopped: () => Promise.resolve(),
  };
  return { code: await main(['search', ...args], io), out, err };
}

describe('a2a-gateway search status', () => {
  it('tells what there is, before and after', async () => {
    await addAgents('a', 'b');
    const config = configFile();
    expect(await run('status', '-c', config)).toMatchObject({
      code: 0,
      err: [],
      out: [
        'agents     2 active',
        expect.stringMatching(/^documents {2}0, not of this registry/),
        expect.stringMatching(/words.*none yet/),
      ],
    });
    await run('rebuild', '-c', config);
    const { out } = await run('status', '-c', config);
    const vectors = expect.stringMatching(/words:32: 2, 0 missing, serves$/);
    expect(out).toEqual(['agents     2 active', 'documents  2, in step with the registry', vectors]);
    await addAgents('c');
    expect((await run('status', '-c', config)).out).toEqual([
      'agents     3 active',
      'documents  2, 1 changed since',
      vectors,
    ]);
  });

  it('tells it in one JSON object', async () => {
    await addAgents('a');
    const { code, out } = await run('status', '--config', configFile(), '--json');
    expect(code).toBe(0);
    expect(out).toHaveLength(1);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      ...{ agents: 1, documents: 0, follows: false, pending: 1, sets: [] },
    });
  });

  it('answers where the model cannot be opened', async () => {
    await addAgents('a');
    const search = { embedder: 'onnx', onnx: { folder: join(dataDir, 'nowhere') } };
    const { code, out } = await run('status', '-c', configFile({ search }));
    expect({ code, out }).toEqual({
      code: 0,
      out: [
        'agents     1 active',
        expect.stringMatching(/^documents {2}0, not/),
        'vectors    model: none yet',
      ],
    });
  });
});

describe('a2a-gateway search rebuild', () => {
  it('makes the index and tells how far it is, also where it was deleted', async () => {
    await addAgents(...Array.from({ length: 40 }, (_, n) => `a${n}`));
    const config = configFile();
    for (let time = 0; time < 2; time++) {
      const { code, out, err } = await run('rebuild', '-c', config);
      expect({ code, err }).toEqual({ code: 0, err: [] });
      expect(out).toEqual(
        expect.arrayContaining(['documents  40 of 40', 'vectors    40 of 40', 'agents     40 active']),
      );
      for (const suffix of ['', '-wal', '-shm']) rmSync(join(dataDir, `search.db${suffix}`), { force: true });
    }
  });

  it('tells what the model said, in one line without its key, and works the next time', async () => {
    await addAgents('a');
    const config = configFile();
    model.fail('unauthorized');
    const { code, err } = await run('rebuild', '-c', config);
    expect(code).toBe(1);
    expect(err).toEqual([
      expect.stringMatching(/^a2a-gateway: not rebuilt: the model cannot be reached: .*401/),
    ]);
    expect(err[0]).not.toContain('the-secret-key');
    model.fail('unauthorized', 0);
    expect((await run('rebuild', '-c', config)).code).toBe(0);
  });
});

describe('either', () => {
  it.each(['status', 'rebuild'])(
    'refuses %s without a store, without search and without sense',
    async (name) => {
      const empty = await run(name, '-c', configFile());
      expect(empty).toEqual({ code: 1, out: [], err: [expect.stringContaining('no gateway.db in')] });
      expect(existsSync(join(dataDir, 'search.db'))).toBe(false);
      const off = await run(name, '-c', configFile({ search: { enabled: false } }));
      expect(off).toEqual({ code: 1, out: [], err: [expect.stringContaining('search.enabled')] });
      expect((await run(name, '-c', join(dataDir, 'none.yaml'))).err).toEqual([
        expect.stringContaining('cannot read'),
      ]);
      expect((await run(name, '--what')).code).toBe(2);
    },
  );
});
