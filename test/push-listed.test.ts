import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hookUrl } from './support/bindings.ts';
import { permit, register, rpc, withHeaders } from './support/gateway.ts';
import { legacyRpc } from './support/legacy.ts';
import { hooksIn } from './support/push-speech.ts';
import { takePushes } from './support/pushing-agent.ts';
import { errorInfo } from './support/raw.ts';
import { type RelayStand, startRelayStand } from './support/relay-stand.ts';

/** Push configurations page by page, and what only 0.3 has of them. */

let stand: RelayStand;
let asBob: Pick<RelayStand['gateway'], 'fetch'>;

beforeAll(async () => {
  stand = await startRelayStand({ registration: null });
  const { gateway } = stand;
  takePushes(gateway.agent);
  // So that a task of one name is everybody's.
  for (const agentId of ['agent', 'other']) await register(gateway, { agentId, ownership: 'backend' });
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations });
  const bob = await gateway.issuer.token({ sub: 'bob', client_id: 'bob' });
  asBob = withHeaders(gateway, { authorization: `Bearer ${bob}` });
  for (const who of [gateway, asBob])
    for (const agentId of ['agent', 'other'])
      for (const id of ['c-1', 'c-2', 'c-3']) await bring(who, agentId, id);
});
afterAll(() => stand.close());

async function bring(who: Pick<RelayStand['gateway'], 'fetch'>, agentId: string, id: string): Promise<void> {
  const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
  const configuration = { taskPushNotificationConfig: { id, url: hookUrl } };
  await who.fetch(`/agents/${agentId}`, rpc('SendMessage', { message, configuration }));
}

interface Page {
  configs: { id: string }[];
  nextPageToken: string;
}

async function list(params: object, who = stand.gateway as typeof asBob, agentId = 'agent'): Promise<string> {
  const request = rpc('ListTaskPushNotificationConfigs', { taskId: 't-1', ...params });
  return (await who.fetch(`/agents/${agentId}`, request)).text();
}

async function page(params: object): Promise<Page> {
  return (JSON.parse(await list(params)) as { result: Page }).result;
}

describe('a list of push configurations', () => {
  it('comes in pages, each configuration once', async () => {
    const seen: string[] = [];
    let pageToken = '';
    do {
      const { configs, nextPageToken } = await page({ pageSize: 2, pageToken });
      expect(configs.length).toBeLessThanOrEqual(2);
      seen.push(...configs.map(({ id }) => id));
      pageToken = nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual(['c-1', 'c-2', 'c-3']);
    expect((await page({})).nextPageToken).toBe('');
  });

  it.each([[-1], [101], [1.5], ['2']])('has no page of the size %j', async (pageSize) => {
    const metadata = { parameter: 'pageSize', problem: '1 to 100' };
    expect(errorInfo(await list({ pageSize }))).toEqual({ reason: 'PARAMETER_INVALID', metadata });
  });

  it('goes on for the caller, the agent and the task it began for alone', async () => {
    const { nextPageToken } = await page({ pageSize: 2 });
    const refused = {
      reason: 'PARAMETER_INVALID',
      metadata: { parameter: 'pageToken', problem: 'not a page token' },
    };
    expect(errorInfo(await list({ pageToken: nextPageToken }, asBob))).toEqual(refused);
    expect(errorInfo(await list({ pageToken: nextPageToken }, stand.gateway, 'other'))).toEqual(refused);
    for (const pageToken of ['c-2', `${nextPageToken}A`, nextPageToken.slice(0, -4)])
      expect(errorInfo(await list({ pageToken }))).toEqual(refused);
  });
});

describe('a push configuration of 0.3', () => {
  const set = (pushNotificationConfig: object) =>
    legacy('tasks/pushNotificationConfig/set', { taskId: 't-1', pushNotificationConfig });
  const legacy = async (method: string, params: object) =>
    (await legacyRpc(stand.gateway, rpc(method, params), 'agent')).text();

  it('has the id of the task where it is given none, and is got without one', async () => {
    await set({ url: hookUrl, token: 'without' });
    const text = await legacy('tasks/pushNotificationConfig/get', { id: 't-1' });
    expect(hooksIn(text)).toEqual([{ id: 't-1', url: hookUrl, token: 'without' }]);
    await legacy('tasks/pushNotificationConfig/delete', { id: 't-1', pushNotificationConfigId: 't-1' });
    expect(hooksIn(await legacy('tasks/pushNotificationConfig/get', { id: 't-1' }))).toEqual([
      { id: 'c-1', url: hookUrl },
    ]);
  });

  it('keeps all the schemes it lists', async () => {
    const authentication = { schemes: ['Bearer', 'Basic'], credentials: 'x' };
    await set({ id: 'many', url: hookUrl, authentication });
    const key = { id: 't-1', pushNotificationConfigId: 'many' };
    const text = await legacy('tasks/pushNotificationConfig/get', key);
    expect(JSON.parse(text).result.pushNotificationConfig.authentication).toEqual(authentication);
  });
});
