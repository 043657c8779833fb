import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentCard, SendMessageRequest } from '@a2a-js/sdk';
import type { Client } from '@a2a-js/sdk/client';
import { describe, expect, it } from 'vitest';
import { type ConformanceAgentOptions, startConformanceAgent } from '../examples/conformance/agent.ts';
import { behaviourPrefixes } from '../examples/conformance/behaviours.ts';
import { extensionUri } from '../examples/conformance/card.ts';
import { provokedErrors } from '../examples/conformance/handler.ts';
import { parseCommandLine } from '../examples/conformance/options.ts';
import { protocols as allProtocols, type Protocol } from '../examples/conformance/protocols.ts';
import { startConformanceGateway } from '../examples/conformance/serve.ts';
import { vendorPrefix } from '../examples/conformance/vendor-error.ts';
import { callerOf, errorOf, eventsOf } from './support/conformance.ts';
import { said, unknownId, unread } from './support/conformance-cell.ts';

/** What the conformance agent can be told to be. */

const asked10 = { serviceParameters: { 'A2A-Version': '1.0' } };

describe('an agent that offers less', () => {
  const protocols = ['jsonrpc-1.0'] as const;
  const created = {
    id: 'c-1',
    url: 'https://127.0.0.1/',
    token: '',
    tenant: '',
    authentication: undefined,
  };
  const card = { tenant: '' };

  it.each<
    [what: string, options: ConformanceAgentOptions, name: string, call: (client: Client) => Promise<unknown>]
  >([
    [
      'no push notifications',
      { pushNotifications: false },
      'PushNotificationNotSupportedError',
      (client) =>
        client.transport.createTaskPushNotificationConfig({ ...created, taskId: unknownId }, asked10),
    ],
    [
      'no streams',
      { streaming: false },
      'UnsupportedOperationError',
      (client) => eventsOf(client.transport.sendMessageStream(said('tck-stream-001'), asked10)),
    ],
    [
      'no extended card',
      { extendedCard: 'none' },
      'UnsupportedOperationError',
      (client) => client.transport.getExtendedAgentCard(card, asked10),
    ],
    [
      'an extended card that is not there',
      { extendedCard: 'declared' },
      'ExtendedAgentCardNotConfiguredError',
      (client) => client.transport.getExtendedAgentCard(card, asked10),
    ],
    [
      'nothing without its extension',
      { requireExtension: true },
      'ExtensionSupportRequiredError',
      (client) => client.sendMessage(said('tck-complete-task')),
    ],
  ])('says so: %s', async (_, options, name, call) => {
    const { agent, cardUrl, close } = await startConformanceGateway({
      agent: { protocols, ...options },
      log: unread,
    });
    try {
      for (const url of [agent.cardUrl, cardUrl]) {
        const { client } = await callerOf(url, 'jsonrpc-1.0');
        expect((await errorOf(call(client))).name, url).toBe(name);
      }
    } finally {
      await close();
    }
  });

  it('is offered in the versions that are asked for, and in all where none is', async () => {
    for (const [protocolVersions, offered] of [
      [['1.0'], '1.0'],
      [undefined, '1.0 0.3'],
    ] as const) {
      const { cardUrl, close } = await startConformanceGateway({
        agent: { protocols: ['jsonrpc-1.0'] },
        ...(protocolVersions !== undefined && { protocolVersions }),
        log: unread,
      });
      try {
        const card = AgentCard.fromJSON(await (await fetch(cardUrl)).json());
        const versions = new Set(card.supportedInterfaces.map(({ protocolVersion }) => protocolVersion));
        expect([...versions].join(' ')).toBe(offered);
      } finally {
        await close();
      }
    }
  });

  it('activates its extension for who asks for it', async () => {
    const { agent, agentUrl, close } = await startConformanceGateway({
      agent: { protocols: ['http-json-1.0'], requireExtension: true },
      log: unread,
    });
    try {
      for (const url of [agent.url, agentUrl]) {
        const answer = await fetch(`${url}/message:send`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'a2a-version': '1.0',
            'a2a-extensions': `urn:unknown, ${extensionUri}`,
          },
          body: JSON.stringify(SendMessageRequest.toJSON(said('tck-complete-task'))),
        });
        expect(answer.status, url).toBe(200);
        expect(answer.headers.get('a2a-extensions'), url).toBe(extensionUri);
      }
    } finally {
      await close();
    }
  });
});

describe('the card', () => {
  async function cardOf(protocols: readonly Protocol[], version?: string): Promise<Record<string, unknown>> {
    const agent = await startConformanceAgent({ protocols });
    try {
      const headers = version === undefined ? {} : { 'a2a-version': version };
      return (await (await fetch(agent.cardUrl, { headers })).json()) as Record<string, unknown>;
    } finally {
      await agent.close();
    }
  }
  const bindings = (list: unknown) =>
    (list as Record<string, string>[]).map(({ protocolBinding, transport, protocolVersion }) =>
      [protocolBinding ?? transport, protocolVersion].filter(Boolean).join(' '),
    );

  it('of an agent of 1.0 is of 1.0 for everybody', async () => {
    const card = await cardOf(['grpc-1.0', 'jsonrpc-1.0']);
    expect(bindings(card.supportedInterfaces)).toEqual(['GRPC 1.0', 'JSONRPC 1.0']);
    expect(card).not.toHaveProperty('protocolVersion');
  });

  it('of an agent of 0.3 is of 0.3 for everybody', async () => {
    const card = await cardOf(['http-json-0.3', 'grpc-0.3'], '1.0');
    expect(card).toMatchObject({ protocolVersion: '0.3.0', preferredTransport: 'HTTP+JSON' });
    expect(bindings(card.additionalInterfaces)).toEqual(['GRPC']);
    expect(card).not.toHaveProperty('supportedInterfaces');
  });

  it('of an agent of both is of 1.0 for who asks for it, and of both for all others', async () => {
    const both = ['jsonrpc-1.0', 'jsonrpc-0.3'] as const;
    const current = await cardOf(both, '1.0');
    expect(bindings(current.supportedInterfaces)).toEqual(['JSONRPC 1.0']);
    expect(current).not.toHaveProperty('preferredTransport');
    const hybrid = await cardOf(both);
    expect(bindings(hybrid.supportedInterfaces)).toEqual(['JSONRPC 1.0', 'JSONRPC 0.3']);
    expect(hybrid).toMatchObject({ protocolVersion: '0.3.0', preferredTransport: 'JSONRPC' });
  });
});

it('all that ids of messages may begin with is in the documentation, and nothing else', async () => {
  const text = await readFile(join(import.meta.dirname, '../docs/conformance-kit.md'), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| `(?:tck|test|gw)-/.test(line));
  const told = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, id]) => id),
  );
  const known = [...behaviourPrefixes, ...Object.keys(provokedErrors), vendorPrefix];
  expect(told.toSorted()).toEqual(known.toSorted());
});

describe('the command line', () => {
  it('starts all of it on the ports that kits expect', () => {
    expect(parseCommandLine([])).toEqual({
      agent: {
        protocols: allProtocols,
        port: 9999,
        grpcPort: 9998,
        paceMs: 2_000,
        extendedCard: 'served',
        streaming: true,
        pushNotifications: true,
        requireExtension: false,
      },
      gatewayPort: 8080,
    });
  });

  it('says what to offer', () => {
    const { agent } = parseCommandLine(['--protocols', 'grpc-0.3, jsonrpc-1.0', '--no-push', '--port', '0']);
    expect(agent).toMatchObject({
      protocols: ['grpc-0.3', 'jsonrpc-1.0'],
      pushNotifications: false,
      port: 0,
    });
  });

  it.each([
    ['--protocols', 'soap-1.2'],
    ['--port', 'any'],
    ['--extended-card', 'maybe'],
    ['--unknown', 'x'],
  ])('is refused: %s %s', (name, value) => {
    expect(() => parseCommandLine([name, value])).toThrow(name === '--protocols' ? value : name);
  });
});
