import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SearchStatus } from '../src/runtimes/node/search-upkeep.ts';
import { type EmbeddingServer, startEmbeddingServer } from './support/embedding-server.ts';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { type GatewayProcess, newFolder, runGateway } from './support/process.ts';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

// Processes are started and killed, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let issuer: TestIssuer;
let agent: ScriptedAgent;
let model: EmbeddingServer;
let token: string;

beforeAll(async () => {
  [issuer, agent, model] = await Promise.all([startIssuer(), startScriptedAgent(), startEmbeddingServer()]);
  token = await issuer.token({ scope: 'gateway:admin everything' });
});
afterAll(() => Promise.all([issuer.close(), agent.close(), model.close()]));

/** A configuration over a data folder of its own, or a given one. */
function newConfig(dataDir = newFolder()): string {
  const file = join(newFolder(), 'gateway.yaml');
  const settings = {
    publicUrl: 'http://127.0.0.1:1',
    issuers: [{ issuer: issuer.issuer, audiences: [testAudience] }],
    upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
    listen: { port: 0 },
    search: { embedder: 'openai', openai: { url: model.openAiUrl, model: 'words', dimensions: 32 } },
    log: { level: 'error' },
    dataDir,
  };
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

class Gateway {
  readonly process: GatewayProcess;
  #url = '';

  constructor(config: string) {
    this.process = runGateway(['serve', '--config', config]);
  }

  async ready(): Promise<this> {
    this.#url = await this.process.ready;
    return this;
  }

  call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(this.#url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async permitAll(): Promise<void> {
    await this.call('PUT', '/admin/permissions/everything', { allowedAgents: ['*'] });
  }

  async register(agentId: string): Promise<boolean> {
    const body = { agentId, agentCardUrl: agent.cardUrl, tags: [`only-${agentId}`] };
    return (await this.call('POST', '/admin/agents', body)).status === 201;
  }

  async remove(agentId: string): Promise<boolean> {
    const { headers } = await this.call('GET', `/admin/agents/${agentId}`);
    const etag = { 'if-match': headers.get('etag') ?? '' };
    return (await this.call('DELETE', `/admin/agents/${agentId}`, undefined, etag)).status === 204;
  }

  /** The agents that fit, and how they were found. */
  async search(query: string): Promise<{ ids: string[]; mode: string }> {
    const answer = await this.call('POST', '/search', { query, topK: 100 });
    if (!answer.ok) throw new Error(await answer.text());
    const { results, mode } = (await answer.json()) as { results: { agentId: string }[]; mode: string };
    return { ids: results.map(({ agentId }) => agentId), mode };
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.ended;
  }

  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    expect((await this.process.ended).code).toBe(0);
  }
}

async function statusOf(config: string): Promise<SearchStatus> {
  const { code, out, err } = await runGateway(['search', 'status', '-c', config, '--json']).ended;
  expect({ code, err }).toEqual({ code: 0, err: [] });
  return JSON.parse(out[0] ?? '') as SearchStatus;
}

/** Resolves when every agent has its document and its vector. */
async function complete(config: string, agents: number): Promise<void> {
  await vi.waitFor(
    async () =>
      expect(await statusOf(config)).toMatchObject({
        ...{ agents, documents: agents, pending: 0 },
        sets: [{ serves: true, vectors: agents, missing: 0 }],
      }),
    { timeout: 60_000, interval: 200 },
  );
}

describe('a gateway that is killed again and again while agents come and go', () => {
  it('finds exactly the agents there are when it runs at last', async () => {
    const config = newConfig();
    const registered: string[] = [];
    const removed: string[] = [];
    for (const round of [1, 2, 3]) {
      const gateway = await new Gateway(config).ready();
      await gateway.permitAll();
      for (let n = 0; n < 25; n++) {
        const agentId = `r${round}n${n}`;
        expect(await gateway.register(agentId)).toBe(true);
        registered.push(agentId);
        const gone = n % 5 === 4 ? registered[registered.length - 3] : undefined;
        if (gone !== undefined && (await gateway.remove(gone))) removed.push(gone);
      }
      // While it still works off what was written last.
      await gateway.kill();
    }
    const gateway = await new Gateway(config).ready();
    const there = registered.filter((id) => !removed.includes(id));
    expect(removed).toHaveLength(15);
    await complete(config, there.length);
    for (const id of there.slice(0, 20)) expect((await gateway.search(`only-${id}`)).ids[0]).toBe(id);
    for (const id of removed) expect((await gateway.search(`only-${id}`)).ids).not.toContain(id);
    expect((await gateway.search('agent')).mode).toBe('hybrid');
    await gateway.stop();
  });
});

describe('two gateways on one data folder', () => {
  it('find what the other registered, and the one that is left goes on embedding', async () => {
    const dataDir = newFolder();
    const configs = [newConfig(dataDir), newConfig(dataDir)] as const;
    const [one, other] = await Promise.all(configs.map((config) => new Gateway(config).ready()));
    if (one === undefined || other === undefined) throw new Error('two were started');
    await one.permitAll();
    for (const id of ['a', 'b', 'c']) expect(await one.register(id)).toBe(true);
    await vi.waitFor(async () => expect((await other.search('only-b')).ids[0]).toBe('b'), {
      timeout: 10_000,
    });
    await complete(configs[1], 3);
    await one.kill();
    expect(await other.register('d')).toBe(true);
    await complete(configs[1], 4);
    expect(await other.remove('a')).toBe(true);
    await vi.waitFor(async () => expect((await other.search('only-a')).ids).not.toContain('a'), {
      timeout: 10_000,
    });
    await other.stop();
  });
});

describe('a rebuild beside a gateway', () => {
  it('that is killed in the middle loses nothing, and the next one does all of it', async () => {
    const config = newConfig();
    const gateway = await new Gateway(config).ready();
    await gateway.permitAll();
    for (let n = 0; n < 70; n++) expect(await gateway.register(`a${n}`)).toBe(true);
    await complete(config, 70);

    const asked = model.requests.length;
    const release = model.hold();
    const first = runGateway(['search', 'rebuild', '-c', config]);
    await model.received(asked + 1);
    first.kill('SIGKILL');
    await first.ended;
    release();
    expect(await gateway.search('only-a42')).toEqual({
      ids: expect.arrayContaining(['a42']),
      mode: 'hybrid',
    });

    const second = await runGateway(['search', 'rebuild', '-c', config, '--json']).ended;
    expect({ code: second.code, err: second.err }).toEqual({ code: 0, err: [] });
    const lines = second.out.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual({ phase: 'vectors', done: 70, total: 70 });
    expect(lines.at(-1)).toMatchObject({ phase: 'done', agents: 70, documents: 70, pending: 0 });
    expect((await gateway.search('only-a42')).mode).toBe('hybrid');
    await gateway.stop();
  });
});
