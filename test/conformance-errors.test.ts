import type { Client } from '@a2a-js/sdk/client';
import { decodeErrorInfo, decodeStatus } from '@a2a-js/sdk/errors/grpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingOf, type Protocol, versionOf } from '../examples/conformance/protocols.ts';
import { vendorError } from '../examples/conformance/vendor-error.ts';
import { errorOf, eventsOf } from './support/conformance.ts';
import { type Cell, cells, openCell, said, taskOf, unknownId } from './support/conformance-cell.ts';

/** Every error an agent may answer, got by the official client, directly and through the gateway. */

/** 0.3 knows not all of them. */
const errors: readonly [messageId: string, name: string, versions: 'both' | '1.0'][] = [
  ['gw-task-not-found-1', 'TaskNotFoundError', 'both'],
  ['gw-task-not-cancelable-1', 'TaskNotCancelableError', 'both'],
  ['gw-push-not-supported-1', 'PushNotificationNotSupportedError', 'both'],
  ['gw-unsupported-operation-1', 'UnsupportedOperationError', 'both'],
  ['gw-content-type-1', 'ContentTypeNotSupportedError', 'both'],
  ['gw-invalid-agent-response-1', 'InvalidAgentResponseError', 'both'],
  ['gw-extended-card-not-configured-1', 'ExtendedAgentCardNotConfiguredError', 'both'],
  ['gw-extension-required-1', 'ExtensionSupportRequiredError', '1.0'],
  ['gw-version-not-supported-1', 'VersionNotSupportedError', '1.0'],
  ['gw-invalid-params-1', 'RequestMalformedError', 'both'],
];

const vendorMessage = { messageId: 'gw-vendor-error-1', role: 'ROLE_USER', parts: [{ text: 'x' }] };
const olderMessage = {
  kind: 'message',
  messageId: 'gw-vendor-error-1',
  role: 'user',
  parts: [{ kind: 'text', text: 'x' }],
};
const call = { jsonrpc: '2.0', id: 7 };
/** How a message is sent over HTTP without the SDK, and one that asks for the vendor's error. */
const raw: Partial<Record<Protocol, { path: string; vendor: unknown }>> = {
  'jsonrpc-1.0': { path: '', vendor: { ...call, method: 'SendMessage', params: { message: vendorMessage } } },
  'jsonrpc-0.3': { path: '', vendor: { ...call, method: 'message/send', params: { message: olderMessage } } },
  'http-json-1.0': { path: '/message:send', vendor: { message: vendorMessage } },
  'http-json-0.3': {
    path: '/v1/message:send',
    vendor: { message: { messageId: 'gw-vendor-error-1', role: 'ROLE_USER', content: [{ text: 'x' }] } },
  },
};

async function post(url: string, protocol: Protocol, body: string) {
  const answer = await fetch(url.replace(/\/$/, '') + raw[protocol]?.path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(versionOf(protocol) === '1.0' && { 'a2a-version': '1.0' }),
    },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as { error?: { code: number } } };
}

describe.each(cells)('$protocol', (cell) => {
  const { protocol } = cell;
  let both: Cell['both'];
  let close: Cell['close'];
  beforeAll(async () => {
    ({ both, close } = await openCell(cell));
  });
  afterAll(() => close());

  it.each(errors.filter(([, , versions]) => versions === 'both' || versionOf(protocol) === '1.0'))(
    '%s',
    async (messageId, name) => {
      const unary = await both((client) => errorOf(client.sendMessage(said(messageId))));
      expect(unary.name).toBe(name);
      const streamed = await both((client) => errorOf(eventsOf(client.sendMessageStream(said(messageId)))));
      expect(streamed.name).toBe(name);
    },
  );

  it.each<[what: string, name: string, call: (client: Client) => Promise<unknown>]>([
    [
      'canceling what is over',
      'TaskNotCancelableError',
      async (client) => {
        const { id } = taskOf(await client.sendMessage(said('tck-complete-task')));
        return client.cancelTask({ id, tenant: '', metadata: undefined });
      },
    ],
    [
      'going on with what is over',
      'UnsupportedOperationError',
      async (client) => {
        const { id: taskId } = taskOf(await client.sendMessage(said('tck-complete-task')));
        return client.sendMessage(said('tck-complete-task', { taskId }));
      },
    ],
    [
      'subscribing to what is over',
      // There it is an event of a stream that has begun, which the SDK's client names no further.
      protocol === 'jsonrpc-0.3' ? 'Error' : 'UnsupportedOperationError',
      async (client) => {
        const { id } = taskOf(await client.sendMessage(said('tck-complete-task')));
        return eventsOf(client.resubscribeTask({ id, tenant: '' }));
      },
    ],
    [
      'going on with a task in another conversation',
      'RequestMalformedError',
      async (client) => {
        const { id: taskId } = taskOf(await client.sendMessage(said('tck-input-required')));
        return client.sendMessage(said('tck-complete-task', { taskId, contextId: 'another' }));
      },
    ],
    [
      'a file of a type it does not take',
      'ContentTypeNotSupportedError',
      (client) =>
        client.sendMessage(
          said('tck-complete-task', {
            parts: [{ raw: 'AA==', mediaType: 'application/x-unknown', filename: 'x' }],
          }),
        ),
    ],
  ])('is refused: %s', async (_, name, call) => {
    expect((await both((client) => errorOf(call(client)))).name).toBe(name);
  });

  it.each<[what: string, call: (client: Client) => Promise<unknown>]>([
    ['a task nobody made', (client) => client.getTask({ id: unknownId, tenant: '' })],
    [
      'going on with what nobody made',
      (client) => client.sendMessage(said('tck-complete-task', { taskId: unknownId })),
    ],
    [
      'a push configuration nobody made',
      async (client) => {
        const { id: taskId } = taskOf(await client.sendMessage(said('tck-complete-task')));
        return client.getTaskPushNotificationConfig({ taskId, id: 'nobody', tenant: '' });
      },
    ],
  ])('is refused before the agent is asked: %s', async (_, call) => {
    const { name, reason } = await both(async (client) => {
      const { message: _, ...same } = await errorOf(call(client)); // The agent's names the id, the gateway's does not.
      return same;
    });
    expect([name, reason]).toEqual(['TaskNotFoundError', 'TASK_NOT_FOUND']);
  });

  it('an error that is none of the protocol', async () => {
    const errors = await both(async (client) => [
      await errorOf(client.sendMessage(said('gw-internal-error-1'))),
      await errorOf(eventsOf(client.sendMessageStream(said('gw-internal-error-1')))),
    ]);
    for (const { name, message } of errors) {
      expect(name).toMatch(/^(?:A2AError|JsonRpcTransportError|Error)$/);
      expect(message).toContain('Broken as asked.');
    }
  });

  it.runIf(bindingOf(protocol) !== 'GRPC')('a body that is no JSON', async () => {
    // Who reads first refuses in its own words, the gateway or the agent.
    const code = await both(async (_, url) => {
      const { status, body } = await post(url, protocol, '{');
      return bindingOf(protocol) === 'JSONRPC' ? body.error?.code : status;
    });
    expect(code).toBe(bindingOf(protocol) === 'JSONRPC' ? -32_700 : 400);
  });

  it("an error of a vendor's own, with its data", async () => {
    const [error] = await both(async (client, url) => [await rawVendorError(client, url)]);
    expect(JSON.stringify(error)).toContain(vendorError.reason);
  });

  /** As it is on the wire: the SDK's client keeps nothing of the data. */
  async function rawVendorError(client: Client, url: string): Promise<unknown> {
    if (bindingOf(protocol) === 'GRPC') {
      const thrown: unknown = await client.sendMessage(said('gw-vendor-error')).catch((error) => error);
      const { details } = decodeStatus(Reflect.get(thrown as object, 'statusDetailsBin'));
      return details.map(({ value }) => decodeErrorInfo(Buffer.from(value)));
    }
    return post(url, protocol, JSON.stringify(raw[protocol]?.vendor));
  }
});
