import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  SendMessageRequest,
  type SendMessageResult,
  type StreamResponse,
  type Task,
  TaskState,
} from '@a2a-js/sdk';
import {
  type Client,
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from '@a2a-js/sdk/client';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExampleAgents, startExampleAgents } from '../examples/agents/serve.ts';

const bindings = ['JSONRPC', 'HTTP+JSON'] as const;
type Binding = (typeof bindings)[number];

let examples: ExampleAgents;

beforeAll(async () => {
  examples = await startExampleAgents({ tokenDelayMs: 0, stepMs: 5 });
});

afterAll(() => examples.close());

describe.each(bindings)('the example agents over %s', (binding) => {
  it('echo answers at once with a message', async () => {
    const client = await clientOf('echo', binding);
    const answer = await client.sendMessage(said('Hello there'));
    expect(messageText(answer)).toBe('Hello there');
  });

  it('echo answers a stream with the one message', async () => {
    const client = await clientOf('echo', binding);
    const events = await collect(client.sendMessageStream(said('Hello there')));
    expect(events.map((event) => event.payload?.$case)).toEqual(['message']);
  });

  it('takes a body larger than the 100 kB at which the SDK would stop', async () => {
    const client = await clientOf('echo', binding);
    const text = 'x'.repeat(300_000);
    expect(messageText(await client.sendMessage(said(text)))).toBe(text);
  });

  it('writer streams one artifact token by token and completes', async () => {
    const client = await clientOf('writer', binding);
    const events = await collect(client.sendMessageStream(said('Write about the sea')));
    const updates = events.flatMap(({ payload }) =>
      payload?.$case === 'artifactUpdate' ? [payload.value] : [],
    );
    expect(events[0]?.payload?.$case).toBe('task');
    expect(updates.length).toBeGreaterThan(20);
    expect(updates.map(({ append }) => append)).toEqual(updates.map((_, index) => index > 0));
    expect(updates.map(({ lastChunk }) => lastChunk)).toEqual(
      updates.map((_, i) => i === updates.length - 1),
    );
    expect(new Set(updates.map(({ artifact }) => artifact?.artifactId)).size).toBe(1);
    expect(lastState(events)).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('researcher hands over its artifacts when waited for', async () => {
    const client = await clientOf('researcher', binding);
    const task = taskOf(await client.sendMessage(said('lighthouses')));
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(task.artifacts.map(({ name }) => name)).toEqual(['sources', 'notes', 'report']);
  });

  it('researcher is asked for, listed, subscribed to and cancelled meanwhile', async () => {
    const slow = await startExampleAgents({ stepMs: 30 });
    try {
      const client = await clientOf('researcher', binding, slow);
      const { id, contextId } = taskOf(
        await client.sendMessage(said('lighthouses', { returnImmediately: true })),
      );
      const read = await client.getTask({ id, tenant: '' });
      expect(read.id).toBe(id);
      const listed = await client.listTasks({ ...allTasks, contextId });
      expect(listed.tasks.map((task) => task.id)).toEqual([id]);

      const events: StreamResponse[] = [];
      for await (const event of client.resubscribeTask({ id, tenant: '' })) {
        events.push(event);
        if (events.length === 3) await client.cancelTask({ id, tenant: '', metadata: undefined });
      }
      expect(events[0]?.payload?.$case).toBe('task');
      expect(lastState(events)).toBe(TaskState.TASK_STATE_CANCELED);
      expect((await client.getTask({ id, tenant: '' })).status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    } finally {
      await slow.close();
    }
  });

  it('researcher goes on when the caller of a stream leaves', async () => {
    const client = await clientOf('researcher', binding);
    let id = '';
    for await (const event of client.sendMessageStream(said('lighthouses'))) {
      if (event.payload?.$case === 'task') id = event.payload.value.id;
      break;
    }
    const state = async () => (await client.getTask({ id, tenant: '' })).status?.state;
    await expect.poll(state).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('researcher tells more in its extended card', async () => {
    const client = await clientOf('researcher', binding);
    const card = await client.getAgentCard();
    expect(card.skills.map(({ id }) => id)).toEqual(['research', 'archive']);
  });

  it('booking asks for what is missing and completes the same task with the answers', async () => {
    const client = await clientOf('booking', binding);
    const first = taskOf(await client.sendMessage(said('I need a table')));
    expect(first.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    const { id: taskId, contextId } = first;
    const second = taskOf(await client.sendMessage(said('Lisbon', { taskId, contextId })));
    expect(second.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    const third = taskOf(await client.sendMessage(said('2030-05-17', { taskId, contextId })));
    expect(third.id).toBe(taskId);
    expect(third.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(textOfParts(third.artifacts[0]?.parts)).toBe('A table for two in Lisbon on 2030-05-17.');
    expect(new Set(third.history.map(({ messageId }) => messageId)).size).toBe(third.history.length);
  });

  it('booking needs one turn when it is told everything', async () => {
    const client = await clientOf('booking', binding);
    const task = taskOf(await client.sendMessage(said('Book a table in New York on 2030-05-17')));
    expect(textOfParts(task.artifacts[0]?.parts)).toBe('A table for two in New York on 2030-05-17.');
  });

  it('booking can be cancelled while it waits for an answer', async () => {
    const client = await clientOf('booking', binding);
    const { id } = taskOf(await client.sendMessage(said('Book a table in Lisbon')));
    const canceled = await client.cancelTask({ id, tenant: '', metadata: undefined });
    expect(canceled.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
  });
});

describe('the cards', () => {
  it('of the 1.0 agents list both bindings at 1.0, in ProtoJSON', async () => {
    for (const { agentId, cardUrl } of examples.agents.filter((agent) => agent.protocolVersion === '1.0')) {
      const text = await (await fetch(cardUrl)).text();
      expect(text, agentId).not.toContain('$case');
      expect(JSON.parse(text).supportedInterfaces, agentId).toMatchObject([
        { protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
        { protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
      ]);
    }
  });

  it('answers a malformed body in the terms of the binding', async () => {
    const { baseUrl } = agentOf('echo');
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' };
    const rpc = await fetch(`${baseUrl}/a2a/jsonrpc`, init);
    expect(await rpc.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: expect.any(Number) } });
    const rest = await fetch(`${baseUrl}/a2a/rest/message:send`, init);
    expect(await rest.json()).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } });
  });
});

describe('veteran', () => {
  it('publishes a card of 0.3 and nothing of 1.0', async () => {
    const { baseUrl, cardUrl } = agentOf('veteran');
    const card = await (await fetch(cardUrl)).json();
    expect(card).toMatchObject({
      protocolVersion: '0.3.0',
      url: `${baseUrl}/a2a`,
      preferredTransport: 'JSONRPC',
    });
    expect(card).not.toHaveProperty('supportedInterfaces');
  });

  it('answers message/send with a bare task of 0.3', async () => {
    const answer = await legacyCall('message/send', {
      message: {
        kind: 'message',
        messageId: 'm1',
        role: 'user',
        parts: [{ kind: 'text', text: 'one two three' }],
      },
      configuration: { blocking: true },
    });
    expect(answer.result).toMatchObject({
      kind: 'task',
      status: { state: 'completed' },
      artifacts: [{ parts: [{ kind: 'text', text: '3 words' }] }],
    });
  });

  it("talks to the SDK's client in its 0.3 mode, streams included", async () => {
    const legacyCompat = { enabled: true };
    const factory = new ClientFactory({
      transports: [new JsonRpcTransportFactory({ legacyCompat })],
      cardResolver: new DefaultAgentCardResolver({ legacyCompat }),
    });
    const client = await factory.createFromUrl(agentOf('veteran').cardUrl, '');
    expect(client.protocolVersion).toBe('0.3');
    const events = await collect(client.sendMessageStream(said('one two')));
    expect(lastState(events)).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('does not know the methods of 1.0', async () => {
    const answer = await legacyCall('SendMessage', {});
    expect(answer.error).toMatchObject({ code: -32601 });
  });
});

describe('with a token required', () => {
  let issuer: TestIssuer;
  let guarded: ExampleAgents;

  beforeAll(async () => {
    issuer = await startIssuer();
    const { url, audience } = issuer;
    guarded = await startExampleAgents({
      tokenDelayMs: 0,
      stepMs: 1,
      requireToken: { issuer: url, audience, jwksUrl: `${url}/jwks` },
    });
  });

  afterAll(async () => {
    await guarded.close();
    await issuer.close();
  });

  it.each(['writer', 'researcher'])(
    '%s answers 401 without a good token, and still shows its card',
    async (agentId) => {
      const { baseUrl, cardUrl, requiresToken } = agentOf(agentId, guarded);
      expect(requiresToken).toBe(true);
      const card = await (await fetch(cardUrl)).json();
      expect(card.securityRequirements).toEqual([{ schemes: { issuer: {} } }]);
      const wrong = await issuer.token({ audience: 'http://elsewhere.test' });
      const untyped = await issuer.token({ typ: 'JWT' });
      for (const path of ['/a2a/jsonrpc', '/a2a/rest/tasks', '/a2a/rest/extendedAgentCard']) {
        for (const authorization of ['', 'Bearer nonsense', `Bearer ${wrong}`, `Bearer ${untyped}`]) {
          const response = await fetch(`${baseUrl}${path}`, {
            headers: { authorization, 'a2a-version': '1.0' },
          });
          expect(response.status, path).toBe(401);
          expect(response.headers.get('www-authenticate')).toBe('Bearer');
        }
      }
    },
  );

  it.each(bindings)('a good token opens the writer over %s', async (binding) => {
    const client = await clientOf('writer', binding, guarded, await issuer.token({}));
    const events = await collect(client.sendMessageStream(said('Write about the sea')));
    expect(lastState(events)).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  it('keeps the tasks of one subject from another', async () => {
    const one = await clientOf('researcher', 'JSONRPC', guarded, await issuer.token({ subject: 'one' }));
    const two = await clientOf('researcher', 'JSONRPC', guarded, await issuer.token({ subject: 'two' }));
    const { id } = taskOf(await one.sendMessage(said('lighthouses')));
    await expect(two.getTask({ id, tenant: '' })).rejects.toThrow();
    expect((await two.listTasks(allTasks)).tasks).toEqual([]);
  });

  it('leaves the other agents open', async () => {
    expect(guarded.agents.filter((agent) => agent.requiresToken).map(({ agentId }) => agentId)).toEqual([
      'writer',
      'researcher',
    ]);
    const client = await clientOf('echo', 'JSONRPC', guarded);
    expect(messageText(await client.sendMessage(said('hi')))).toBe('hi');
  });
});

describe('closing', () => {
  it('ends open streams and can be repeated', async () => {
    const doomed = await startExampleAgents({ stepMs: 60_000 });
    const client = await clientOf('researcher', 'JSONRPC', doomed);
    const stream = client.sendMessageStream(said('lighthouses'));
    await stream.next();
    const rest = collect(stream).catch(() => 'broken off');
    await doomed.close();
    await doomed.close();
    await rest;
    await expect(fetch(agentOf('echo', doomed).cardUrl)).rejects.toThrow();
  });
});

const allTasks = {
  tenant: '',
  contextId: '',
  status: TaskState.TASK_STATE_UNSPECIFIED,
  pageToken: '',
  statusTimestampAfter: undefined,
};

function agentOf(agentId: string, among: ExampleAgents = examples) {
  const agent = among.agents.find((candidate) => candidate.agentId === agentId);
  if (agent === undefined) throw new TypeError(`no example agent ${agentId}`);
  return agent;
}

async function clientOf(
  agentId: string,
  binding: Binding,
  among?: ExampleAgents,
  token?: string,
): Promise<Client> {
  const fetchImpl: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
  const transport =
    binding === 'JSONRPC'
      ? new JsonRpcTransportFactory({ fetchImpl })
      : new RestTransportFactory({ fetchImpl });
  return new ClientFactory({ transports: [transport] }).createFromUrl(agentOf(agentId, among).cardUrl, '');
}

interface Sent {
  taskId?: string;
  contextId?: string;
  returnImmediately?: boolean;
}

function said(text: string, { returnImmediately = false, ...ids }: Sent = {}): SendMessageRequest {
  return SendMessageRequest.fromJSON({
    message: { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text }], ...ids },
    configuration: { returnImmediately },
  });
}

async function legacyCall(method: string, params: unknown) {
  const response = await fetch(`${agentOf('veteran').baseUrl}/a2a`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return response.json();
}

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function lastState(events: StreamResponse[]): TaskState | undefined {
  const payload = events.at(-1)?.payload;
  return payload?.$case === 'statusUpdate' ? payload.value.status?.state : undefined;
}

function taskOf(result: SendMessageResult): Task {
  if ('messageId' in result) throw new TypeError('a message, not a task');
  return result;
}

function messageText(result: SendMessageResult): string {
  if (!('messageId' in result)) throw new TypeError('a task, not a message');
  return textOfParts(result.parts);
}

function textOfParts(parts: Task['artifacts'][number]['parts'] = []): string {
  return parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')).join('');
}

interface TestIssuer {
  url: string;
  audience: string;
  token(claims: { subject?: string; audience?: string; typ?: string }): Promise<string>;
  close(): Promise<void>;
}

/** One key, its JWKS, and whatever tokens a test wants signed with it. */
async function startIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] };
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const audience = 'http://agents.test';
  return {
    url,
    audience,
    token: ({ subject = 'gateway', audience: aud = audience, typ = 'at+jwt' }) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ })
        .setIssuer(url)
        .setAudience(aud)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
