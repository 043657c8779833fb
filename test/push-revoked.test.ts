import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './support/bindings.ts';
import { permit, register, withHeaders } from './support/gateway.ts';
import {
  type GivenWebhook,
  type PushingAgent,
  post,
  takePushes,
  workingTask,
} from './support/pushing-agent.ts';
import { type RelayStand, startRelayStand } from './support/relay-stand.ts';

/** No webhook outlives what its caller may do. */

let stand: RelayStand;
let agent: PushingAgent;
let count = 0;

beforeAll(async () => {
  stand = await startRelayStand({ registration: null, settings: { push: { minBackoffMs: 1_000 } } });
  agent = takePushes(stand.gateway.agent);
});
afterAll(() => stand.close());

interface SetWebhook {
  /** Of the agent, the scope, the subject, the client and the token alike. */
  name: string;
  given: GivenWebhook;
}

/** A caller, an agent and a permission of their own, and the webhook that the caller has set for its task there. */
async function setWebhook(): Promise<SetWebhook> {
  const { gateway, receiver } = stand;
  const name = `name-${++count}`;
  await register(gateway, { agentId: name, ownership: 'principal' });
  await permit(gateway, name, { allowedAgents: [name], operations: ['send', 'push'] });
  const token = await gateway.issuer.token({ sub: name, client_id: name, jti: name, scope: name });
  const caller = withHeaders(gateway, { authorization: `Bearer ${token}` });
  agent.given.splice(0);
  expect((await call(caller, 'JSON-RPC', 'SendMessage', { agentId: name })).status).toBe(200);
  const params = { taskId: 't-1', id: 'c-1', url: `${receiver.url}/${name}` };
  const set = await call(caller, 'JSON-RPC', 'CreateTaskPushNotificationConfig', { agentId: name, params });
  expect(await set.json()).toHaveProperty('result.id', 'c-1');
  const [given] = agent.given;
  if (given === undefined) throw new Error('the agent was given no webhook');
  return { name, given };
}

const told = (name: string) => stand.receiver.received.filter(({ target }) => target === `/${name}`).length;

/** Keeps the webhook's first notification under way; answers how to have it refused, so that it is tried again. */
function heldFirst(name: string): () => void {
  let refuse = () => {};
  const isOver = new Promise<void>((resolve) => {
    refuse = resolve;
  });
  stand.receiver.answer(({ target }, response) => {
    if (target !== `/${name}` || told(name) > 1) return 204;
    void isOver.then(() => response.writeHead(503).end());
    return undefined;
  });
  return refuse;
}

const issuer = () => stand.gateway.issuer.issuer;
const revoke = (body: unknown) => stand.gateway.admin('POST', '/admin/revocations', body);

const changes: readonly [string, string, (name: string) => Promise<Response>][] = [
  ['the principal', 'revoked', (subject) => revoke({ kind: 'principal', issuer: issuer(), subject })],
  ['the client', 'revoked', (clientId) => revoke({ kind: 'client', issuer: issuer(), clientId })],
  ['the token', 'revoked', (tokenId) => revoke({ kind: 'token', issuer: issuer(), tokenId })],
  ['the permission', 'forbidden', (name) => stand.gateway.admin('DELETE', `/admin/permissions/${name}`)],
  [
    'the operation push',
    'forbidden',
    (name) =>
      stand.gateway.admin('PUT', `/admin/permissions/${name}`, {
        allowedAgents: [name],
        operations: ['send'],
      }),
  ],
];

describe.each(changes)('a webhook whose caller has lost %s', (_, problem, change) => {
  it('is none to the agent, and what waits for it is a dead letter', async () => {
    const { gateway } = stand;
    const { name, given } = await setWebhook();
    const refuse = heldFirst(name);
    // One is under way when the change is made, and another waits behind it.
    for (const _ of [1, 2]) expect((await post(given, { task: workingTask })).status).toBe(204);
    await expect.poll(() => told(name)).toBe(1);
    expect((await change(name)).status).toBeLessThan(300);
    refuse();
    const refused = await post(given, { task: workingTask });
    expect([refused.status, (await refused.text()).includes('WEBHOOK_UNKNOWN')]).toEqual([404, true]);
    const letters = async () => {
      const answer = await gateway.admin('GET', `/admin/push/dead-letters?agentId=${name}`);
      return ((await answer.json()) as { deadLetters: { problem: string }[] }).deadLetters;
    };
    await expect.poll(async () => (await letters()).length, { timeout: 20_000 }).toBe(2);
    expect((await letters()).map((letter) => letter.problem)).toEqual([problem, problem]);
    expect(told(name)).toBe(1);
  }, 30_000);
});

it('goes on, with what waited for it, when its agent is active again', async () => {
  const { gateway } = stand;
  const { name, given } = await setWebhook();
  const refuse = heldFirst(name);
  expect((await post(given, { task: workingTask })).status).toBe(204);
  await expect.poll(() => told(name)).toBe(1);
  const status = async (status: string) => {
    const { headers } = await gateway.admin('GET', `/admin/agents/${name}`);
    const match = { 'if-match': headers.get('etag') ?? '' };
    return gateway.admin('PATCH', `/admin/agents/${name}/status`, { status }, match);
  };
  expect((await status('inactive')).status).toBe(200);
  refuse();
  expect((await post(given, { task: workingTask })).status).toBe(404);
  const failed = () =>
    gateway.logged.filter((line) => line.agentId === name && line.problem === 'inactive').length;
  await expect.poll(failed, { timeout: 20_000 }).toBeGreaterThan(0);
  expect((await status('active')).status).toBe(200);
  await expect.poll(() => told(name), { timeout: 20_000 }).toBe(2);
}, 30_000);
