import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ConformanceAgent, startConformanceAgent } from '../examples/conformance/agent.ts';
import { type Protocol, protocols, versionOf } from '../examples/conformance/protocols.ts';
import { pairs, titleOf } from './matrix/cells.ts';
import { sendForTask, stream } from './matrix/scenario.ts';
import { type SdkClient, sdkClient } from './matrix/sdk-client.ts';
import { cites } from './support/cites.ts';
import { permit, register } from './support/gateway.ts';
import { type RelayStand, startRelayStand } from './support/relay-stand.ts';

/**
 * Clients of the official SDK in every protocol, agents of the SDK in every protocol, which post by its own sender, and a
 * receiver of the caller's: all the way a notification goes.
 */

let stand: RelayStand;
let token: string;
const agents = new Map<Protocol, ConformanceAgent>();

beforeAll(async () => {
  // Where the SDK's servers tell of every push.
  for (const level of ['error', 'log', 'info', 'warn'] as const) vi.spyOn(console, level).mockReturnValue();
  stand = await startRelayStand({ registration: null });
  const { gateway } = stand;
  token = await gateway.issuer.token();
  for (const protocol of protocols) {
    const agent = await startConformanceAgent({ protocols: [protocol], paceMs: 50 });
    agents.set(protocol, agent);
    await register(gateway, { agentId: agentIdOf(protocol), agentCardUrl: agent.cardUrl });
  }
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations });
});
afterAll(async () => {
  await stand.close();
  await Promise.all([...agents.values()].map((agent) => agent.close()));
  vi.restoreAllMocks();
});

const agentIdOf = (protocol: Protocol) => protocol.replace('.', '-');

function clientOf(caller: Protocol, agent: Protocol): Promise<SdkClient> {
  const agentId = agentIdOf(agent);
  const url = `${stand.gateway.url}/agents/${agentId}`;
  return sdkClient(caller, {
    ...{ rpcUrl: url, restUrl: url, grpcTarget: stand.gateway.grpcAddress },
    ...{ tenant: agentId, authority: `${agentId}.grpc.test`, token, hookUrl: stand.receiver.url },
  });
}

/** What came to a path, in order, once something tells that the task is done. */
async function untilDone(
  path: string,
): Promise<{ type: unknown; body: Record<string, unknown>; token: unknown }[]> {
  for (;;) {
    const found = stand.receiver.received.filter(({ target }) => target === path);
    const seen = found.map(({ body, headers }) => ({
      type: headers['content-type'],
      body: JSON.parse(body),
      token: headers['x-a2a-notification-token'],
    }));
    if (seen.some(({ body }) => /"(?:TASK_STATE_COMPLETED|completed)"/.test(JSON.stringify(body))))
      return seen;
    await stand.receiver.until(stand.receiver.received.length + 1);
  }
}

/** Of which version a notification is; undefined for neither. */
function versionIn({ type, body }: { type: unknown; body: Record<string, unknown> }): string | undefined {
  const members = ['task', 'message', 'statusUpdate', 'artifactUpdate'];
  if (typeof body.kind === 'string') return type === 'application/json' ? '0.3' : undefined;
  const isCurrent = Object.keys(body).every((name) => members.includes(name));
  return isCurrent && type === 'application/a2a+json' ? '1.0' : undefined;
}

describe.each(pairs.map((pair) => [titleOf(pair.caller), titleOf(pair.agent), pair] as const))(
  'a caller of %s, and an agent of %s that pushes',
  (cell, _, pair) => {
    it.each([
      ['sent', sendForTask],
      [
        'streamed',
        async (...said: Parameters<typeof stream>) => {
          for await (const _ of stream(...said));
        },
      ],
    ] as const)('is told of a task at the webhook a %s message brings', async (how, tell) => {
      cites('A2A-4.3.3-webhook-version', cell);
      const client = await clientOf(pair.caller, pair.agent);
      const path = `/${pair.caller}/${pair.agent}/${how}`;
      const taskPushNotificationConfig = { id: 'hook', url: stand.receiver.url + path, token: 'of-the-hook' };
      await tell(client, { prefix: 'tck-artifact-text', configuration: { taskPushNotificationConfig } });
      const told = await untilDone(path);
      expect(new Set(told.map(versionIn))).toEqual(new Set([versionOf(pair.caller)]));
      expect(new Set(told.map(({ token }) => token))).toEqual(new Set(['of-the-hook']));
    });

    it('is told of a task at the webhook it sets', async () => {
      const client = await clientOf(pair.caller, pair.agent);
      const { id: taskId } = await sendForTask(client, { prefix: 'tck-input-required' });
      const path = `/${pair.caller}/${pair.agent}/set`;
      const authentication = { scheme: 'Bearer', credentials: 'of-the-hook' };
      const config = {
        tenant: '',
        taskId,
        id: 'hook',
        url: stand.receiver.url + path,
        token: '',
        authentication,
      };
      await client.transport.createTaskPushNotificationConfig(config, client.options);
      await sendForTask(client, { prefix: 'tck-complete-task', taskId });
      const told = await untilDone(path);
      expect(new Set(told.map(versionIn))).toEqual(new Set([versionOf(pair.caller)]));
    });
  },
);
