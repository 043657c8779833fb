import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalGateway, startLocalGateway } from '../aws-local/local-gateway.ts';
import { listOf, rolesOf, type Statement } from '../infra/roles.ts';
import { synthesise, textOf } from '../infra/synthesis.ts';
import { answerJson } from '../support/scripted-agent.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { describeWith } from './tools.ts';

/** Nothing here plays IAM, so what functions ask of table and secrets is held against their roles afterwards. */

interface Asked {
  action: string;
  /** Partitions of the table. */
  leadingKeys: string[];
  /** Of a secret; empty for the table. */
  secretName: string;
}

const roles = {
  authorizer: 'Authorizer',
  'data-plane': 'DataPlane',
  management: 'Management',
  maintenance: 'Maintenance',
} as const;
type Name = keyof typeof roles;
const names = Object.keys(roles) as Name[]; // Its own keys.

const asked = new Map<string, Asked & { name: Name }>();
const proxies: FaultProxy[] = [];
let gateway: LocalGateway;

/** A transaction is authorised as what it is made of. */
function ofTable(operation: string, body: OfItem & { TransactItems?: Record<string, OfItem>[] }): Asked[] {
  if (body.TransactItems === undefined) return [ofItem(operation, body)];
  return body.TransactItems.flatMap(Object.entries<OfItem>).map(([kind, write]) =>
    ofItem(`${kind}Item`, write),
  );
}

function ofItem(operation: string, { Item, Key }: OfItem): Asked {
  const key = (Item ?? Key)?.pk.S;
  // Ids and hours stand behind the prefix: the first two parts tell as much.
  const leadingKeys = key === undefined ? [] : [key.split('#', 2).join('#').slice(0, 20)];
  return { action: `dynamodb:${operation}`, leadingKeys, secretName: '' };
}

interface OfItem {
  Item?: { pk: { S: string } };
  Key?: { pk: { S: string } };
}

function ofSecrets(operation: string, { SecretId, Name }: { SecretId?: string; Name?: string }): Asked[] {
  return [{ action: `secretsmanager:${operation}`, leadingKeys: [], secretName: SecretId ?? Name ?? '' }];
}

async function startRecorder(
  name: Name,
  behind: () => string,
  askedBy: (operation: string, body: never) => Asked[],
): Promise<string> {
  const proxy = await startFaultProxy(behind, (operation, _, text) => {
    for (const call of askedBy(operation, JSON.parse(text.toString()) as never))
      asked.set(JSON.stringify([name, call]), { name, ...call });
    return undefined;
  });
  proxies.push(proxy);
  return proxy.endpoint;
}

const like = (pattern: string, text: string) =>
  new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`).test(text);
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function isAbout({ Action, Resource, Condition = {} }: Statement, call: Asked): boolean {
  if (!listOf(Action).includes(call.action)) return false;
  const resources = listOf(Resource).map(textOf);
  const isResource = resources.some((resource) =>
    call.secretName === ''
      ? resource === '*' || /^<GatewayTable\w+\.Arn>$/.test(resource)
      : like(resource.slice(resource.indexOf('secret:')), `secret:${call.secretName}-AbCdEf`),
  );
  return isResource && Object.entries(Condition).every(([operator, on]) => holds(operator, on, call));
}

function holds(operator: string, on: Record<string, unknown>, { leadingKeys }: Asked): boolean {
  const patterns = listOf(on['dynamodb:LeadingKeys']).map(String);
  const matches = (key: string) => patterns.some((pattern) => like(pattern, key));
  if (operator === 'ForAllValues:StringLike') return leadingKeys.every(matches);
  if (operator === 'ForAnyValue:StringLike') return leadingKeys.some(matches);
  if (operator === 'Null') return leadingKeys.length > 0;
  throw new Error(`${operator} is not evaluated here`);
}

function isAllowed(statements: readonly Statement[], call: Asked): boolean {
  const about = statements.filter((statement) => isAbout(statement, call));
  return about.some(({ Effect }) => Effect === 'Allow') && !about.some(({ Effect }) => Effect === 'Deny');
}

/** What functions have asked for and their roles, with these of their statements, do not allow. */
function refusedBy(isThere: (statement: Statement) => boolean): { name: Name; action: string }[] {
  const all = rolesOf(synthesise());
  const statements = new Map(
    names.map((name) => [name, all.find(({ id }) => id.startsWith(`Gateway${roles[name]}Role`))?.statements]),
  );
  return [...asked.values()].filter(
    ({ name, ...call }) => !isAllowed((statements.get(name) ?? []).filter(isThere), call),
  );
}

const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };

/** A bit of everything that reads or writes. */
async function callAll(): Promise<void> {
  const { admin, fetch } = gateway;
  const json = { 'content-type': 'application/json' };
  const post = (path: string, body: unknown) =>
    fetch(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
  const statuses: Record<string, number> = {};
  const say = async (what: string, answer: Promise<Response>) => {
    const response = await answer;
    await response.text();
    statuses[what] = response.status;
  };
  const limited = { allowedAgents: ['*'], requestsPerMinute: 100, requestsPerDay: 1_000, maxOpenStreams: 5 };
  await say('permit', admin('PUT', '/admin/permissions/client:alice', limited));
  await say('send', post('/agents/agent/message:send', { message }));
  await say('read', fetch('/agents/agent/tasks/t-1'));
  const webhook = { taskId: 't-1', id: 'w-1', url: `${gateway.agent.url}/webhook` };
  await say('webhook', post('/agents/agent/tasks/t-1/pushNotificationConfigs', webhook));
  await say('list', fetch('/agents'));
  await say('card', fetch('/agents/agent/.well-known/agent-card.json'));
  const principal = { kind: 'principal', issuer: `${gateway.url}/dev/issuer`, subject: 'nobody' };
  await say('revoke', admin('POST', '/admin/revocations', principal));
  await say('audit', admin('GET', '/admin/audit'));
  await say('usage', admin('GET', '/admin/usage'));
  await say('forbid', admin('DELETE', '/admin/permissions/client:alice', undefined, { 'if-match': '*' }));
  expect(statuses).toEqual({
    ...{ permit: 201, send: 200, read: 200, webhook: 200, list: 200, card: 200, revoke: 201 },
    ...{ audit: 200, usage: 200, forbid: 204 },
  });
  for (const event of ['{}', '{"work":"probe"}'])
    await globalThis.fetch(`${gateway.aws.invokeEndpoint}/2015-03-31/functions/maintenance/invocations`, {
      method: 'POST',
      body: event,
    });
}

describeWith(['java', 'moto'], 'roles on aws:local', () => {
  beforeAll(async () => {
    let behind = { dynamoDb: '', secretsManager: '' };
    const environments = new Map<string, Record<string, string>>();
    for (const name of names)
      environments.set(name, {
        AWS_ENDPOINT_URL_DYNAMODB: await startRecorder(name, () => behind.dynamoDb, ofTable),
        AWS_ENDPOINT_URL_SECRETS_MANAGER: await startRecorder(name, () => behind.secretsManager, ofSecrets),
      });
    gateway = await startLocalGateway({
      environmentOf(name, endpoints) {
        behind = endpoints;
        return environments.get(name) ?? {};
      },
    });
    gateway.agent.script(answerJson({ task: { id: 't-1', status: { state: 'TASK_STATE_WORKING' } } }));
  }, 240_000);
  afterAll(async () => {
    await gateway?.close();
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });

  it('allow all that functions ask of the table and of secrets', async () => {
    await callAll();
    expect(refusedBy(() => true)).toEqual([]);
    const told = [...asked.values()].map(
      ({ name, action, leadingKeys }) => `${name} ${action} ${leadingKeys[0]?.split('#')[0]}`,
    );
    expect(told).toEqual(
      expect.arrayContaining([
        'data-plane dynamodb:PutItem audit',
        'data-plane dynamodb:UpdateItem usage',
        'data-plane dynamodb:PutItem limit',
        'data-plane dynamodb:PutItem owned',
        'management dynamodb:PutItem audit',
        'management dynamodb:PutItem revocations',
        'maintenance dynamodb:PutItem health',
      ]),
    );
  });

  it('would be noticed if they did not', () => {
    const withoutTrail = refusedBy(({ Condition }) => !JSON.stringify(Condition ?? {}).includes('audit#'));
    expect(withoutTrail.map(({ name, action }) => `${name} ${action}`)).toContain(
      'data-plane dynamodb:PutItem',
    );
  });
});
