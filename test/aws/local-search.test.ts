import { DeleteIndexCommand, ListVectorBucketsCommand, S3VectorsClient } from '@aws-sdk/client-s3vectors';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scheduledEvent } from '../../aws-local/events/schedules.ts';
import { findAgents } from '../../examples/find-agents.ts';
import { type LocalGateway, permitDemo, startLocalGateway } from '../aws-local/local-gateway.ts';
import { cardAt, type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { describeWith } from './tools.ts';

/** A change of an agent on its way: table, stream, indexer, vectors, search. */

/** The core keeps what it read for two seconds, a search which set serves for ten. */
const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 20_000, interval: 200 });

const client = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
let gateway: LocalGateway;
let agent: ScriptedAgent;

const cardOf = (name: string, description: string) =>
  cardAt(agent.url, { name, description, skills: [{ id: 'do', name, description, tags: [] }] });

async function search(query: string, clientId = 'alice'): Promise<{ status: number; ids: string[] }> {
  const response = await fetch(`${gateway.url}/search`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await gateway.token(clientId)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query, topK: 3 }),
  });
  const { results = [] } = await response.json();
  return {
    status: response.status,
    ids: results.map(({ agentId }: { agentId: string }) => agentId),
  };
}

async function change(method: string, path: string, body?: unknown): Promise<void> {
  const etag = (await gateway.admin('GET', '/admin/agents/dunning')).headers.get('etag') ?? '*';
  const answer = await gateway.admin(method, `/admin/agents/dunning${path}`, body, { 'if-match': etag });
  expect([200, 204]).toContain(answer.status);
}

async function fill(event: unknown): Promise<unknown> {
  const url = `${gateway.aws.invokeEndpoint}/2015-03-31/functions/indexer/invocations`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(event) });
  return [response.status, response.headers.get('x-amz-function-error'), await response.json()];
}

const owed = 'clients who still owe us money';

describeWith(['java', 'moto'], 'finding agents on aws:local', () => {
  beforeAll(async () => {
    [gateway, agent] = await Promise.all([startLocalGateway({ examples: true }), startScriptedAgent()]);
    agent.card(cardOf('Dunning', 'Reminds customers of invoices that are past due.'));
  });
  afterAll(() => Promise.all([gateway?.close(), agent?.close()]));

  it('the example agents are found by a need in other words', async () => {
    await eventually(async () => (await search('make a restaurant reservation')).ids[0]).toBe('booking');
  });

  it('an agent is found from its registration on', async () => {
    const body = { agentId: 'dunning', agentCardUrl: agent.cardUrl };
    expect((await gateway.admin('POST', '/admin/agents', body)).status).toBe(201);
    await eventually(async () => (await search(owed)).ids[0]).toBe('dunning');
  });

  it('what it can do is what its card says now', async () => {
    agent.card(cardOf('Translator', 'Puts documents from one language into another.'));
    await change('POST', '/sync');
    await eventually(async () => (await search('say it in a foreign language')).ids[0]).toBe('dunning');
  });

  it('it is not shown while it is inactive, and again when it is active', async () => {
    const ids = async () => (await search('dunning')).ids;
    await change('PATCH', '/status', { status: 'inactive' });
    await eventually(ids).not.toContain('dunning');
    await change('PATCH', '/status', { status: 'active' });
    await eventually(ids).toContain('dunning');
  });

  it('who may call no agent finds none', async () => {
    expect(await search('dunning', 'carol')).toEqual({ status: 200, ids: [] });
  });

  it('a permission that is taken away is gone from searches too', async () => {
    await permitDemo(gateway, ['echo']);
    await eventually(async () => (await search('dunning')).ids).not.toContain('dunning');
    await permitDemo(gateway, ['*']);
    await eventually(async () => (await search('dunning')).ids).toContain('dunning');
  });

  it('the agent `directory` answers an A2A client that knows nothing but the address', async () => {
    let printed = '';
    await findAgents({
      baseUrl: gateway.url,
      token: await gateway.token('alice'),
      need: 'Book a table for two tonight',
      print: (text) => {
        printed += text;
      },
    });
    expect(printed).toMatch(/booking/i);
  });

  describe('an index that is lost', () => {
    it('is made again by the schedule', async () => {
      const { s3Vectors } = gateway.aws.endpoints;
      const vectors = new S3VectorsClient({ ...client, endpoint: s3Vectors });
      const { vectorBuckets = [] } = await vectors.send(new ListVectorBucketsCommand({}));
      const [indexName] = gateway.aws.stack.vectorIndexes;
      const { vectorBucketName } = vectorBuckets[0] ?? {};
      await vectors.send(new DeleteIndexCommand({ vectorBucketName, indexName }));
      vectors.destroy();
      expect((await search('dunning')).status).toBe(503);
      expect(await fill(scheduledEvent('IndexRule'))).toEqual([200, null, null]);
      await eventually(async () => (await search('dunning')).ids).toContain('dunning');
    });

    it('is filled again by a message, too', async () => {
      const { sqs } = gateway.aws.endpoints;
      const queues = new SQSClient({ ...client, endpoint: sqs });
      const QueueName = gateway.aws.stack.queues.find((name) => !name.includes('DeadLetter'));
      const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName }));
      const filled = () => gateway.printed.filter((line) => line.includes('search: filled')).length;
      const before = filled();
      await queues.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"fill":{}}' }));
      queues.destroy();
      await eventually(async () => filled()).toBeGreaterThan(before);
    });
  });

  it('an agent is gone when it is deleted', async () => {
    await change('DELETE', '');
    await eventually(async () => (await search('dunning')).ids).not.toContain('dunning');
  });

  it('no token, secret or text of a query is in what the functions print', async () => {
    const token = await gateway.token('alice');
    const printed = gateway.printed.join('\n');
    for (const secret of [token, 'alice-secret', 'gateway-secret', owed])
      expect(printed).not.toContain(secret);
  });
});
