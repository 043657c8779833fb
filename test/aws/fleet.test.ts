import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startDynamoDbLocal } from '../../aws-local/dynamodb-local.ts';
import { startMoto } from '../../aws-local/moto.ts';
import type { LocalServer } from '../../aws-local/server-process.ts';
import { rpc } from '../support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from '../support/issuer.ts';
import { type GatewayProcess, newFolder, runGateway } from '../support/process.ts';
import { answerJson, type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { newTable } from './tables.ts';
import { describeWith } from './tools.ts';

/** Node processes over one table and one set of secrets: how a fleet of containers scales. */

/** What another process wrote is seen after the cache's two seconds at the latest; room for a slow machine. */
const seenWithinMs = 5_000;

describeWith(['java', 'moto'], 'a fleet of Node processes over DynamoDB', () => {
  let dynamo: LocalServer;
  let moto: LocalServer;
  let issuer: TestIssuer;
  let agent: ScriptedAgent;
  let tokens: ScriptedAgent;
  let fleet: { process: GatewayProcess; url: string }[];
  let start: () => Promise<{ process: GatewayProcess; url: string }>;
  let authorization: { admin: string; caller: string };

  beforeAll(async () => {
    [dynamo, moto, issuer, agent, tokens] = await Promise.all([
      startDynamoDbLocal(),
      startMoto(),
      startIssuer(),
      startScriptedAgent(),
      startScriptedAgent(),
    ]);
    const config = join(newFolder(), 'gateway.yaml');
    const settings = {
      publicUrl: 'http://127.0.0.1:1',
      issuers: [{ issuer: issuer.issuer, audiences: [testAudience] }],
      upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
      listen: { port: 0 },
      store: 'dynamodb',
      dynamodb: { tableName: await newTable(dynamo.endpoint) },
      secretsManager: { prefix: 'a2a-gateway/fleet/' },
      log: { metricsNamespace: 'A2AGateway', environment: 'fleet' },
    };
    writeFileSync(config, stringify(settings));
    const env = {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint,
    };
    start = async () => {
      const process = runGateway(['serve', '--config', config], env);
      return { process, url: await process.ready };
    };
    fleet = await Promise.all([start(), start()]);
    const bearer = async (claims: Record<string, unknown>) => `Bearer ${await issuer.token(claims)}`;
    authorization = {
      admin: await bearer({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' }),
      caller: await bearer({ sub: 'alice', scope: 'demo' }),
    };
  }, 60_000);
  afterAll(async () => {
    await Promise.all([dynamo.close(), moto.close(), issuer.close(), agent.close(), tokens.close()]);
  });

  function admin(member: number, method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${fleet[member]?.url}${path}`, {
      method,
      headers: {
        authorization: authorization.admin,
        'content-type': 'application/json',
        ...(method === 'DELETE' && { 'if-match': '*' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  function send(member: number): Promise<Response> {
    const request = rpc('SendMessage', {
      message: { messageId: '1', role: 'ROLE_USER', parts: [{ text: 'hello' }] },
    });
    return fetch(`${fleet[member]?.url}/agents/agent`, {
      ...request,
      headers: {
        authorization: authorization.caller,
        'a2a-version': '1.0',
        'content-type': 'application/json',
      },
    });
  }

  async function eventually(status: number, member: number): Promise<void> {
    await expect.poll(async () => (await send(member)).status, { timeout: seenWithinMs }).toBe(status);
  }

  it('serves by any process what was registered at another, its secret included', async () => {
    const authConfig = {
      type: 'oauth2_client_credentials',
      tokenUrl: `${tokens.url}/token`,
      clientId: 'gateway',
      clientSecret: 'fleet-s3cret',
      scopes: [],
    };
    const registered = await admin(0, 'POST', '/admin/agents', {
      agentId: 'agent',
      agentCardUrl: agent.cardUrl,
      authConfig,
    });
    expect(registered.status).toBe(201);
    const permission = { allowedAgents: ['agent'], operations: ['send'] };
    expect((await admin(0, 'PUT', '/admin/permissions/demo', permission)).status).toBe(201);
    tokens.script(answerJson({ access_token: 'backend-token', token_type: 'bearer', expires_in: 3_600 }));
    agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: { task: { id: 't', contextId: 'c' } } }));
    await eventually(200, 1);
    expect(agent.seen.at(-1)?.headers.authorization).toBe('Bearer backend-token');
  });

  it('lets one of two writes at the same revision win, whichever process takes them', async () => {
    const read = await admin(0, 'GET', '/admin/agents/agent');
    const etag = read.headers.get('etag') ?? '';
    const patch = (member: number) =>
      fetch(`${fleet[member]?.url}/admin/agents/agent`, {
        method: 'PATCH',
        headers: { authorization: authorization.admin, 'content-type': 'application/json', 'if-match': etag },
        body: JSON.stringify({ tags: [`from-${member}`] }),
      });
    const statuses = (await Promise.all([patch(0), patch(1)])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, 412]);
  });

  it('revokes in every process what one was told to', async () => {
    expect((await admin(1, 'DELETE', '/admin/permissions/demo')).status).toBe(204);
    expect((await send(1)).status).toBe(403);
    await eventually(403, 0);
  });

  it('goes on when a process is killed, and takes a new one in', async () => {
    fleet[0]?.process.kill('SIGKILL');
    await fleet[0]?.process.ended;
    expect((await admin(1, 'GET', '/admin/agents/agent')).status).toBe(200);
    fleet[0] = await start();
    expect((await admin(0, 'GET', '/admin/agents/agent')).status).toBe(200);
  }, 60_000);

  it('deletes the secret with its agent, and writes metrics into its log', async () => {
    expect((await admin(0, 'DELETE', '/admin/agents/agent')).status).toBe(204);
    const { SecretsManagerClient, ListSecretsCommand } = await import('@aws-sdk/client-secrets-manager');
    const client = new SecretsManagerClient({
      endpoint: moto.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const { SecretList } = await client.send(new ListSecretsCommand({}));
    // The key that seals the trail is kept for good.
    expect(SecretList?.map(({ Name }) => Name)).toEqual([expect.stringMatching(/\/audit\/1$/)]);
    client.destroy();
    fleet[0]?.process.kill('SIGTERM');
    const { err } = (await fleet[0]?.process.ended) ?? { err: [] };
    const lines = err.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const [metrics] = lines.filter((line) => '_aws' in line);
    expect(metrics._aws.CloudWatchMetrics[0].Namespace).toBe('A2AGateway');
    expect(metrics.Environment).toBe('fleet');
    expect(err.join('\n')).not.toContain('fleet-s3cret');
  });
});
