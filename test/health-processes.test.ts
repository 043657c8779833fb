import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAnswerer } from '../src/runtimes/lambda/answer-event.ts';
import { createBufferedHandler } from '../src/runtimes/lambda/buffered.ts';
import { createStreamingHandler } from '../src/runtimes/lambda/stream.ts';
import { LooseEnds } from '../src/runtimes/loose-ends.ts';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { castOf } from './scenarios/cast.ts';
import { call, success } from './support/bindings.ts';
import { register, startGateway, type TestGateway } from './support/gateway.ts';
import { contextWith, eventOf, invoke, responseOf } from './support/lambda-events.ts';
import { answerJson } from './support/scripted-agent.ts';
import { publicUrl, startStand } from './support/stand.ts';

/** How an agent does is told by every process over one store, whichever of them is asked. */

interface Health {
  origins: Record<string, unknown>[];
  processes: { id: string; seenAt: string; origins: Record<string, unknown>[] }[];
}

type Asked = Pick<TestGateway, 'admin' | 'fetch'>;

async function healthAt({ admin }: Pick<Asked, 'admin'>, agentId = 'agent'): Promise<Health> {
  return (await (await admin('GET', `/admin/agents/${agentId}/health`)).json()) as Health; // Compared below.
}

async function send(gateway: Asked, agentId = 'agent'): Promise<number> {
  const response = await call(gateway, 'HTTP+JSON', 'SendMessage', { agentId });
  await response.text();
  return response.status;
}

const answer = answerJson(success('HTTP+JSON', {}));

describe('two processes of a fleet', () => {
  let one: TestGateway;
  let other: TestGateway;

  beforeAll(async () => {
    one = await startGateway({ settings: { breaker: { consecutiveFailures: 2 } } });
    other = await startGateway({ settings: { dataDir: one.dataDir }, registration: null });
    const scope = { allowedAgents: ['*'], operations: ['send'] };
    await one.admin('PUT', '/admin/permissions/demo', scope);
  });
  beforeEach(() => one.agent.script(answer));
  afterAll(async () => {
    await other.close();
    await one.close();
  });

  /** A process tells it a moment after its caller has the answer. */
  async function toldAt(
    gateway: Asked,
    agentId: string,
    isTold: (health: Health) => boolean,
  ): Promise<Health> {
    for (;;) {
      const health = await healthAt(gateway, agentId);
      if (isTold(health)) return health;
    }
  }

  it('show the calls of both, their own first', async () => {
    await register(one, { agentId: 'both' });
    expect(await send(one, 'both')).toBe(200);
    const [{ id: first = '' } = {}] = (await healthAt(one, 'both')).processes;
    await toldAt(other, 'both', ({ processes }) => processes[0]?.id === first);
    expect(await send(other, 'both')).toBe(200);
    const health = await healthAt(other, 'both');
    expect(health.origins).toMatchObject([
      { origin: one.agent.url, worstBreaker: 'closed', calls: 2, failures: 0 },
    ]);
    expect(health.processes.map(({ id }) => id)).toEqual([expect.not.stringContaining(first), first]);
    const seen = await toldAt(one, 'both', ({ processes }) => processes.length === 2);
    expect(seen.processes.map(({ id }) => id)).toEqual(health.processes.map(({ id }) => id).toReversed());
  });

  it('show at once that one of them leaves an origin alone', async () => {
    await register(one, { agentId: 'failing' });
    one.agent.script((_, response) => void response.destroy());
    for (let failure = 0; failure < 2; failure++) await send(one, 'failing');
    const isOpen = ({ origins }: Health) => origins[0]?.worstBreaker === 'open';
    expect((await toldAt(other, 'failing', isOpen)).origins).toMatchObject([
      { calls: 2, failures: 2, lastFailure: { code: 'upstream_reset' } },
    ]);
  });

  it('show nothing of an agent that had the id before', async () => {
    await register(one, { agentId: 'again' });
    await send(one, 'again');
    await toldAt(other, 'again', ({ processes }) => processes.length > 0);
    const found = await other.admin('GET', '/admin/agents/again');
    const tag = { 'if-match': found.headers.get('etag') ?? '' };
    expect((await other.admin('DELETE', '/admin/agents/again', undefined, tag)).status).toBe(204);
    await register(one, { agentId: 'again' });
    expect(await healthAt(other, 'again')).toMatchObject({ origins: [{ calls: 0 }], processes: [] });
  });

  it('keep nothing of callers, messages and secrets in what they tell', async () => {
    const authConfig = { type: 'api_key', in: 'query', name: 'key', apiKey: 'the-secret' };
    await register(one, { agentId: 'guarded', authConfig });
    one.agent.script((_, response) => void response.destroy());
    await send(one, 'guarded');
    await toldAt(other, 'guarded', ({ processes }) => processes.length > 0);
    const store = openSqliteStore({ path: join(one.dataDir, 'gateway.db') });
    const rows = JSON.stringify(store.driver.all('SELECT * FROM health', []));
    await store.close();
    expect(rows).toContain('guarded');
    for (const hidden of ['the-secret', 'alice', 'hello', 'm-1', 'Bearer', 'eyJ', 'secretName', '/rest', '?'])
      expect(rows).not.toContain(hidden);
  });

  it('write nothing for cards they fetch', async () => {
    await register(one, { agentId: 'unseen' });
    expect((await one.admin('POST', '/admin/agents/unseen/sync')).status).toBe(200);
    const store = openSqliteStore({ path: join(one.dataDir, 'gateway.db') });
    expect(await store.health.of('unseen', 0)).toEqual([]);
    await store.close();
  });
});

describe('functions on Lambda', () => {
  it('show at the one for management what the data plane has told before its invocation ended', async () => {
    const stand = await startStand();
    const { log } = stand;
    const looseEnds = new LooseEnds();
    const begun: unknown[] = [];
    const dataPlane = await stand.gateway(
      // Slower than the answer, as a table may be.
      (store) => ({
        ...store,
        health: {
          of: store.health.of.bind(store.health),
          async put(row) {
            begun.push(row.agentId);
            for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
            await store.health.put(row);
          },
        },
      }),
      { waitUntil: (work) => looseEnds.add(work) },
    );
    const management = await stand.gateway();
    const streaming = createStreamingHandler({
      answer: createAnswerer({ gateway: dataPlane, publicUrl, log }),
      log,
      settle: () => looseEnds.settle(),
    });
    const buffered = createBufferedHandler({
      answer: createAnswerer({ gateway: management, publicUrl, log }),
      log,
    });
    try {
      const cast = await castOf({
        ...{ ...stand, publicUrl, maxBodyBytes: stand.settings.limits.maxBodyBytes },
        async fetch(path, init) {
          const event = await eventOf(new Request(`https://edge.test${path}`, init));
          if (path.startsWith('/admin/')) return responseOf(await buffered(event, contextWith()));
          const { response, done } = invoke(streaming, event);
          const text = await (await response).text();
          await done;
          return new Response(text, { status: (await response).status });
        },
      });
      stand.agent.script(answer);
      expect((await healthAt(cast)).processes).toEqual([]);
      expect(await send(cast)).toBe(200);
      expect(begun).toEqual(['agent']);
      expect(await healthAt(cast)).toMatchObject({
        origins: [{ origin: stand.agent.url, worstBreaker: 'closed', calls: 1, failures: 0 }],
        processes: [{ origins: [{ calls: 1 }] }],
      });
    } finally {
      await stand.close();
    }
  });

  it('answer all the same where the table takes nothing, and say so once', async () => {
    const stand = await startStand();
    const looseEnds = new LooseEnds();
    const put = () => Promise.reject(new Error('down'));
    const gateway = await stand.gateway((store) => ({ ...store, health: { ...store.health, put } }), {
      waitUntil: (work) => looseEnds.add(work),
    });
    try {
      const cast = await castOf({
        ...{ ...stand, publicUrl, maxBodyBytes: stand.settings.limits.maxBodyBytes },
        fetch: (path, init) => gateway(new Request(`https://edge.test${path}`, init)),
      });
      stand.agent.script(answer);
      for (let n = 0; n < 3; n++) expect(await send(cast)).toBe(200);
      await looseEnds.settle();
      expect(stand.logged.filter(({ msg }) => msg === 'health not shared')).toHaveLength(1);
    } finally {
      await stand.close();
    }
  });
});
