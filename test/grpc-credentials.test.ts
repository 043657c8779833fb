import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permit, startGateway, type TestGateway } from './support/gateway.ts';
import { answerGrpc, answerStatus, type GrpcAgent, grpcAgent } from './support/grpc-agent.ts';
import { changeAgent, clientCredentials, readAgent } from './support/management.ts';
import { answerJson } from './support/scripted-agent.ts';
import { startTokenEndpoint, type TestTokenEndpoint } from './support/token-endpoint.ts';

/** Agents that speak gRPC alone, registered with what the gateway is to present to them. */

let gateway: TestGateway;
let endpoint: TestTokenEndpoint;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  endpoint = await startTokenEndpoint(gateway.issuer);
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'read'] });
});
afterAll(async () => {
  await endpoint.close();
  await gateway.close();
});

const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };

async function register(
  agentId: string,
  { origin }: GrpcAgent,
  authConfig: unknown,
): Promise<Record<string, unknown>> {
  const { host } = new URL(origin);
  gateway.agent.script(
    answerJson({
      ...{ name: 'Speaks gRPC', description: 'Alone.', version: '1', capabilities: { streaming: true } },
      ...{ defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'] },
      skills: [{ id: 'a', name: 'A', description: 'A.', tags: ['a'] }],
      supportedInterfaces: [{ url: host, protocolBinding: 'GRPC', protocolVersion: '1.0', tenant: 'blue' }],
    }),
  );
  const agentCardUrl = `${gateway.agent.url}/card`;
  const registration = { agentId, agentCardUrl, authConfig, ownership: 'backend' }; // The ids are made up.
  const answer = await gateway.admin('POST', '/admin/agents', registration);
  expect(answer.status).toBe(201);
  return (await readAgent(gateway, agentId)).agent;
}

async function getTask(agentId: string): Promise<Record<string, unknown>> {
  const answer = await gateway.fetch(`/agents/${agentId}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await gateway.issuer.token()}`,
      'content-type': 'application/json',
      'a2a-version': '1.0',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 't-1' } }),
  });
  return answer.json();
}

describe('an agent that speaks gRPC alone', () => {
  it('is active, and presented with its credential and its tenant, and with nothing of the caller', async () => {
    const agent = await grpcAgent(answerGrpc([task]));
    const registered = await register('keyed', agent, { type: 'api_key', name: 'x-key', apiKey: 'k-1' });
    expect(registered).toMatchObject({ status: 'active', cardWarnings: [] });
    expect(await getTask('keyed')).toMatchObject({ result: task });
    const [call] = agent.calls;
    expect(call?.headers).toMatchObject({
      'x-key': 'k-1',
      'a2a-version': '1.0',
      'user-agent': 'a2a-gateway',
    });
    expect(call?.headers).not.toHaveProperty('authorization');
    expect(call?.request).toEqual({ id: 't-1', tenant: 'blue' });
  });

  it('gets a fresh token where it is UNAUTHENTICATED', async () => {
    const agent = await grpcAgent((call) =>
      (agent.calls.length === 1 ? answerStatus(16) : answerGrpc([task]))(call),
    );
    endpoint.clients.set('gateway', { secrets: ['a-secret'] });
    const { tokenUrl } = endpoint;
    await register('tokened', agent, clientCredentials(gateway, { tokenUrl }));
    expect(await getTask('tokened')).toMatchObject({ result: task });
    const tokens = agent.calls.map(({ headers }) => headers.authorization);
    expect(tokens).toEqual([expect.stringMatching(/^Bearer ./), expect.stringMatching(/^Bearer ./)]);
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  it('gets the new secret in a call that met the old one', async () => {
    const key = (apiKey: string) => ({ type: 'api_key', name: 'x-key', apiKey });
    const agent = await grpcAgent(async (call) => {
      const isNew = call.headers['x-key'] === 'new';
      if (!isNew) await changeAgent(gateway, 'changed', { authConfig: key('new') }, '*');
      (isNew ? answerGrpc([task]) : answerStatus(16))(call);
    });
    await register('changed', agent, key('old'));
    expect(await getTask('changed')).toMatchObject({ result: task });
    expect(agent.calls.map(({ headers }) => headers['x-key'])).toEqual(['old', 'new']);
  });

  it('that refuses its only credential makes the call fail, and its words stay here', async () => {
    const agent = await grpcAgent(answerStatus(16, { 'grpc-message': 'secret realm' }));
    await register('refusing', agent, { type: 'api_key', name: 'x-key', apiKey: 'old' });
    const answer = await getTask('refusing');
    expect(answer).toMatchObject({ error: { code: -32093 } });
    expect(JSON.stringify(answer)).not.toContain('realm');
  });

  it('is not active where its credential cannot ride gRPC, and its card says why', async () => {
    const agent = await grpcAgent(answerGrpc([task]));
    const authConfig = { type: 'api_key', name: 'key', in: 'query', apiKey: 'k-1' };
    expect(await register('queried', agent, authConfig)).toMatchObject({
      status: 'inactive',
      cardWarnings: [expect.stringContaining('/supportedInterfaces')],
    });
    expect(agent.calls).toEqual([]);
  });
});
