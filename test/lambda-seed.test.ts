import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openConditions } from '../src/access/open-conditions.ts';
import { createChangeTrail } from '../src/audit/change-trail.ts';
import { createAuditSeals } from '../src/audit/seals.ts';
import { createBackends } from '../src/backends/backends.ts';
import { currentAuthOf } from '../src/registry/current-auth.ts';
import type { Adapters } from '../src/runtimes/aws-adapters.ts';
import type { LambdaContext } from '../src/runtimes/lambda/awslambda.ts';
import { createCustomResource } from '../src/runtimes/lambda/custom-resource.ts';
import { createSeed, ownerOf } from '../src/runtimes/lambda/seed.ts';
import { createAgentSeed } from '../src/runtimes/lambda/seed-agents.ts';
import { createUpstream } from '../src/upstream/undici-upstream.ts';
import { type Answer, type CloudFormation, startCloudFormation } from './support/cloud-formation.ts';
import { contextWith } from './support/lambda-events.ts';
import { cardAt } from './support/scripted-agent.ts';
import { type Stand, startStand } from './support/stand.ts';

/** The custom resource by which a stack declares agents and permissions, over the embedded store. */

const stackId = 'arn:aws:cloudformation:eu-central-1:1:stack/a/1';
const secretArn = 'arn:aws:secretsmanager:eu-central-1:1:secret:billing-AbCdEf';
const secretText = 'the-secret-itself';
const keptText = JSON.stringify({ clientSecret: secretText });

let stand: Stand;
let adapters: Adapters;
let upstream: ReturnType<typeof createUpstream>;
let cloudFormation: CloudFormation;
let secretReads = 0;
let readSecret: () => Promise<string>;
let handler: (event: unknown, context: LambdaContext) => Promise<void>;

beforeAll(async () => {
  stand = await startStand();
  adapters = await stand.adapters();
  upstream = createUpstream({ rules: stand.settings.upstream });
  cloudFormation = await startCloudFormation();
  const clock = { nowMs: Date.now };
  const seals = createAuditSeals(adapters);
  const changeTrail = createChangeTrail({ seals, retentionMs: 60_000, clock, newId: randomUUID });
  const deps = { ...adapters, upstream, clock, changeTrail, newId: randomUUID };
  const { agents, permissions } = adapters.store;
  const { send } = createBackends({ ...deps, currentAuth: currentAuthOf(agents) });
  const limits = { maxCardBytes: 100_000, cardTimeoutMs: 5_000 };
  const apply = createSeed({
    ...deps,
    permissions,
    conditions: openConditions({ cedar: true }, stand.log),
    openAgents: async () =>
      createAgentSeed({ ...deps, agents, send, limits, readSecret: () => readSecret() }),
    log: stand.log,
  });
  handler = createCustomResource({ apply, log: stand.log, retryAfterMs: 1 });
});
beforeEach(async () => {
  secretReads = 0;
  readSecret = async () => {
    secretReads++;
    return secretText;
  };
  cloudFormation.failing = 0;
  stand.logged.length = 0;
  const { agents, permissions } = adapters.store;
  for (const { agentId, revision } of (await agents.list({}, { size: 100 })).items)
    await agents.delete(agentId, revision);
  for (const { scope } of (await permissions.list({ size: 100 })).items) await permissions.delete(scope);
  for (const { name } of await adapters.secrets.list('agents/')) await adapters.secrets.delete(name);
});
afterAll(async () => {
  await Promise.all([upstream.close(), cloudFormation.close(), stand.close()]);
});

interface Properties {
  agents?: unknown[];
  permissions?: unknown[];
  [name: string]: unknown;
}

function request(RequestType: string, ResourceProperties: Properties, old?: Properties): unknown {
  return {
    RequestType,
    ResponseURL: cloudFormation.url,
    StackId: stackId,
    RequestId: 'r-1',
    LogicalResourceId: 'Seed',
    ResourceType: 'Custom::A2AGatewaySeed',
    ...(RequestType !== 'Create' && { PhysicalResourceId: 'a2a-gateway-seed/Seed' }),
    ResourceProperties: { ServiceToken: 'arn', ...ResourceProperties },
    ...(old !== undefined && { OldResourceProperties: { ServiceToken: 'arn', ...old } }),
  };
}

async function told(event: unknown, context = contextWith()): Promise<Answer> {
  const before = cloudFormation.answers.length;
  await handler(event, context);
  const [answer, ...more] = cloudFormation.answers.slice(before);
  if (answer === undefined || more.length > 0) throw new Error('not answered once');
  return answer;
}

const created = (properties: Properties) => told(request('Create', properties));
const updated = (old: Properties, properties: Properties) => told(request('Update', properties, old));
const deleted = (properties: Properties) => told(request('Delete', properties));

const success = { Status: 'SUCCESS', PhysicalResourceId: 'a2a-gateway-seed/Seed' };
const failure = { Status: 'FAILED', PhysicalResourceId: 'a2a-gateway-seed/Seed' };

function agent(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    agentId: 'billing',
    agentCardUrl: stand.agent.cardUrl,
    tags: ['finance'],
    publicCard: 'true',
    ...members,
  };
}

function withSecret(members: Record<string, unknown> = {}): Record<string, unknown> {
  const authConfig = {
    type: 'oauth2_client_credentials',
    tokenUrl: `${stand.issuer.issuer}/token`,
    clientId: 'gateway',
    scopes: ['invoke'],
    clientSecretArn: secretArn,
    ...members,
  };
  return agent({ authConfig });
}

const permission = { scope: 'finance', allowedAgents: ['tag:finance'], operations: ['send', 'read'] };

const kept = (agentId = 'billing') => adapters.store.agents.get(agentId);
const grants = (scope = 'finance') => adapters.store.permissions.get(scope);

/** The one secret kept, by its name. */
async function keptSecret(): Promise<{ name: string; value: string | undefined }> {
  const [secret, ...more] = await adapters.secrets.list('agents/');
  if (secret === undefined || more.length > 0) throw new Error('not one secret');
  return { name: secret.name, value: await adapters.secrets.get(secret.name) };
}

/** The oldest first. */
async function changesTold(): Promise<Record<string, unknown>[]> {
  const changes: Record<string, unknown>[] = [];
  for await (const { records } of await adapters.store.audit.scan())
    changes.push(
      ...records
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  return changes;
}

describe('a stack', () => {
  it('makes its agents and permissions, active and its own', async () => {
    const answer = await created({ agents: [withSecret()], permissions: [permission] });
    expect(answer).toMatchObject({ ...success, Data: { Agents: 1, Permissions: 1 } });
    expect(answer).toMatchObject({ StackId: stackId, RequestId: 'r-1', LogicalResourceId: 'Seed' });
    expect(await kept()).toMatchObject({ status: 'active', publicCard: true, owner: ownerOf(stackId) });
    expect(await grants()).toMatchObject(permission);
    expect(await keptSecret()).toMatchObject({ value: keptText });
  });

  it('is told of in the trail, as who changed what in which request, without a secret', async () => {
    const before = await changesTold();
    await created({ agents: [withSecret()], permissions: [permission] });
    await deleted({ agents: [withSecret()], permissions: [permission] });
    const changes = (await changesTold()).slice(before.length);
    expect(changes.map(({ action, target }) => [action, target])).toEqual([
      ['agent.register', 'billing'],
      ['permission.set', 'finance'],
      ['permission.delete', 'finance'],
      ['agent.delete', 'billing'],
    ]);
    const by = { issuer: 'cloudformation', subject: stackId, requestId: 'r-1' };
    for (const change of changes) expect(change).toMatchObject(by);
    expect(JSON.stringify(changes)).not.toContain(secretText);
  });

  it('told to make the same again changes nothing but the secret', async () => {
    const properties = { agents: [agent()], permissions: [permission] };
    await created(properties);
    const before = [await kept(), await grants()];
    expect(await created(properties)).toMatchObject(success);
    expect([await kept(), await grants()]).toEqual(before);
  });

  it('takes over neither an agent nor a permission of somebody else, and names it', async () => {
    await created({ agents: [agent()], permissions: [permission] });
    const other = { ...(request('Create', { agents: [agent()] }) as object), StackId: `${stackId}2` };
    expect(await told(other)).toMatchObject({ ...failure, Reason: expect.stringContaining('agent billing') });
    const wider = { ...permission, allowedAgents: ['*'] };
    const answer = await created({ permissions: [wider] });
    expect(answer).toMatchObject({ ...failure, Reason: expect.stringContaining('permission finance') });
    expect(await grants()).toMatchObject(permission);
    expect((await kept())?.owner).toEqual(ownerOf(stackId));
  });

  it('that is rolled back after that leaves what is not its own', async () => {
    await created({ agents: [agent()], permissions: [permission] });
    const other = { ...(request('Delete', { agents: [agent()] }) as object), StackId: `${stackId}2` };
    expect(await told(other)).toMatchObject(success);
    expect(await deleted({ permissions: [{ ...permission, allowedAgents: ['*'] }] })).toMatchObject(success);
    expect([(await kept())?.agentId, (await grants())?.scope]).toEqual(['billing', 'finance']);
    expect(stand.logged.filter(({ msg }) => msg === 'left as others changed it')).toHaveLength(2);
  });

  it('that changes its word changes what differs and deletes what it names no more', async () => {
    const old = {
      agents: [withSecret(), agent({ agentId: 'second' })],
      permissions: [permission, { ...permission, scope: 'other' }],
    };
    await created(old);
    const now = {
      agents: [{ ...withSecret(), tags: ['x'], publicCard: 'false', ownership: 'client' }],
      permissions: [{ ...permission, operations: ['read'], description: 'less' }],
    };
    expect(await updated(old, now)).toMatchObject(success);
    expect(await kept()).toMatchObject({ tags: ['x'], publicCard: false, ownership: 'client' });
    expect(await grants()).toMatchObject({ operations: ['read'], description: 'less' });
    expect([await kept('second'), await grants('other')]).toEqual([undefined, undefined]);
  });

  it('leaves the status that an administrator gave an agent', async () => {
    await created({ agents: [agent()] });
    const before = await kept();
    if (before === undefined) throw new Error('not made');
    await adapters.store.agents.replace(
      { ...before, status: 'quarantined', revision: before.revision + 1 },
      before.revision,
    );
    await updated({ agents: [agent()] }, { agents: [agent({ tags: ['x'] })] });
    expect(await kept()).toMatchObject({ status: 'quarantined', tags: ['x'] });
  });

  it('that is deleted takes with it what it made, secrets too, and nothing else', async () => {
    const properties = { agents: [withSecret()], permissions: [permission] };
    await created(properties);
    await adapters.store.permissions.create({
      ...permission,
      scope: 'theirs',
      operations: ['read'],
      revision: 1,
      createdAtMs: 1,
      updatedAtMs: 1,
    });
    expect(await deleted(properties)).toMatchObject(success);
    expect([await kept(), await grants(), await adapters.secrets.list('agents/')]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    expect(await grants('theirs')).toBeDefined();
    expect(await deleted(properties)).toMatchObject(success);
  });
});

describe('an agent with more than addresses', () => {
  const backend = { type: 'http', authenticateCard: false };
  const deadlines = { connectTimeoutMs: 900, headersTimeoutMs: 60_000 };
  const limits = { maxConcurrentCalls: 7 };
  const texts = { backend, deadlines, limits };
  const asTexts = (members: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, JSON.stringify(value)]));

  it('has it as JSON in a text, so that numbers and flags stay what they are', async () => {
    expect(await created({ agents: [agent(asTexts(texts))] })).toMatchObject(success);
    expect(await kept()).toMatchObject(texts);
  });

  it('told again the same is left alone, its secret too', async () => {
    const { authConfig } = withSecret() as { authConfig: unknown };
    const properties = { agents: [agent(asTexts({ ...texts, authConfig }))] };
    await created(properties);
    const before = await kept();
    secretReads = 0;
    expect(await updated(properties, properties)).toMatchObject(success);
    expect([await kept(), secretReads]).toEqual([before, 0]);
  });

  it('keeps its secret when credentials that were an object come as a text', async () => {
    const { authConfig, ...rest } = withSecret();
    await created({ agents: [withSecret()] });
    const before = await keptSecret();
    await updated({ agents: [withSecret()] }, { agents: [{ ...rest, ...asTexts({ authConfig }) }] });
    expect(await keptSecret()).toEqual(before);
  });

  it('loses what the stack names no more', async () => {
    const old = { agents: [agent(asTexts(texts))] };
    await created(old);
    expect(await updated(old, { agents: [agent(asTexts({ limits: { maxOpenStreams: 3 } }))] })).toMatchObject(
      success,
    );
    const now = await kept();
    expect([now?.backend, now?.deadlines, now?.limits]).toEqual([
      undefined,
      undefined,
      { maxOpenStreams: 3 },
    ]);
  });

  it('that runs elsewhere gets its secret again', async () => {
    const old = { agents: [withSecret()] };
    await created(old);
    secretReads = 0;
    const urls = [{ url: stand.agent.url }];
    const moved = { agents: [{ ...withSecret(), ...asTexts({ backend: { type: 'http', urls } }) }] };
    expect(await updated(old, moved)).toMatchObject(success);
    expect(secretReads).toBe(1);
  });

  it.each([
    ['a text that is no JSON', { backend: '{' }, 'backend'],
    ['a kind that is none', { backend: '{"type":"moon"}' }, 'backend'],
    ['a limit that is none', { limits: '{"maxConcurrentCalls":0}' }, 'limits.maxConcurrentCalls'],
    ['no card URL', { agentCardUrl: undefined }, 'agentCardUrl: required'],
  ])('is refused with %s', async (_, members, words) => {
    const answer = await created({ agents: [agent(members)] });
    expect(answer).toMatchObject({ ...failure, Reason: expect.stringContaining(`agents.0.${words}`) });
  });
});

describe('a client secret', () => {
  it.each([
    ['with the same word again stays', {}, {}, 0],
    ['with another client is read again', {}, { clientId: 'other' }, 1],
    ['under another address in Secrets Manager is read again', {}, { clientSecretArn: `${secretArn}2` }, 1],
    ['with another revision is read again', { Revision: '2' }, {}, 1],
  ])('%s', async (_, more, members, reads) => {
    const old = { agents: [withSecret()], Revision: '1' };
    await created(old);
    const before = await keptSecret();
    secretReads = 0;
    const now = { ...old, agents: [withSecret(members)], ...more };
    expect(await updated(old, now)).toMatchObject(success);
    expect(secretReads).toBe(reads);
    expect((await keptSecret()).name === before.name).toBe(reads === 0);
  });

  it('that cannot be read fails the stack, naming the agent', async () => {
    readSecret = () => Promise.reject(new Error('AccessDenied'));
    const answer = await created({ agents: [withSecret()] });
    expect(answer).toMatchObject({ ...failure, Reason: 'agent billing: its secret cannot be read' });
  });

  it('that no registration would take is refused, and not repeated', async () => {
    const text = 'x'.repeat(5_000);
    readSecret = async () => text;
    const answer = await created({ agents: [withSecret()] });
    const Reason = expect.stringContaining('agent billing: authConfig.clientSecret: ');
    expect(answer).toMatchObject({ ...failure, Reason });
    expect(JSON.stringify([answer, stand.logged])).not.toContain('xxx');
    expect(await kept()).toBeUndefined();
  });

  it('is in no answer and no line of the log', async () => {
    const inTheWrongPlace = { ...agent(), authConfig: { type: 'none', clientSecret: secretText } };
    await created({ agents: [withSecret()] });
    await created({ agents: [inTheWrongPlace] });
    stand.agent.card(secretText);
    await created({ agents: [{ ...withSecret(), agentId: 'broken' }] });
    stand.agent.card(cardAt(stand.agent.url));
    expect(JSON.stringify([cloudFormation.answers, stand.logged])).not.toContain(secretText);
  });
});

describe('a failure', () => {
  it.each([
    ['an unknown member', { surprise: 1 }, 'properties: Unrecognized key: "surprise"'],
    ['no agents but a text', { agents: 'x' }, 'properties.agents'],
    [
      'an agent id that is none',
      { agents: [{ agentId: 'A', agentCardUrl: 'https://a.example' }] },
      'properties.agents.0.agentId',
    ],
    [
      'an agent twice',
      { agents: [1, 2].map(() => ({ agentId: 'a', agentCardUrl: 'https://a.example' })) },
      'names an agent twice',
    ],
    [
      'an operation that is none',
      { permissions: [{ ...permission, operations: ['all'] }] },
      'properties.permissions.0.operations.0',
    ],
    [
      'a flag that is none',
      { agents: [{ agentId: 'a', agentCardUrl: 'https://a.example', publicCard: 'yes' }] },
      'publicCard',
    ],
  ])('of properties with %s says so, and can be rolled back', async (_, properties, words) => {
    expect(await created(properties as Properties)).toMatchObject({
      ...failure,
      Reason: expect.stringContaining(words),
    });
    expect(await deleted(properties as Properties)).toMatchObject(success);
  });

  it('of one agent names it and what is wrong, in short', async () => {
    stand.agent.card('none');
    const answer = await created({ agents: [agent()] });
    stand.agent.card(cardAt(stand.agent.url));
    expect(answer).toMatchObject({ ...failure, Reason: expect.stringMatching(/^agent billing: card_/) });
    expect(answer.Reason.length).toBeLessThanOrEqual(1_000);
  });

  it('of time is answered before the function is killed', async () => {
    readSecret = () => new Promise(() => {});
    const answer = await told(request('Create', { agents: [withSecret()] }), contextWith(40));
    expect(answer).toMatchObject({ ...failure, Reason: expect.stringContaining('longer') });
  });
});

describe('the answer', () => {
  it('is sent again when it was not taken, without a media type', async () => {
    cloudFormation.failing = 2;
    expect(await created({})).toMatchObject(success);
    expect(cloudFormation.headers.at(-1)?.['content-type']).toBe('');
  });

  it('that nobody takes is a line in the log', async () => {
    cloudFormation.failing = 3;
    await handler(request('Create', {}), contextWith());
    expect(stand.logged.at(-1)).toMatchObject({ level: 'error', msg: 'CloudFormation was not answered' });
  });

  it('has nowhere to go for an event that is no request', async () => {
    for (const event of [undefined, {}, { RequestType: 'Create' }]) await handler(event, contextWith());
    expect(stand.logged.map(({ msg }) => msg)).toEqual(Array(3).fill('no request of CloudFormation'));
  });
});
