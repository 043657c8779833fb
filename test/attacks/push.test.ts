import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cells } from '../requirements/clause.ts';
import { cellCaller } from '../support/cell-caller.ts';
import { permit, register } from '../support/gateway.ts';
import { creation, messageWith } from '../support/push-speech.ts';
import { type GivenWebhook, type PushingAgent, post, takePushes } from '../support/pushing-agent.ts';
import { type RelayStand, startRelayStand } from '../support/relay-stand.ts';

/** Webhooks as a way in: to another's notifications, another's tasks, and the gateway itself. */

const settings = { push: { upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] }, maxWaiting: 3 } };
const principals = { ownership: 'principal' };
let stand: RelayStand;
let agent: PushingAgent;
let alice: string;
let bob: string;

beforeAll(async () => {
  stand = await startRelayStand({ registration: null, settings });
  const { issuer } = stand.gateway;
  [alice, bob] = await Promise.all([issuer.token(), issuer.token({ sub: 'bob', client_id: 'bob' })]);
});
afterAll(() => stand.close());
beforeEach(async () => {
  const { gateway } = stand;
  agent = takePushes(gateway.agent);
  await register(gateway, principals);
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: ['agent'], operations });
});
afterEach(() => unregister());

async function unregister(): Promise<void> {
  const found = await stand.gateway.admin('GET', '/admin/agents/agent');
  const headers = { 'if-match': found.headers.get('etag') ?? '' };
  await stand.gateway.admin('DELETE', '/admin/agents/agent', undefined, headers);
}

const hook = (path: string) => ({
  ...{ id: 'c-1', url: `${stand.receiver.url}${path}` },
  ...{ token: 'of-alice', scheme: 'Bearer', credentials: 'also-of-alice' },
});

/** Alice's webhook at her task, as the agent has it. */
async function webhookOfAlice(path: string): Promise<GivenWebhook> {
  const caller = cellCaller(stand.gateway, 'JSON-RPC 1.0', alice);
  await caller.call('SendMessage');
  await caller.call('CreateTaskPushNotificationConfig', { params: creation('JSON-RPC 1.0', hook(path)) });
  const [webhook] = agent.given;
  if (webhook === undefined) throw new Error('the agent was given no webhook');
  return webhook;
}

const update = (taskId: string) => ({
  statusUpdate: { taskId, contextId: 'ctx-1', status: { state: 'TASK_STATE_WORKING' } },
});

async function told(answer: Promise<Response>): Promise<unknown> {
  const { status, headers } = await answer;
  const kept = [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
  return [status, kept, await (await answer).text()];
}

describe.each(cells)("another caller's webhook, in %s", (cell) => {
  it('is as absent as one of a task that never was, and the agent is not asked', async () => {
    await webhookOfAlice('/of-alice');
    stand.gateway.agent.seen.splice(0);
    const caller = cellCaller(stand.gateway, cell, bob);
    const asked = async () => [
      (await caller.call('CreateTaskPushNotificationConfig', { params: creation(cell, hook('/bob')) })).all,
      (await caller.call('GetTaskPushNotificationConfig')).all,
      (await caller.call('ListTaskPushNotificationConfigs')).all,
      (await caller.call('DeleteTaskPushNotificationConfig')).all,
      (await caller.call('SendMessage', { params: messageWith(cell, hook('/bob'), 't-1') })).all,
    ];
    const ofAlice = await asked();
    await unregister();
    await register(stand.gateway, principals);
    expect(await asked()).toEqual(ofAlice);
    caller.close();
    expect(stand.gateway.agent.seen).toEqual([]);
  });
});

describe('who posts without having been given the webhook', () => {
  it('is told the same whatever is wrong, and nothing is delivered', async () => {
    const { url, credentials } = await webhookOfAlice('/quiet');
    const wrong = [
      () => post({ url, credentials }, update('t-1'), {}),
      () => post({ url, credentials: `${credentials}x` }, update('t-1')),
      () => post({ url, credentials }, update('t-1'), { authorization: `Basic ${credentials}` }),
      () => post({ url, credentials }, update('t-1'), { 'x-a2a-notification-token': 'of-alice' }),
      () => post({ url: `${stand.publicUrl}/push/${crypto.randomUUID()}`, credentials }, update('t-1')),
      () => post({ url: `${url.slice(0, -1)}x`, credentials }, update('t-1')),
      () => post({ url, credentials: 'x' }, 'no JSON at all'),
      () => post({ url, credentials: 'x' }, 'x'.repeat(3_000_000)),
    ];
    const answers = new Set<string>();
    for (const attempt of wrong) answers.add(JSON.stringify(await told(attempt())));
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain('WEBHOOK_UNKNOWN');
    expect(stand.receiver.received.filter(({ target }) => target === '/quiet')).toEqual([]);
  });

  it('is told the same of a webhook that was deleted, and of one of an agent that is not active', async () => {
    const webhook = await webhookOfAlice('/gone');
    const unknown = await told(post({ ...webhook, credentials: 'x' }, update('t-1')));
    const change = async (body: object) => {
      const found = await stand.gateway.admin('GET', '/admin/agents/agent');
      const headers = { 'if-match': found.headers.get('etag') ?? '' };
      return stand.gateway.admin('PATCH', '/admin/agents/agent/status', body, headers);
    };
    await change({ status: 'inactive' });
    expect(await told(post(webhook, update('t-1')))).toEqual(unknown);
    await change({ status: 'active' });
    expect((await post(webhook, update('t-1'))).status).toBe(204);
    const caller = cellCaller(stand.gateway, 'JSON-RPC 1.0', alice);
    await caller.call('DeleteTaskPushNotificationConfig');
    expect(await told(post(webhook, update('t-1')))).toEqual(unknown);
  });

  it('is told the same of one that was given to an agent registered before under the same id', async () => {
    const webhook = await webhookOfAlice('/before');
    await unregister();
    await register(stand.gateway, principals);
    expect((await post(webhook, update('t-1'))).status).toBe(404);
  });
});

describe('an agent with a webhook', () => {
  it('posts about its task alone', async () => {
    const webhook = await webhookOfAlice('/one-task');
    const refused = [
      update('t-2'),
      { task: { id: 't-2', contextId: 'ctx-1', status: { state: 'TASK_STATE_WORKING' } } },
      { kind: 'task', id: 't-2', contextId: 'ctx-1', status: { state: 'working' } },
      { ...update('t-1'), artifactUpdate: { taskId: 't-2' } },
      { ...update('t-1'), status_update: { taskId: 't-2' } },
      { statusUpdate: { ...update('t-1').statusUpdate, task_id: 't-2' } },
      { statusUpdate: { ...update('t-1').statusUpdate, id: 't-2' } },
      `{"statusUpdate":{"taskId":"t-1","taskId":"t-2"}}`,
      { message: { messageId: 'm', role: 'ROLE_AGENT', parts: [] } },
    ];
    for (const body of refused) {
      const answer = await post(webhook, body);
      expect([answer.status, body]).toEqual([400, body]);
      expect(await answer.text()).not.toContain(stand.receiver.url);
    }
  });

  it('cannot have a webhook that came with a message take over the task of another', async () => {
    await webhookOfAlice('/mine');
    const caller = cellCaller(stand.gateway, 'JSON-RPC 1.0', bob);
    // The agent never answers, so that nothing tells the task but what is posted.
    agent.answerMessagesWith({ message: { messageId: 'a', role: 'ROLE_AGENT', parts: [] } });
    const posts: Promise<Response>[] = [];
    stand.gateway.agent.script((request, response) => {
      const { url, authentication } = JSON.parse(request.body).params.configuration
        .taskPushNotificationConfig;
      const posting = post({ url, credentials: authentication.credentials }, update('t-1'));
      posts.push(posting);
      void posting.then(() => response.destroy());
    });
    await caller.call('SendMessage', { params: messageWith('JSON-RPC 1.0', hook('/bobs')) });
    expect((await posts[0])?.status).toBe(400);
    expect(stand.receiver.received.filter(({ target }) => target === '/bobs')).toEqual([]);
  });

  it('is held to what may wait, and to the size of a notification', async () => {
    stand.receiver.answer(() => 503);
    const webhook = await webhookOfAlice('/full');
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await post(webhook, update('t-1'))).status);
    expect(statuses.filter((status) => status === 204).length).toBeLessThanOrEqual(4);
    const last = await post(webhook, update('t-1'));
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    const large = { statusUpdate: { ...update('t-1').statusUpdate, metadata: { x: 'x'.repeat(1_100_000) } } };
    expect((await post(webhook, large)).status).toBe(413);
    stand.receiver.answer(() => 204);
  });

  it('is told nothing of the receiver, and the log nothing of what is posted', async () => {
    const webhook = await webhookOfAlice('/secret-path');
    const answer = await post(webhook, {
      statusUpdate: { ...update('t-1').statusUpdate, metadata: { x: 'in-the-payload' } },
    });
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    const everything = JSON.stringify([stand.gateway.logged, stand.gateway.agent.seen]);
    for (const secret of ['secret-path', 'of-alice', 'in-the-payload', webhook.credentials])
      expect([secret, JSON.stringify(stand.gateway.logged).includes(secret)]).toEqual([secret, false]);
    for (const secret of ['secret-path', 'of-alice']) expect(everything).not.toContain(secret);
    const posts = stand.gateway.logged.filter(({ operation }) => operation === 'PushNotification');
    expect(posts.at(-1)).toMatchObject({ agentId: 'agent', status: 204 });
  });
});
