import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaskState } from '@a2a-js/sdk';
import type { Client } from '@a2a-js/sdk/client';
import {
  PushNotificationNotSupportedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
  VersionNotSupportedError,
} from '@a2a-js/sdk/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callAgents } from '../examples/call-agents.ts';
import { accessToken, bindings, clientOf, said, taskOf, textOf } from '../examples/caller.ts';
import { findAgents } from '../examples/find-agents.ts';
import { createLog } from '../src/runtimes/node/log.ts';
import { startNewcomer } from '../src/runtimes/node/newcomer.ts';
import type { Running } from '../src/runtimes/node/serve.ts';
import { cites } from './support/cites.ts';

let newcomer: Running;
let dataDir: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'a2a-journeys-'));
  const log = createLog('debug', { write: () => {} });
  const examples = { tokenDelayMs: 0, stepMs: 100 };
  newcomer = await startNewcomer({
    environment: { PORT: '0', A2A_GATEWAY_DATA_DIR: dataDir },
    log,
    examples,
  });
});

afterAll(async () => {
  await newcomer.close();
  rmSync(dataDir, { recursive: true });
});

function tokenOf(client: string): Promise<string> {
  return accessToken(`${newcomer.url}/dev/issuer`, client, `${client}-secret`);
}

async function clientFor(
  agentId: string,
  binding: (typeof bindings)[number],
  caller = 'alice',
): Promise<Client> {
  const cardUrl = `${newcomer.url}/agents/${agentId}/.well-known/agent-card.json`;
  return clientOf(cardUrl, binding, await tokenOf(caller));
}

async function get(path: string, caller: string): Promise<Response> {
  return fetch(newcomer.url + path, { headers: { authorization: `Bearer ${await tokenOf(caller)}` } });
}

describe('a newcomer', () => {
  it('calls every example agent on every binding, and echo in 0.3', async () => {
    cites('A2A-4.4.6-declared-work', 'JSON-RPC 1.0', 'HTTP+JSON 1.0', 'JSON-RPC 0.3');
    let printed = '';
    await callAgents({
      baseUrl: newcomer.url,
      print: (text) => {
        printed += text;
      },
    });
    for (const binding of bindings) expect(printed).toContain(`\n${binding}\n`);
    expect(printed.match(/echo +said: Hello there/g)).toHaveLength(4);
    expect(printed.match(/researcher +stopped when asked: canceled/g)).toHaveLength(3);
    expect(printed.match(/booking +has: /g)).toHaveLength(3);
    expect(printed.match(/veteran +counts: 5 words/g)).toHaveLength(3);
    expect(printed).toMatch(/\nJSONRPC of 0\.3\n {2}echo +said: Hello there\n$/);
  });

  it('finds who books tables by asking the directory, and is answered by that agent', async () => {
    const token = await accessToken(`${newcomer.url}/dev/issuer`, 'alice', 'alice-secret');
    const ask = async () => {
      const printed: string[] = [];
      const need = 'we would like to eat out tonight, keep a table for us';
      await findAgents({ baseUrl: newcomer.url, token, need, print: (text) => printed.push(text) });
      return printed.join('');
    };
    // The model is loaded in the background.
    await expect.poll(ask, { timeout: 30_000, interval: 200 }).toMatch(/\n1\. booking: .+ says: .+\n$/s);
  });

  it('finds the served examples as alice and as bob, and nothing as carol', async () => {
    const found = async (caller: string) => {
      const { agents } = await (await get('/agents', caller)).json();
      return agents.map(({ agentId }: { agentId: string }) => agentId);
    };
    expect(await found('alice')).toEqual(['booking', 'echo', 'researcher', 'veteran', 'writer']);
    expect(await found('bob')).toEqual(await found('alice'));
    expect(await found('carol')).toEqual([]);
  });

  it('may call nothing as carol, not even learn what is there', async () => {
    const [known, unknown] = await Promise.all([
      get('/agents/echo/.well-known/agent-card.json', 'carol'),
      get('/agents/never-was/.well-known/agent-card.json', 'carol'),
    ]);
    expect([known.status, await known.text()]).toEqual([403, await unknown.text()]);
  });

  it('manages nothing as alice and everything as admin', async () => {
    expect((await get('/admin/agents', 'alice')).status).toBe(403);
    const { totalSize } = await (await get('/admin/agents', 'admin')).json();
    expect(totalSize).toBe(5);
  });
});

describe.each(bindings)('an unmodified client over %s', (binding) => {
  it("reaches a protected agent with the gateway's own token, and not with its own", async () => {
    const writer = await clientFor('writer', binding, 'bob');
    const task = taskOf(await writer.sendMessage(said('Write about the sea')));
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    const direct = await fetch(`${await backendOf('writer')}/a2a/jsonrpc`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenOf('bob')}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(direct.status).toBe(401);
  });

  it('makes, reads, lists and deletes push notification configurations', async () => {
    const researcher = await clientFor('researcher', binding);
    const { id: taskId } = taskOf(await researcher.sendMessage(said('Tides', { returnImmediately: true })));
    const config = { taskId, id: 'hook', tenant: '', token: 't', authentication: undefined };
    const url = 'http://127.0.0.1/hook';
    const made = await researcher.createTaskPushNotificationConfig({ ...config, url });
    expect(made).toMatchObject({ taskId, id: 'hook', url });
    const key = { taskId, id: 'hook', tenant: '' };
    expect(await researcher.getTaskPushNotificationConfig(key)).toMatchObject({ id: 'hook', url });
    const every = { taskId, tenant: '', pageSize: 10, pageToken: '' };
    const { configs } = await researcher.listTaskPushNotificationConfig(every);
    expect(configs.map(({ id }) => id)).toEqual(['hook']);
    await researcher.deleteTaskPushNotificationConfig(key);
    expect((await researcher.listTaskPushNotificationConfig(every)).configs).toEqual([]);
    await researcher.cancelTask({ id: taskId, tenant: '', metadata: undefined });
  });

  it("reads the extended card, with its further skill and the gateway's address", async () => {
    cites('A2A-3.1.11-get-extended-card', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const researcher = await clientFor('researcher', binding);
    const card = await researcher.getAgentCard();
    expect(card.skills.map(({ id }) => id)).toEqual(['research', 'archive']);
    for (const { url, protocolBinding } of card.supportedInterfaces)
      expect(url).toBe(
        protocolBinding === 'GRPC' ? newcomer.grpcAddress : `${newcomer.url}/agents/researcher`,
      );
  });

  it('goes on with a task that asked for input', async () => {
    cites('A2A-3.4-many-turns');
    const booking = await clientFor('booking', binding, 'bob');
    const asked = taskOf(await booking.sendMessage(said('Book a table')));
    expect(asked.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    const { id: taskId, contextId } = asked;
    const answer = said('In Lisbon on 2030-05-17', { taskId, contextId });
    const booked = taskOf(await booking.sendMessage(answer));
    expect(textOf(booked.artifacts[0]?.parts)).toContain('Lisbon');
  });

  it('gets the errors of the agent and of the gateway as its own', async () => {
    cites('A2A-5.4-agent-errors', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const [echo, researcher, booking] = await Promise.all([
      clientFor('echo', binding),
      clientFor('researcher', binding),
      clientFor('booking', binding),
    ]);
    const missing = { id: 'never-was', tenant: '' };
    await expect(researcher.getTask(missing)).rejects.toBeInstanceOf(TaskNotFoundError);
    await expect(researcher.cancelTask({ ...missing, metadata: undefined })).rejects.toBeInstanceOf(
      TaskNotFoundError,
    );
    const hook = { taskId: 'any', id: 'hook', tenant: '' };
    // Past the client, which knows from the card that it need not ask, and which adds the version and over gRPC the token.
    const authorization = `Bearer ${await tokenOf('alice')}`;
    const version = {
      serviceParameters: { 'A2A-Version': '1.0', ...(binding === 'GRPC' && { authorization }) },
    };
    const { transport } = echo;
    await expect(transport.getTaskPushNotificationConfig(hook, version)).rejects.toBeInstanceOf(
      PushNotificationNotSupportedError,
    );
    // Without a version a call is of 0.3; a gRPC service has its version in its name.
    if (binding === 'HTTP+JSON')
      await expect(transport.getTask(missing)).rejects.toBeInstanceOf(VersionNotSupportedError);
    const { id } = taskOf(await booking.sendMessage(said('Book a table in Lisbon on 2030-05-17')));
    await expect(booking.cancelTask({ id, tenant: '', metadata: undefined })).rejects.toBeInstanceOf(
      TaskNotCancelableError,
    );
    await expect(subscribe(booking, id)).rejects.toBeInstanceOf(UnsupportedOperationError);
  });
});

async function subscribe(client: Client, id: string): Promise<void> {
  for await (const _ of client.resubscribeTask({ id, tenant: '' }));
}

/** Where an example agent really is, as an administrator sees it. */
async function backendOf(agentId: string): Promise<string> {
  const { agentCardUrl } = await (await get(`/admin/agents/${agentId}`, 'admin')).json();
  return new URL(agentCardUrl).origin;
}
