import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type CellCaller, cellCaller, expectRefused } from '../support/cell-caller.ts';
import { startFront } from '../support/front.ts';
import { permit, register } from '../support/gateway.ts';
import { creation, messageWith } from '../support/push-speech.ts';
import { type GivenWebhook, type PushingAgent, post, takePushes } from '../support/pushing-agent.ts';
import { type RelayStand, startRelayStand } from '../support/relay-stand.ts';

/** A webhook that is the gateway: another's webhook, an agent behind it, its own management. */

const cell = 'JSON-RPC 1.0';
let stand: RelayStand;
let agent: PushingAgent;
let caller: CellCaller;

beforeAll(async () => {
  stand = await startRelayStand({ registration: null });
  const { gateway } = stand;
  caller = cellCaller(gateway, cell, await gateway.issuer.token());
  agent = takePushes(gateway.agent);
  await register(gateway, { ownership: 'principal' });
  await permit(gateway, 'demo', { allowedAgents: ['agent'], operations: ['send', 'read', 'push'] });
  await caller.call('SendMessage');
});
afterAll(() => stand.close());
beforeEach(() => void agent.given.splice(0));

const set = (id: string, url: string, token?: string) =>
  caller.call('CreateTaskPushNotificationConfig', {
    params: creation(cell, { id, url, ...(token !== undefined && { token }) }),
  });

async function given(id: string, url: string, token?: string): Promise<GivenWebhook> {
  await set(id, url, token);
  const webhook = agent.given.at(-1);
  if (webhook === undefined) throw new Error('the agent was given no webhook');
  return webhook;
}

const update = {
  statusUpdate: { taskId: 't-1', contextId: 'ctx-1', status: { state: 'TASK_STATE_WORKING' } },
};

it.each(['', '/', '/push/p-1', '/agents/agent', '/x/../agents/agent/message:send', '/admin/agents?x=1'])(
  'is refused by its text, set or brought: %s',
  async (path) => {
    const url = stand.publicUrl + path;
    expectRefused(cell, await set('c-1', url), 'WEBHOOK_REFUSED', { rule: 'gateway' });
    const params = messageWith(cell, { id: 'c-1', url });
    expectRefused(cell, await caller.call('SendMessage', { params }), 'WEBHOOK_REFUSED', { rule: 'gateway' });
    expect(agent.given).toEqual([]);
  },
);

it('under another name of it has no way to itself: its own id is made after its address is given', async () => {
  const alias = await startFront();
  alias.leadTo(stand.gateway.url);
  const below = ({ url }: GivenWebhook) => alias.url + new URL(url).pathname;
  const last = await given('last', `${stand.receiver.url}/last`);
  const first = await given('first', below(last), last.token);
  expect((await post(first, update)).status).toBe(204);
  await stand.receiver.until(1);

  // What leads to the first one is another than the first one leads to.
  const again = await given('last', below(first), first.token);
  expect(again.url).not.toBe(last.url);
  expect((await post(last, update)).status).toBe(404);
  expect((await post(again, update)).status).toBe(204);
  const failed = () => stand.gateway.logged.filter(({ msg }) => msg === 'webhook failed');
  while (failed().length === 0) await new Promise(setImmediate);
  expect(failed()).toMatchObject([{ problem: 'status_404' }]);
  expect(stand.receiver.received).toHaveLength(1);
  await alias.close();
});
