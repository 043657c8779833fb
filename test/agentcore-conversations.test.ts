import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type AgentCoreApi,
  answerError,
  rememberInSessions,
  runtimeArn,
  startAgentCore,
} from './support/agentcore.ts';
import { exampleKeys } from './support/aws-service.ts';
import { call, expectRefusal, message } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from './support/gateway.ts';
import { testAudience } from './support/issuer.ts';
import { legacyCall, legacyCardAt, legacyMessage } from './support/legacy.ts';
import { type RememberedTask, taskOf } from './support/remembering-agent.ts';
import { answerJson, cardAt, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/**
 * Conversations with agents in AgentCore, through the whole gateway. The runtime keeps each session in a machine of its
 * own; here the session a task lives in is its `instance`.
 */

let one: TestGateway;
let other: TestGateway;
let agentCore: AgentCoreApi;
let tokens: ScriptedAgent;
const callerTokens = new Map<string, string>();

/** By a signature and by a token, of the gateway's own or for the caller, in each version of the protocol. */
const agents = [
  { agentId: 'signed', version: '1.0' },
  { agentId: 'by-token', version: '1.0' },
  { agentId: 'signed-veteran', version: '0.3' },
  { agentId: 'exchanging-veteran', version: '0.3' },
] as const;
type AgentUnderTest = (typeof agents)[number];

const bearer = 'a-token-of-the-backend';

beforeAll(async () => {
  [agentCore, tokens, one] = await Promise.all([
    startAgentCore(),
    startScriptedAgent(),
    startGateway({ registration: null }),
  ]);
  other = await startGateway({
    settings: { dataDir: one.dataDir },
    registration: null,
    otherIssuers: [{ issuer: one.issuer.issuer, audiences: [testAudience] }],
  });
  tokens.script(answerJson({ access_token: bearer, token_type: 'Bearer', expires_in: 3_600 }));
  agentCore.script(rememberInSessions());
  await permit(one, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read', 'cancel'] });
  for (const agent of agents) await registerInAgentCore(agent);
  for (const sub of ['alice', 'bob']) callerTokens.set(sub, await one.issuer.token({ sub, client_id: sub }));
});
afterAll(async () => {
  await other.close();
  await Promise.all([one.close(), agentCore.close(), tokens.close()]);
});
beforeEach(() => void agentCore.invoked.splice(0));

/** The runtime takes a signature or a token, never both: what it wants is set for each call. */
function wants({ agentId }: AgentUnderTest): void {
  agentCore.bearer(agentId.startsWith('signed') ? undefined : bearer);
}

async function registerInAgentCore(agent: AgentUnderTest): Promise<void> {
  wants(agent);
  const inside = 'http://0.0.0.0:9000';
  agentCore.card(agent.version === '1.0' ? cardAt(inside) : legacyCardAt(inside));
  const authConfig = authOf(agent);
  const backend = { type: 'agentcore', agentRuntimeArn: runtimeArn, endpointUrl: agentCore.url };
  await register(one, { agentId: agent.agentId, agentCardUrl: undefined, backend, authConfig });
}

function authOf({ agentId }: AgentUnderTest): Record<string, unknown> {
  if (agentId.startsWith('signed')) return { type: 'aws_sigv4', ...exampleKeys };
  const type = agentId.startsWith('exchanging') ? 'oauth2_token_exchange' : 'oauth2_client_credentials';
  return { type, tokenUrl: `${tokens.url}/token`, clientId: 'gateway', clientSecret: 'secret' };
}

type Operation = 'SendMessage' | 'SendStreamingMessage' | 'GetTask' | 'CancelTask' | 'SubscribeToTask';

interface Ids {
  contextId?: string;
  taskId?: string;
}

/** A caller's call in the agent's version: a message about these ids, or a question about the task. */
async function ask(
  agent: AgentUnderTest,
  operation: Operation,
  ids: Ids = {},
  { subject = 'alice', gateway = one } = {},
): Promise<RememberedTask | undefined> {
  wants(agent);
  const { agentId, version } = agent;
  const caller = as(subject, gateway);
  const isSend = operation === 'SendMessage' || operation === 'SendStreamingMessage';
  const said = version === '1.0' ? message : legacyMessage;
  const params = isSend ? { message: { ...said, ...ids } } : { id: ids.taskId };
  const answer =
    version === '1.0'
      ? call(caller, 'JSON-RPC', operation, { agentId, params })
      : legacyCall(caller, operation, { agentId, params });
  return taskOf(answer);
}

function as(subject: string, gateway: TestGateway): Pick<TestGateway, 'fetch'> {
  return withHeaders(gateway, { authorization: `Bearer ${callerTokens.get(subject)}` });
}

async function begin(
  agent: AgentUnderTest,
  operation: 'SendMessage' | 'SendStreamingMessage' = 'SendMessage',
): Promise<RememberedTask> {
  const task = await ask(agent, operation);
  if (task === undefined) throw new Error('a first message was refused');
  return task;
}

/** Each way of going on with a task finds the session it is in. */
async function expectGoesOn(agent: AgentUnderTest, task: RememberedTask, gateway = one): Promise<void> {
  const { id: taskId, contextId, metadata } = task;
  const ways: readonly [Operation, Ids][] = [
    ['SendMessage', { contextId }],
    ['SendMessage', { taskId }],
    ['SendStreamingMessage', { contextId, taskId }],
    ['GetTask', { taskId }],
    ['SubscribeToTask', { taskId }],
    ['CancelTask', { taskId }],
  ];
  for (const [operation, ids] of ways) {
    const found = await ask(agent, operation, ids, { gateway });
    expect([operation, found?.metadata.instance]).toEqual([operation, metadata.instance]);
  }
}

describe.each(agents)('a conversation with $agentId in $version', (agent) => {
  it.each(['SendMessage', 'SendStreamingMessage'] as const)(
    'that begins with %s stays in its session',
    async (operation) => {
      const task = await begin(agent, operation);
      expect(task.metadata.instance).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{32,255}$/);
      await expectGoesOn(agent, task);
    },
  );

  it('stays there through another gateway, and when the gateway starts again', async () => {
    const task = await begin(agent);
    await expectGoesOn(agent, task, other);
    await one.restart();
    await expectGoesOn(agent, task);
  });

  it('is in no session of another conversation', async () => {
    const tasks = [await begin(agent), await begin(agent), await begin(agent, 'SendStreamingMessage')];
    expect(new Set(tasks.map(({ metadata }) => metadata.instance)).size).toBe(3);
  });

  it('is found under a name that its caller gave it, in every process and before anything is learned', async () => {
    const contextId = `named-${agent.agentId}`;
    const gateways = [one, other, one];
    const asked = gateways.map((gateway) => ask(agent, 'SendMessage', { contextId }, { gateway }));
    const sessions = (await Promise.all(asked)).map((task) => task?.metadata.instance);
    expect(new Set(sessions).size).toBe(1);
  });
});

describe.each(agents)('attacks on conversations with $agentId', (agent) => {
  const bob = { subject: 'bob' };

  it('who names the context of another is in a session of his own', async () => {
    const hers = await begin(agent);
    const stolen = await ask(agent, 'SendMessage', { contextId: hers.contextId }, bob);
    expect(stolen?.contextId).toBe(hers.contextId);
    expect(stolen?.metadata).toMatchObject({ turns: 1 });
    expect(stolen?.metadata.instance).not.toBe(hers.metadata.instance);
    await expectGoesOn(agent, hers);
  });

  it('who names the task of another asks a session that does not know it', async () => {
    const hers = await begin(agent);
    const { id: taskId, contextId } = hers;
    for (const operation of ['GetTask', 'CancelTask', 'SubscribeToTask', 'SendMessage'] as const)
      expect(await ask(agent, operation, { taskId, contextId }, bob)).toBeUndefined();
    const sessions = agentCore.invoked.slice(1).map(({ session }) => session);
    expect(sessions).toHaveLength(4);
    expect(sessions).not.toContain(hers.metadata.instance);
    await expectGoesOn(agent, hers);
  });

  it('two who use the same context id from the start never meet', async () => {
    const ids = { contextId: `shared-${agent.agentId}` };
    const tasks = [
      await ask(agent, 'SendMessage', ids),
      await ask(agent, 'SendMessage', ids, bob),
      await ask(agent, 'SendStreamingMessage', ids),
      await ask(agent, 'SendStreamingMessage', ids, { ...bob, gateway: other }),
    ];
    expect(tasks.map((task) => task?.metadata.turns)).toEqual([1, 1, 2, 2]);
  });

  it('who sends a session of their own choosing is not listened to', async () => {
    wants(agent);
    const chosen = 'x'.repeat(40);
    const caller = withHeaders(as('bob', one), { 'x-amzn-bedrock-agentcore-runtime-session-id': chosen });
    const answer =
      agent.version === '1.0'
        ? await call(caller, 'JSON-RPC', 'SendMessage', { agentId: agent.agentId })
        : await legacyCall(caller, 'SendMessage', { agentId: agent.agentId });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-amzn-bedrock-agentcore-runtime-session-id')).toBeNull();
    expect(agentCore.invoked.map(({ session }) => session)).not.toContain(chosen);
  });
});

describe('an error of AgentCore', () => {
  it.each(['signed', 'by-token'] as const)('reaches callers of %s as one of JSON-RPC', async (agentId) => {
    wants({ agentId, version: '1.0' });
    agentCore.script(answerError(429, 'ThrottlingException', { 'retry-after': '7' }));
    const response = await call(one, 'JSON-RPC', 'SendMessage', { agentId });
    await expectRefusal(response, 'JSON-RPC', 'UPSTREAM_UNAVAILABLE', { status: '429', retryAfter: '7' });
  });

  it.each(['signed-veteran', 'exchanging-veteran'] as const)(
    'reaches callers of %s in 0.3',
    async (agentId) => {
      wants({ agentId, version: '0.3' });
      agentCore.script(answerError(500, 'InternalServerException'));
      const response = await legacyCall(one, 'SendMessage', { agentId });
      await expectRefusal(response, 'JSON-RPC', 'UPSTREAM_UNAVAILABLE', { status: '500' });
    },
  );
});
