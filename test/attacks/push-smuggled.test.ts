import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Cell } from '../requirements/clause.ts';
import { cellCaller } from '../support/cell-caller.ts';
import { permit, register } from '../support/gateway.ts';
import { legacyCardAt } from '../support/legacy.ts';
import { messageWith } from '../support/push-speech.ts';
import { takePushes } from '../support/pushing-agent.ts';
import { type RelayStand, startRelayStand } from '../support/relay-stand.ts';
import { cardAt } from '../support/scripted-agent.ts';

/** A webhook of the caller's own choice that goes past the gateway, in words that some agent may yet read. */

const cells: readonly Cell[] = ['JSON-RPC 1.0', 'HTTP+JSON 1.0', 'JSON-RPC 0.3', 'HTTP+JSON 0.3'];
const places = [
  'taskPushNotificationConfig',
  'pushNotificationConfig',
  'pushNotification',
  'task_push_notification_config',
  'push_notification_config',
  'push_notification',
  'TaskPushNotificationConfig',
];

let stand: RelayStand;
let token: string;

beforeAll(async () => {
  stand = await startRelayStand({ registration: null });
  token = await stand.gateway.issuer.token();
  const { gateway } = stand;
  takePushes(gateway.agent);
  const { url, card } = gateway.agent;
  for (const cell of cells) {
    const isRpc = cell.startsWith('JSON-RPC');
    const protocolBinding = isRpc ? 'JSONRPC' : 'HTTP+JSON';
    const at = `${url}${isRpc ? '/rpc' : '/rest'}`;
    card(
      cell.endsWith('1.0')
        ? cardAt(url, { supportedInterfaces: [{ url: at, protocolBinding, protocolVersion: '1.0' }] })
        : legacyCardAt(url, { url: isRpc ? `${url}/a2a` : at, preferredTransport: protocolBinding }),
    );
    await register(gateway, { agentId: agentIdOf(cell), ownership: 'principal' });
  }
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'read', 'push'] });
});
afterAll(() => stand.close());
beforeEach(() => void stand.gateway.agent.seen.splice(0));

const agentIdOf = (cell: Cell) => cell.toLowerCase().replace(/[^a-z0-9]/g, '-');
const evil = { id: 'c-2', url: 'http://169.254.169.254/latest', token: 'smuggled' };

for (const cell of cells)
  for (const place of places)
    it.each([false, true])(
      `in ${cell} as ${place} does not reach an agent of the same protocol, with another beside: %s`,
      async (isBeside) => {
        const caller = cellCaller(stand.gateway, cell, token);
        const hook = { id: 'c-1', url: `${stand.receiver.url}/proper` };
        const { configuration, ...more } = messageWith(cell, hook);
        const params = {
          ...more,
          configuration: { ...(isBeside && (configuration as object)), [place]: evil },
        };
        const answer = await caller.call('SendMessage', { agentId: agentIdOf(cell), params });
        expect(answer.all).toMatch(/MEMBER_REFUSED|WEBHOOK_REFUSED/);
        expect(stand.gateway.agent.seen).toEqual([]);
      },
    );
