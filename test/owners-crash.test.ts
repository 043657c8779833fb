import { randomInt, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inParallel } from '../src/in-parallel.ts';
import { rpc } from './support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { bundledGateway, type GatewayProcess, newFolder, runGateway } from './support/process.ts';
import { answerJson, type Script, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

// Two hundred processes are started and killed, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });

const kills = 200;
/** Data folders with gateways, callers and an agent of their own, so that every core has something to do. */
const lanes = 2;
const callers = 8;
/** After as many answers of the agent a gateway is killed, */
const answersBeforeKill = { least: callers, most: 5 * callers };
/** and within this time, in which it relays the last of them, and more begin. */
const longestDelayMs = 15;
const longestGapMs = 5;

let issuer: TestIssuer;
let program: readonly string[];
let tokens: Record<'admin' | 'owner' | 'stranger', string>;

beforeAll(async () => {
  [issuer, program] = await Promise.all([startIssuer(), bundledGateway()]);
  const [admin, owner, stranger] = await Promise.all([
    issuer.token({ scope: 'gateway:admin' }),
    issuer.token({ sub: 'owner' }),
    issuer.token({ sub: 'stranger' }),
  ]);
  tokens = { admin, owner, stranger };
});
afterAll(() => issuer.close());

/** Makes a task of every message, and tells anyone of any. @param onAnswer told when it has answered one */
function answeringAnyone(onAnswer: (taskId: string) => void): Script {
  return (request, response, incoming) => {
    const { id, method, params } = JSON.parse(request.body);
    const words = (result: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result });
    const answer = (script: Script) => script(request, response, incoming);
    if (method === 'GetTask') return answer(answerJson(words(taskOf(params.id))));
    const taskId = `task-${randomUUID()}`;
    response.once('finish', () => onAnswer(taskId));
    if (method === 'SendMessage') return answer(answerJson(words({ task: taskOf(taskId) })));
    return answer(streaming(eventsOf(taskId).map(words)));
  };
}

/** Events with as much between them as lets a kill come in there. */
function streaming(events: readonly string[]): Script {
  return async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) {
      response.write(`data: ${event}\n\n`);
      await setTimeout(randomInt(longestGapMs));
    }
    response.end();
  };
}

function taskOf(id: string) {
  return { id, contextId: `context-of-${id}`, status: { state: 'TASK_STATE_WORKING' } };
}

function eventsOf(taskId: string): unknown[] {
  const about = { taskId, contextId: `context-of-${taskId}` };
  const status = { state: 'TASK_STATE_COMPLETED' };
  const artifact = { artifactId: 'a', parts: [{ text: 'some of it' }] };
  return [
    { task: taskOf(taskId) },
    { artifactUpdate: { ...about, artifact } },
    { statusUpdate: { ...about, status } },
  ];
}

/** A data folder, over which one gateway runs after the other. */
class Lane {
  readonly #agent: ScriptedAgent;
  readonly #config = join(newFolder(), 'gateway.yaml');
  #url = '';
  #onAnswer: () => void = () => {};
  /** Tasks the agent has told of in whole. */
  readonly answered = new Set<string>();
  /** Tasks of which the owner has received as much as their ids, and those of which it has received everything. */
  readonly seen = new Set<string>();
  readonly whole = new Set<string>();

  constructor(agent: ScriptedAgent) {
    this.#agent = agent;
    agent.script(
      answeringAnyone((taskId) => {
        this.answered.add(taskId);
        this.#onAnswer();
      }),
    );
    const settings = {
      publicUrl: 'http://127.0.0.1:1',
      issuers: [{ issuer: issuer.issuer, audiences: [testAudience] }],
      upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
      listen: { port: 0 },
      search: { enabled: false },
      dataDir: newFolder(),
      log: { level: 'error' },
    };
    writeFileSync(this.#config, JSON.stringify(settings));
  }

  async start(): Promise<GatewayProcess> {
    const gateway = runGateway(['serve', '--config', this.#config], {}, program);
    this.#url = await gateway.ready;
    return gateway;
  }

  async register(): Promise<void> {
    const admin = async (method: string, path: string, body: unknown) => {
      const headers = { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' };
      const answer = await fetch(this.#url + path, { method, headers, body: JSON.stringify(body) });
      expect(answer.status).toBe(201);
    };
    await admin('POST', '/admin/agents', { agentId: 'agent', agentCardUrl: this.#agent.cardUrl });
    await admin('PUT', '/admin/permissions/demo', { allowedAgents: ['agent'] });
  }

  /** Calls a gateway with many at once, and kills it while it relays. Answers the tasks the owner has come to know. */
  async callUntilKilled(gateway: GatewayProcess): Promise<string[]> {
    const before = new Set(this.seen);
    let left = randomInt(answersBeforeKill.least, answersBeforeKill.most);
    this.#onAnswer = () => {
      if (--left === 0) void setTimeout(randomInt(longestDelayMs)).then(() => gateway.kill('SIGKILL'));
    };
    let isAlive = true;
    const ended = gateway.ended.finally(() => {
      isAlive = false;
    });
    const calling = Array.from({ length: callers }, async (_, n) => {
      while (isAlive) await this.#send(n % 2 === 0 ? 'SendMessage' : 'SendStreamingMessage');
    });
    await Promise.all(calling);
    expect(await ended).toMatchObject({ code: null, signal: 'SIGKILL' });
    return [...this.seen].filter((taskId) => !before.has(taskId));
  }

  /** Sends a message as the owner, and notes every id in whatever arrives of the answer. */
  async #send(method: string): Promise<void> {
    const message = { messageId: randomUUID(), role: 'ROLE_USER', parts: [{ text: 'Hello.' }] };
    let text = '';
    const note = () => text.match(/task-[\da-f-]{36}/)?.[0];
    try {
      const { body } = await this.#call('owner', method, { message });
      for await (const bytes of body ?? []) {
        text += Buffer.from(bytes).toString('latin1');
        const taskId = note();
        if (taskId !== undefined) this.seen.add(taskId);
      }
      const taskId = note();
      if (taskId !== undefined) this.whole.add(taskId);
    } catch {
      // The gateway is gone, and with it whatever was under way.
    }
  }

  /** What a caller is told of a task: its id, or the code of the error. */
  async told(as: 'owner' | 'stranger', taskId: string): Promise<unknown> {
    const { result, error } = await (await this.#call(as, 'GetTask', { id: taskId })).json();
    return result?.id ?? error?.code;
  }

  #call(as: 'owner' | 'stranger', method: string, params: unknown): Promise<Response> {
    const request = rpc(method, params);
    const headers = { ...request.headers, authorization: `Bearer ${tokens[as]}`, 'a2a-version': '1.0' };
    return fetch(`${this.#url}/agents/agent`, { ...request, headers });
  }

  /** All tasks that a caller finds in its lists. */
  async listed(as: 'owner' | 'stranger'): Promise<Set<string>> {
    const ids = new Set<string>();
    for (let pageToken: string | undefined; pageToken !== ''; ) {
      const { result } = await (await this.#call(as, 'ListTasks', { pageSize: 100, pageToken })).json();
      for (const { id } of result.tasks) ids.add(id);
      pageToken = result.nextPageToken;
    }
    return ids;
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async expectOwned(taskIds: Iterable<string>): Promise<void> {
    await inParallel([...taskIds], callers, async (taskId) => {
      expect([await this.told('owner', taskId), taskId]).toEqual([taskId, taskId]);
      expect(await this.told('stranger', taskId)).toBe(-32001);
    });
  }
}

/** Kills one gateway after the other, and asks the next one for what the caller knows. */
async function killedAgainAndAgain(lane: Lane, times: number): Promise<void> {
  let known: string[] = [];
  for (let n = 0; n < times; n++) {
    const gateway = await lane.start();
    if (n === 0) await lane.register();
    await lane.expectOwned(known);
    known = await lane.callUntilKilled(gateway);
  }
  const gateway = await lane.start();
  await lane.expectOwned(known);
  const listed = await lane.listed('owner');
  expect([...lane.seen].filter((taskId) => !listed.has(taskId))).toEqual([]);
  expect(await lane.listed('stranger')).toEqual(new Set());
  gateway.kill('SIGKILL');
  await gateway.ended;
}

describe('a gateway that is killed between an agent’s answer and its relay, again and again', () => {
  const killed: Lane[] = [];
  beforeAll(async () => {
    const agents = await Promise.all(Array.from({ length: lanes }, startScriptedAgent));
    killed.push(...agents.map((agent) => new Lane(agent)));
  });
  afterAll(() => Promise.all(killed.map((lane) => lane.close())));

  it('leaves no caller with a task that it does not reach, or that another does', async () => {
    await Promise.all(killed.map((lane) => killedAgainAndAgain(lane, kills / lanes)));
    const [answered, seen, whole] = (['answered', 'seen', 'whole'] as const).map((tasks) =>
      killed.reduce((sum, lane) => sum + lane[tasks].size, 0),
    );
    // Every kill cut off calls: after the agent's answer and before any of it was relayed, and within streams.
    expect(answered ?? 0).toBeGreaterThan((seen ?? 0) + kills);
    expect(seen ?? 0).toBeGreaterThan(whole ?? 0);
  });
});
