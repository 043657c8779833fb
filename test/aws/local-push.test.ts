import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type LocalGateway, startLocalGateway } from '../aws-local/local-gateway.ts';
import { type PushingAgent, post, takePushes, workingTask } from '../support/pushing-agent.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { cardAt, type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { describeWith } from './tools.ts';

/** A notification on its way: agent, API, table, queue, function, receiver. */

const secrets = { token: 'token-of-the-caller', credentials: 'credentials-of-the-caller' };
const update = (state: string) => ({
  statusUpdate: { taskId: workingTask.id, contextId: workingTask.contextId, status: { state } },
});

let gateway: LocalGateway;
let scripted: ScriptedAgent;
let agent: PushingAgent;
let receiver: Receiver;

async function call(method: string, params: object): Promise<unknown> {
  const response = await gateway.fetch('/agents/pushing', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return response.json();
}

/** Sets a webhook for a new task; answers what the agent was given for it. */
async function newWebhook(id: string) {
  const { token, credentials } = secrets;
  const authentication = { scheme: 'Bearer', credentials };
  const config = { id, url: `${receiver.url}/of-the-caller`, token, authentication };
  const message = { messageId: `m-${id}`, role: 'ROLE_USER', parts: [{ text: 'go' }] };
  expect(await call('SendMessage', { message })).toHaveProperty('result.task.id', workingTask.id);
  const created = await call('CreateTaskPushNotificationConfig', { taskId: workingTask.id, ...config });
  expect(created).toMatchObject({ result: config });
  const given = agent.given.at(-1);
  if (given === undefined) throw new Error('the agent was given no webhook');
  return given;
}

describeWith(['java', 'moto'], 'webhooks on aws:local', () => {
  beforeAll(async () => {
    [gateway, scripted] = await Promise.all([startLocalGateway(), startScriptedAgent()]);
    scripted.card(cardAt(scripted.url));
    agent = takePushes(scripted);
    const body = { agentId: 'pushing', agentCardUrl: scripted.cardUrl };
    expect((await gateway.admin('POST', '/admin/agents', body)).status).toBe(201);
  });
  afterAll(() => Promise.all([gateway?.close(), scripted?.close()]));
  beforeEach(async () => {
    receiver = await startReceiver();
    return () => receiver.close();
  });

  it('what an agent posts reaches the caller, in order, with what the caller set', async () => {
    const given = await newWebhook('c-1');
    expect(given.url.startsWith(`${gateway.url}/push/`)).toBe(true);
    for (const state of ['TASK_STATE_WORKING', 'TASK_STATE_INPUT_REQUIRED', 'TASK_STATE_COMPLETED'])
      expect((await post(given, update(state))).status).toBe(204);
    await receiver.until(3);
    expect(receiver.received.map(({ body }) => JSON.parse(body).statusUpdate.status.state)).toEqual([
      'TASK_STATE_WORKING',
      'TASK_STATE_INPUT_REQUIRED',
      'TASK_STATE_COMPLETED',
    ]);
    for (const { target, headers } of receiver.received) {
      expect(target).toBe('/of-the-caller');
      expect(headers.authorization).toBe(`Bearer ${secrets.credentials}`);
      expect(headers['x-a2a-notification-token']).toBe(secrets.token);
    }
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  });

  it('what a receiver does not take comes again, under the same id', async () => {
    const given = await newWebhook('c-2');
    let failures = 2;
    receiver.answer(() => (failures-- > 0 ? 503 : 204));
    expect((await post(given, update('TASK_STATE_WORKING'))).status).toBe(204);
    await receiver.until(3);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('what a receiver wants no more is a dead letter, which an administrator has sent again', async () => {
    const given = await newWebhook('c-3');
    receiver.answer(() => 410);
    expect((await post(given, update('TASK_STATE_FAILED'))).status).toBe(204);
    const letters = async () => {
      const answer = await gateway.admin('GET', '/admin/push/dead-letters?agentId=pushing');
      return (await answer.json()).deadLetters ?? [];
    };
    await expect.poll(letters, { timeout: 20_000 }).toHaveLength(1);
    const [{ deliveryId, problem, receiver: origin }] = await letters();
    expect([problem, origin]).toEqual(['status_410', receiver.url]);
    receiver.answer(() => 204);
    const again = await gateway.admin('POST', `/admin/push/dead-letters/${deliveryId}/retry`);
    expect(again.status).toBe(204);
    await receiver.until(2);
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([deliveryId, deliveryId]);
    expect(await letters()).toEqual([]);
  });

  it('who has no secret of it reaches no webhook, whatever token is shown, and is told nothing', async () => {
    const given = await newWebhook('c-4');
    const token = await gateway.token('admin');
    const unknown = { url: `${gateway.url}/push/unknown`, credentials: given.credentials };
    const answers = await Promise.all([
      post(given, update('TASK_STATE_WORKING'), {}),
      post(given, update('TASK_STATE_WORKING'), { authorization: `Bearer ${token}` }),
      post(unknown, update('TASK_STATE_WORKING')),
    ]);
    const told = await Promise.all(
      answers.map(async (answer) => [answer.status, (await answer.json()).error]),
    );
    expect(new Set(told.map(([status]) => status)).size).toBe(1);
    expect(receiver.received).toEqual([]);
  });

  it('no secret, and nothing of what is told, is in what the functions print', () => {
    const printed = gateway.printed.join('\n');
    expect(printed).toContain('webhook delivered');
    for (const secret of [secrets.token, secrets.credentials, 'TASK_STATE_INPUT_REQUIRED', '/of-the-caller'])
      expect(printed).not.toContain(secret);
    for (const { credentials } of agent.given) expect(printed).not.toContain(credentials);
  });
});
