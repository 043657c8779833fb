import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBackends } from '../../src/backends/backends.ts';
import { currentAuthOf } from '../../src/registry/current-auth.ts';
import type { AgentStore } from '../../src/store/port.ts';
import { anAgent } from '../contract/store.ts';
import { type AgentCoreApi, invocationPath, runtimeArn, startAgentCore } from '../support/agentcore.ts';
import { exampleKeys } from '../support/aws-service.ts';
import { register, startGateway, type TestGateway } from '../support/gateway.ts';
import { functionArn, type LambdaApi, startLambda } from '../support/lambda-invoke.ts';
import { changeAgent, refusalOf } from '../support/management.ts';
import { answerJson, cardAt, type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { upstream } from '../support/upstream-servers.ts';

/** Who may change an agent, and does not know its secret, brings the gateway to present it elsewhere. */

let gateway: TestGateway;
let lambda: LambdaApi;
let agentCore: AgentCoreApi;
/** Another origin, which the attacker holds. It serves a card that names the true one. */
let evil: ScriptedAgent;

const stolen = 'a-secret-of-another';
const movesWithout = {
  ...{ status: 400, reason: 'PARAMETER_INVALID' },
  metadata: { parameter: 'authConfig', problem: 'required: the backend moves' },
};

beforeAll(async () => {
  [gateway, lambda, agentCore, evil] = await Promise.all([
    startGateway({ registration: null }),
    startLambda(),
    startAgentCore(),
    startScriptedAgent(),
  ]);
  evil.script(answerJson(cardAt(gateway.agent.url)));
  lambda.card(cardAt('https://function.example'));
});
afterAll(() => Promise.all([gateway.close(), lambda.close(), agentCore.close(), evil.close()]));
beforeEach(() => {
  agentCore.bearer(stolen);
  evil.seen.splice(0);
});

describe('a secret does not go with an agent', () => {
  it('to a card elsewhere that asks for it, while calls stay where they were', async () => {
    const authConfig = { type: 'bearer', token: stolen };
    await register(gateway, { agentId: 'pinned', backendUrl: gateway.agent.url, authConfig });
    const card = { agentCardUrl: `${evil.url}/card.json` };
    const asking = { backend: { type: 'http', authenticateCard: true } };
    expect(await refusalOf(changeAgent(gateway, 'pinned', { ...card, ...asking }))).toEqual(movesWithout);
    // In two steps, each of which looks harmless.
    expect((await changeAgent(gateway, 'pinned', card)).status).toBe(200);
    expect(await refusalOf(changeAgent(gateway, 'pinned', asking))).toEqual(movesWithout);
    expect(evil.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('to the runtime of another account at the same address', async () => {
    const backend = { type: 'agentcore', agentRuntimeArn: runtimeArn, endpointUrl: agentCore.url };
    const authConfig = { type: 'bearer', token: stolen };
    await register(gateway, { agentId: 'runtime', agentCardUrl: undefined, backend, authConfig });
    const another = runtimeArn.replace('123456789012', '666666666666');
    const change = { backend: { ...backend, agentRuntimeArn: another } };
    expect(await refusalOf(changeAgent(gateway, 'runtime', change))).toEqual(movesWithout);
    // Another endpoint of the same one is no other place.
    const elsewhere = { backend: { ...backend, qualifier: 'prod' } };
    expect((await changeAgent(gateway, 'runtime', elsewhere)).status).toBe(200);
  });

  it('to another function', async () => {
    const backend = { type: 'lambda', functionArn, endpointUrl: lambda.url };
    const authConfig = { type: 'aws_sigv4', ...exampleKeys };
    await register(gateway, { agentId: 'function', agentCardUrl: undefined, backend, authConfig });
    const change = { backend: { ...backend, functionArn: `${functionArn}-of-another` } };
    expect(await refusalOf(changeAgent(gateway, 'function', change))).toEqual(movesWithout);
  });

  it('to another kind at the same address', async () => {
    const backend = { type: 'agentcore', agentRuntimeArn: runtimeArn, endpointUrl: agentCore.url };
    const authConfig = { type: 'bearer', token: stolen };
    await register(gateway, { agentId: 'kind', agentCardUrl: undefined, backend, authConfig });
    const change = { backend: { type: 'lambda_url', functionUrl: agentCore.url } };
    expect(await refusalOf(changeAgent(gateway, 'kind', change))).toEqual(movesWithout);
  });
});

describe('a secret given for a new place', () => {
  const bearerAuth = (version: number) => ({
    ...{ type: 'bearer', secretName: `agents/agent/${version}`, secretMembers: ['token'] },
  });

  it('does not reach the place of before, where that has the same address and refuses the old one', async () => {
    const origin = 'https://bedrock-agentcore.us-west-2.amazonaws.com';
    const agentRuntimeArn = runtimeArn.replace('123456789012', '666666666666');
    const moved = { backend: { type: 'agentcore', agentRuntimeArn }, authConfig: bearerAuth(2) };
    const agents: Pick<AgentStore, 'get'> = { get: async () => ({ ...anAgent('agent'), ...moved }) };
    const { credentials } = createBackends({
      ...{ upstream: upstream(), clock: { nowMs: () => 0 }, newId: () => 'id' },
      secrets: {
        put: async () => {},
        create: async () => false,
        get: async (name) => `{"token":"${name}"}`,
        delete: async () => {},
        list: async () => [],
      },
      currentAuth: currentAuthOf(agents as AgentStore), // Nothing else of it is asked for.
    });
    const facts = { agentId: 'agent', requestId: 'r' };
    const before = { method: 'POST', url: new URL(origin + invocationPath), headers: {} } as const;
    const refused = { ...before, headers: { authorization: 'Bearer agents/agent/1' } };
    expect(await credentials.apply(bearerAuth(1), before, facts, { refused })).toBeUndefined();
    const url = new URL(before.url.href.replace('123456789012', '666666666666'));
    expect(await credentials.apply(bearerAuth(1), { ...before, url }, facts, { refused })).toMatchObject({
      headers: { authorization: 'Bearer agents/agent/2' },
    });
  });
});
