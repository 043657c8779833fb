import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { inParallel } from '../src/in-parallel.ts';
import { message } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { type Front, startFront } from './support/front.ts';
import { rpc } from './support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { type GatewayProcess, newFolder, runGateway } from './support/process.ts';
import { type PushStand, startPushStand } from './support/push-stand.ts';
import { type GivenWebhook, post, takePushes } from './support/pushing-agent.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

// Processes are killed, and what they held is free again only seconds later.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const tasks = 10;
const ofTask = 10;

/** A gateway over a data folder, which tries again soon. Killed when the test is over. */
async function startGatewayOn(dataDir: string, more: Record<string, unknown> = {}): Promise<GatewayProcess> {
  const file = join(newFolder(), 'gateway.yaml');
  const upstream = { allowHttp: true, allowAddresses: ['127.0.0.0/8'] };
  const settings = {
    publicUrl: 'http://127.0.0.1:1',
    issuers: [{ issuer: 'http://127.0.0.1:1', audiences: ['a'] }],
    listen: { port: 0 },
    upstream,
    push: {
      ...{ upstream, timeoutMs: 1_000, maxAttempts: 100, minBackoffMs: 20, maxBackoffMs: 500 },
    },
    search: { enabled: false },
    dataDir,
    ...more,
  };
  writeFileSync(file, JSON.stringify(settings));
  const gateway = runGateway(['serve', '--config', file]);
  await gateway.ready;
  return gateway;
}

async function killed(gateway: GatewayProcess): Promise<void> {
  gateway.kill('SIGKILL');
  await gateway.ended;
}

/** Resolves when the gateway has logged so many attempts that failed. */
async function hasFailed({ err }: GatewayProcess, times: number): Promise<void> {
  const failures = () => err.filter((line) => line.includes('webhook failed')).length;
  await vi.waitFor(() => expect(failures()).toBeGreaterThanOrEqual(times), { timeout: 60_000, interval: 20 });
}

function idsOf({ received }: Receiver): Set<unknown> {
  return new Set(received.map(({ headers }) => headers['webhook-id']));
}

/** A hundred notifications accepted, by lane in the order of acceptance. */
async function accepted(stand: PushStand, url: string): Promise<Map<string, string[]>> {
  const lanes = new Map<string, string[]>();
  for (let task = 0; task < tasks; task++) lanes.set(await stand.webhook({ url: `${url}/${task}` }), []);
  for (let index = 0; index < ofTask; index++)
    for (const [pushId, ids] of lanes) ids.push(await stand.accept(pushId, `{"task":{"index":${index}}}`));
  return lanes;
}

it('a receiver that was down gets all, once by id and in order of each task, though the gateway is killed', async () => {
  cites('A2A-4.3.3-attempts');
  const dataDir = newFolder();
  const stand = await startPushStand(dataDir);
  const { url, close } = await startReceiver();
  await close();
  const lanes = await accepted(stand, url);

  // While it is down.
  let gateway = await startGatewayOn(dataDir);
  await hasFailed(gateway, tasks);
  await killed(gateway);
  gateway = await startGatewayOn(dataDir);
  await hasFailed(gateway, 1);

  // In the middle of what it is sent when it is up.
  const receiver = await startReceiver(Number(new URL(url).port));
  onTestFinished(() => receiver.close());
  await receiver.until(30);
  await killed(gateway);
  expect(idsOf(receiver).size).toBeLessThan(tasks * ofTask);
  await startGatewayOn(dataDir);
  for (let seen = 30; idsOf(receiver).size < tasks * ofTask; seen++) await receiver.until(seen);

  expect(await stand.dead()).toEqual([]);
  for (const [task, ids] of [...lanes.values()].entries()) {
    const sent = receiver.received.filter(({ target }) => target === `/${task}`);
    // What had arrived and was not struck off when the gateway died came again, and nothing else did.
    const distinct = sent.filter(
      ({ headers }, at) => headers['webhook-id'] !== sent[at - 1]?.headers['webhook-id'],
    );
    expect(distinct.map(({ headers }) => headers['webhook-id'])).toEqual(ids);
  }
  expect(receiver.received.length - tasks * ofTask).toBeLessThanOrEqual(tasks);
});

/** A gateway that is killed and started again, behind one address, and the tasks of an agent that posts to it. */
class Mortal {
  readonly #front: Front;
  readonly #issuer: TestIssuer;
  readonly #agent: ScriptedAgent;
  readonly #dataDir = newFolder();
  #process: Promise<GatewayProcess> | undefined;

  constructor(front: Front, issuer: TestIssuer, agent: ScriptedAgent) {
    this.#front = front;
    this.#issuer = issuer;
    this.#agent = agent;
  }

  async start(): Promise<void> {
    const issuers = [{ issuer: this.#issuer.issuer, audiences: [testAudience] }];
    this.#process = startGatewayOn(this.#dataDir, { publicUrl: this.#front.url, issuers });
    this.#front.leadTo(await (await this.#process).ready);
  }

  async killAndStart(): Promise<void> {
    const gateway = await this.#process;
    if (gateway !== undefined) await killed(gateway);
    await this.start();
  }

  /** Begins a task that is to be told of there; answers the webhook its agent got. */
  async begin(taskId: string, url: string): Promise<GivenWebhook> {
    const agent = takePushes(this.#agent);
    agent.answerMessagesWith({
      task: { id: taskId, contextId: taskId, status: { state: 'TASK_STATE_WORKING' } },
    });
    const configuration = { taskPushNotificationConfig: { id: 'c', url } };
    await this.call('POST', '/agents/agent', rpc('SendMessage', { message, configuration }).body);
    const [webhook] = agent.given;
    if (webhook === undefined) throw new Error('the agent was given no webhook');
    return webhook;
  }

  async register(): Promise<void> {
    await this.call(
      'POST',
      '/admin/agents',
      JSON.stringify({ agentId: 'agent', agentCardUrl: this.#agent.cardUrl }),
    );
    const grant = { allowedAgents: ['agent'], operations: ['send', 'push'] };
    await this.call('PUT', '/admin/permissions/demo', JSON.stringify(grant));
  }

  async call(method: string, path: string, body: RequestInit['body']): Promise<void> {
    const headers = {
      authorization: `Bearer ${await this.#issuer.token({ scope: 'gateway:admin demo' })}`,
      ...{ 'content-type': 'application/json', 'a2a-version': '1.0' },
    };
    const answer = await fetch(this.#front.url + path, { method, headers, ...(body && { body }) });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

it('what an agent was told is accepted arrives, in order, wherever between the two the gateway is killed', async () => {
  const [front, issuer, agent, receiver] = await Promise.all([
    startFront(),
    startIssuer(),
    startScriptedAgent(),
    startReceiver(),
  ]);
  onTestFinished(async () => {
    await Promise.all([front.close(), issuer.close(), agent.close(), receiver.close()]);
  });
  const gateway = new Mortal(front, issuer, agent);
  await gateway.start();
  await gateway.register();
  const webhooks = new Map<string, GivenWebhook>();
  for (const taskId of ['t-0', 't-1', 't-2', 't-3'])
    webhooks.set(taskId, await gateway.begin(taskId, `${receiver.url}/${taskId}`));

  const killAt = new Set([1, 13, 40, 77, 111, 150]);
  let acceptances = 0;
  let rebirth = Promise.resolve();
  const accepted = await inParallel([...webhooks], webhooks.size, async ([taskId, webhook]) => {
    const indices: number[] = [];
    for (let index = 0; index < 50; ) {
      const status = { state: 'TASK_STATE_WORKING' };
      const update = { statusUpdate: { taskId, contextId: taskId, status, metadata: { index } } };
      const answer = await post(webhook, update).catch(() => undefined);
      if (answer?.status === 204) {
        indices.push(index++);
        if (killAt.has(++acceptances)) rebirth = gateway.killAndStart();
      } else await rebirth;
    }
    return { taskId, indices };
  });
  await rebirth;

  const arrived = (taskId: string) =>
    receiver.received
      .filter(({ target }) => target === `/${taskId}`)
      .map(({ body }) => JSON.parse(body).statusUpdate.metadata.index as number);
  const isMissing = () =>
    accepted.some(({ taskId, indices }) => indices.some((i) => !arrived(taskId).includes(i)));
  for (let seen = receiver.received.length + 1; isMissing(); seen++) await receiver.until(seen);
  for (const { taskId, indices } of accepted) {
    // One posted again, because its acceptance was lost, may come twice; none comes before the one before it.
    const firsts = [...new Set(arrived(taskId))];
    expect(firsts).toEqual(indices);
  }
});
