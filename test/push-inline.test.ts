import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { message } from './support/bindings.ts';
import { cellCaller } from './support/cell-caller.ts';
import { permit, register, rpc } from './support/gateway.ts';
import { withMadeUp } from './support/golden.ts';
import { legacyCardAt } from './support/legacy.ts';
import { protoMessage } from './support/legacy-proto.ts';
import { hooksIn, messageWith } from './support/push-speech.ts';
import {
  type GivenWebhook,
  type PushingAgent,
  post,
  takePushes,
  workingTask,
} from './support/pushing-agent.ts';
import { errorInfo } from './support/raw.ts';
import { type RelayStand, startRelayStand } from './support/relay-stand.ts';

/** Webhooks that come with a message, before there is a task. */

let stand: RelayStand;
let agent: PushingAgent;

beforeAll(async () => {
  stand = await startRelayStand();
  const { gateway } = stand;
  const { url } = gateway.agent;
  gateway.agent.card(legacyCardAt(url, { url: `${url}/rest`, preferredTransport: 'HTTP+JSON' }));
  await register(gateway, { agentId: 'elder' });
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations });
});
afterAll(() => stand.close());
beforeEach(() => {
  agent = takePushes(stand.gateway.agent);
});

function send(text: string): Promise<Response> {
  return stand.gateway.fetch('/agents/agent', { ...rpc(''), body: text });
}

const update = { statusUpdate: { taskId: 't-1', contextId: 'ctx-1', status: workingTask.status } };

function webhookOf(path: string): string {
  return JSON.stringify({ id: 'c-1', url: stand.receiver.url + path, token: 'of-the-caller' });
}

describe('a message that brings a webhook', () => {
  it('reaches an agent that speaks as its caller with nothing else touched', async () => {
    const text = (config: string) =>
      ` {"id":1.0e0,"jsonrpc":"2.0","method":"SendMessage", "params":{"metadata":{"n":9007199254740993},` +
      `"configuration":{"x":1.0,"taskPushNotificationConfig" : ${config}, "y":[1e2]},"message":${JSON.stringify(message)}}} `;
    await send(text(webhookOf('/untouched')));
    const own =
      `{"id":"c-1","url":"${stand.publicUrl}/push/{{pushId}}","token":"{{secret}}",` +
      `"authentication":{"scheme":"Bearer","credentials":"{{secret}}"}}`;
    expect(withMadeUp(stand.gateway.agent.seen.at(-1)?.body ?? '')).toBe(text(own));
  });

  it('is refused where it brings it by a name that only another binding has', async () => {
    const configuration = { pushNotificationConfig: { url: stand.receiver.url } };
    const answer = await stand.gateway.fetch('/agents/elder/v1/message:send', {
      method: 'POST',
      headers: { 'a2a-version': '', 'content-type': 'application/json' },
      body: JSON.stringify({ message: protoMessage, configuration }),
    });
    const metadata = { member: 'configuration.pushNotificationConfig', rule: 'alias' };
    expect(errorInfo(await answer.text())).toEqual({ reason: 'MEMBER_REFUSED', metadata });
  });

  it('leaves no webhook that could be posted to where the agent answers with a message', async () => {
    agent.answerMessagesWith({ message: { messageId: 'a-1', role: 'ROLE_AGENT', parts: [] } });
    for (const method of ['SendMessage', 'SendStreamingMessage']) {
      const configuration = { taskPushNotificationConfig: JSON.parse(webhookOf('/none')) };
      await (
        await send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { message, configuration } }))
      ).text();
    }
    expect(agent.given).toHaveLength(2);
    for (const webhook of agent.given) expect((await post(webhook, update)).status).toBe(404);
  });

  it('keeps its webhook with the task it goes on with, where the agent answers with a message', async () => {
    const caller = cellCaller(stand.gateway, 'JSON-RPC 1.0', await stand.gateway.issuer.token());
    agent.answerMessagesWith({ message: { messageId: 'a-1', role: 'ROLE_AGENT', parts: [] } });
    const hook = { id: 'c-9', url: `${stand.receiver.url}/goes-on` };
    await caller.call('SendMessage', { params: messageWith('JSON-RPC 1.0', hook, 't-1') });
    expect(hooksIn((await caller.call('ListTaskPushNotificationConfigs')).text)).toContainEqual(hook);
  });

  it('has its webhook told of the task even where the answer to it was lost', async () => {
    const given: GivenWebhook[] = [];
    stand.gateway.agent.script((request, response) => {
      const { configuration } = JSON.parse(request.body).params;
      const { url, token } = configuration.taskPushNotificationConfig;
      given.push({ ...configuration.taskPushNotificationConfig, url, credentials: token });
      response.destroy();
    });
    const configuration = { taskPushNotificationConfig: JSON.parse(webhookOf('/lost')) };
    const answer = await send(JSON.stringify({ ...call, params: { message, configuration } }));
    expect(errorInfo(await answer.text())?.reason).toBe('UPSTREAM_RESET');
    const [webhook] = given;
    if (webhook === undefined) throw new Error('the agent was given no webhook');
    const before = stand.receiver.received.length;
    expect((await post(webhook, { task: { ...workingTask, id: 't-lost' } })).status).toBe(204);
    await stand.receiver.until(before + 1);
    expect(stand.receiver.received.at(-1)).toMatchObject({ target: '/lost' });
    expect((await post(webhook, update)).status).toBe(400);
  });
});

const call = { jsonrpc: '2.0', id: 1, method: 'SendMessage' };
