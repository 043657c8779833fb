import { provokedErrors } from '../../../examples/conformance/handler.ts';
import { vendorError } from '../../../examples/conformance/vendor-error.ts';
import { outcomeOf } from '../observed.ts';
import { eventsOf, resultJson, type Said, type Scenario, send, sendForTask, stream } from '../scenario.ts';
import type { SdkClient } from '../sdk-client.ts';

const prefixes = Object.keys(provokedErrors).filter((prefix) => prefix !== 'gw-invalid-params');

/** The clients know no such error, and each says in its own way what it was told. */
function saysVendorError(outcome: unknown): boolean {
  return JSON.stringify(outcome).includes(vendorError.message);
}

function refusedSend(client: SdkClient, what: Said): Promise<unknown> {
  return outcomeOf(async () => resultJson(await send(client, what)));
}

function refusedStream(client: SdkClient, what: Said): Promise<unknown> {
  return outcomeOf(() => eventsOf(stream(client, what)));
}

/** A2A has no reason for JSON-RPC's own errors; the SDK's HTTP+JSON has one, and its client knows them by nothing else. */
function unnamed(outcome: unknown): unknown {
  const { error } = outcome as { error: Record<string, unknown> }; // The message asks for one.
  const { name: _, reason: __, ...rest } = error;
  return { error: rest };
}

/** One that is known by its name alone, one refused by what was sent, one that 0.3 has no code for. */
const streamedPrefixes = ['gw-task-not-found', 'gw-content-type', 'gw-extension-required'];

/** Errors the agent answers with because a message asks for them. */
const provoked: readonly Scenario[] = [
  ...prefixes.map(
    (prefix): Scenario => ({
      title: `sends a message and is told ${prefix}`,
      operation: 'SendMessage',
      run: (client) => refusedSend(client, { prefix }),
    }),
  ),
  ...streamedPrefixes.map(
    (prefix): Scenario => ({
      title: `streams a message and is told ${prefix}`,
      operation: 'SendStreamingMessage',
      run: (client) => refusedStream(client, { prefix }),
    }),
  ),
];

export const errorScenarios: readonly Scenario[] = [
  ...provoked,
  {
    title: 'sends a message and is told that it is not right',
    operation: 'SendMessage',
    run: async (client) => unnamed(await refusedSend(client, { prefix: 'gw-invalid-params' })),
  },
  {
    title: 'sends a message and is told an error of a vendor',
    operation: 'SendMessage',
    run: async (client) => saysVendorError(await refusedSend(client, { prefix: 'gw-vendor-error' })),
  },
  {
    title: 'streams a message and is told an error of a vendor',
    operation: 'SendStreamingMessage',
    run: async (client) => saysVendorError(await refusedStream(client, { prefix: 'gw-vendor-error' })),
  },
  {
    title: 'sends a message to a task that is not there',
    operation: 'SendMessage',
    run: (client) => refusedSend(client, { prefix: 'tck-complete-task', taskId: 'no-such-task' }),
  },
  {
    title: 'sends a message to a task that is done',
    operation: 'SendMessage',
    async run(client) {
      const { id: taskId, contextId } = await sendForTask(client, { prefix: 'tck-complete-task' });
      return refusedSend(client, { prefix: 'tck-complete-task', taskId, contextId });
    },
  },
  {
    title: 'sends a message of a media type that is not taken',
    operation: 'SendMessage',
    run: (client) =>
      refusedSend(client, {
        prefix: 'tck-complete-task',
        parts: [{ raw: 'AAEC', mediaType: 'video/mp4', filename: 'a.mp4' }],
      }),
  },
];
