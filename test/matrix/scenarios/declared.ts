import { AgentCard } from '@a2a-js/sdk';
import { extensionUri } from '../../../examples/conformance/card.ts';
import { outcomeOf, refusalOf } from '../observed.ts';
import { eventsOf, resultJson, type Scenario, send, stream } from '../scenario.ts';
import type { SdkClient } from '../sdk-client.ts';

const key = { taskId: 'no-such-task', id: 'hook-1', tenant: '' };
const config = { ...key, url: 'https://127.0.0.1/1', token: '', authentication: undefined };

/** The client, asking for the agent's extension. */
function extended(client: SdkClient): SdkClient {
  const { serviceParameters = {} } = client.options;
  const name = client.protocol.endsWith('1.0') ? 'A2A-Extensions' : 'X-A2A-Extensions';
  return { ...client, options: { serviceParameters: { ...serviceParameters, [name]: extensionUri } } };
}

/** Extended cards: what of them is the agent's, and not the gateway's to say. */
async function extendedCard({ transport, options }: SdkClient): Promise<unknown> {
  const card = await transport.getExtendedAgentCard({ tenant: '' }, options);
  const { name, description, version, skills, capabilities, defaultInputModes } = AgentCard.toJSON(
    card,
  ) as Record<string, unknown>; // ProtoJSON of a message is an object.
  return { name, description, version, skills, capabilities, defaultInputModes };
}

/** What is not declared is refused, whatever the agent would do (A2A §3.3.4). */
const undeclared: readonly Scenario[] = [
  {
    title: 'streams nothing from an agent that does not stream',
    operation: 'SendStreamingMessage',
    agent: 'bare',
    run: (client) => refusalOf(() => eventsOf(stream(client, { prefix: 'tck-stream-001' }))),
  },
  {
    title: 'subscribes to nothing at an agent that does not stream',
    operation: 'SubscribeToTask',
    agent: 'bare',
    run: ({ transport, options }) =>
      refusalOf(() => eventsOf(transport.resubscribeTask({ id: 'no-such-task', tenant: '' }, options))),
  },
  {
    title: 'makes no push notification configuration at an agent that does not push',
    operation: 'CreateTaskPushNotificationConfig',
    agent: 'bare',
    run: ({ transport, options }) =>
      refusalOf(() => transport.createTaskPushNotificationConfig(config, options)),
  },
  {
    title: 'gets no push notification configuration from an agent that does not push',
    operation: 'GetTaskPushNotificationConfig',
    agent: 'bare',
    run: ({ transport, options }) => refusalOf(() => transport.getTaskPushNotificationConfig(key, options)),
  },
  {
    title: 'lists no push notification configurations of an agent that does not push',
    operation: 'ListTaskPushNotificationConfigs',
    agent: 'bare',
    run: ({ transport, options }) =>
      refusalOf(() =>
        transport.listTaskPushNotificationConfig({ ...key, pageSize: 10, pageToken: '' }, options),
      ),
  },
  {
    title: 'deletes no push notification configuration at an agent that does not push',
    operation: 'DeleteTaskPushNotificationConfig',
    agent: 'bare',
    run: ({ transport, options }) =>
      refusalOf(() => transport.deleteTaskPushNotificationConfig(key, options)),
  },
  {
    title: 'gets no extended card from an agent that has none',
    operation: 'GetExtendedAgentCard',
    agent: 'bare',
    run: (client) => refusalOf(() => extendedCard(client)),
  },
];

export const declaredScenarios: readonly Scenario[] = [
  ...undeclared,
  {
    title: 'gets the extended card',
    operation: 'GetExtendedAgentCard',
    run: extendedCard,
  },
  {
    title: 'gets no extended card where one is declared and not configured',
    operation: 'GetExtendedAgentCard',
    agent: 'strict',
    run: (client) => outcomeOf(() => extendedCard(extended(client))),
  },
  {
    title: 'is refused without an extension that the agent requires',
    operation: 'SendMessage',
    agent: 'strict',
    run: (client) => outcomeOf(async () => resultJson(await send(client, { prefix: 'tck-complete-task' }))),
  },
  {
    title: 'is served with an extension that the agent requires',
    operation: 'SendMessage',
    agent: 'strict',
    run: async (client) => resultJson(await send(extended(client), { prefix: 'tck-complete-task' })),
  },
];
