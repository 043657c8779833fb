import { ListTaskPushNotificationConfigsResponse, TaskPushNotificationConfig } from '@a2a-js/sdk';
import { refusalOf } from '../observed.ts';
import { type Scenario, sendForTask } from '../scenario.ts';
import type { SdkClient } from '../sdk-client.ts';

// Made for tasks that wait for input, of which there is no more to tell: nobody calls this address.
const url = 'https://127.0.0.1/1';
const authentication = { scheme: 'Bearer', credentials: 'of-the-hook' };

async function waitingTask(client: SdkClient): Promise<string> {
  return (await sendForTask(client, { prefix: 'tck-input-required' })).id;
}

function create(
  { transport, options }: SdkClient,
  taskId: string,
  members: Partial<TaskPushNotificationConfig> = {},
): Promise<TaskPushNotificationConfig> {
  const config = { tenant: '', taskId, id: 'hook-1', url, token: 'told', authentication, ...members };
  return transport.createTaskPushNotificationConfig(config, options);
}

async function list({ transport, options }: SdkClient, taskId: string): Promise<unknown> {
  const every = { taskId, tenant: '', pageSize: 10, pageToken: '' };
  return ListTaskPushNotificationConfigsResponse.toJSON(
    await transport.listTaskPushNotificationConfig(every, options),
  );
}

export const pushScenarios: readonly Scenario[] = [
  {
    title: 'makes a push notification configuration',
    operation: 'CreateTaskPushNotificationConfig',
    run: async (client) => TaskPushNotificationConfig.toJSON(await create(client, await waitingTask(client))),
  },
  {
    title: 'makes a push notification configuration of a URL alone',
    operation: 'CreateTaskPushNotificationConfig',
    async run(client) {
      const least = { token: '', authentication: undefined };
      return TaskPushNotificationConfig.toJSON(await create(client, await waitingTask(client), least));
    },
  },
  {
    title: 'makes no push notification configuration for a task that is not there',
    operation: 'CreateTaskPushNotificationConfig',
    run: (client) => refusalOf(() => create(client, 'no-such-task')),
  },
  {
    title: 'gets a push notification configuration',
    operation: 'GetTaskPushNotificationConfig',
    async run(client) {
      const taskId = await waitingTask(client);
      await create(client, taskId);
      const key = { taskId, id: 'hook-1', tenant: '' };
      const { transport, options } = client;
      return TaskPushNotificationConfig.toJSON(await transport.getTaskPushNotificationConfig(key, options));
    },
  },
  {
    title: 'gets no push notification configuration that is not there',
    operation: 'GetTaskPushNotificationConfig',
    async run(client) {
      const key = { taskId: await waitingTask(client), id: 'no-such-hook', tenant: '' };
      return refusalOf(() => client.transport.getTaskPushNotificationConfig(key, client.options));
    },
  },
  {
    title: 'lists push notification configurations',
    operation: 'ListTaskPushNotificationConfigs',
    async run(client) {
      const taskId = await waitingTask(client);
      const before = await list(client, taskId);
      await create(client, taskId);
      await create(client, taskId, { id: 'hook-2', url: 'https://127.0.0.1/2' });
      return [before, await list(client, taskId)];
    },
  },
  {
    title: 'lists no push notification configurations of a task that is not there',
    operation: 'ListTaskPushNotificationConfigs',
    run: (client) => refusalOf(() => list(client, 'no-such-task')),
  },
  {
    title: 'deletes a push notification configuration',
    operation: 'DeleteTaskPushNotificationConfig',
    async run(client) {
      const taskId = await waitingTask(client);
      await create(client, taskId);
      const key = { taskId, id: 'hook-1', tenant: '' };
      const deleted = await client.transport.deleteTaskPushNotificationConfig(key, client.options);
      return [deleted ?? 'nothing', await list(client, taskId)];
    },
  },
  {
    title: 'sends a message with a push notification configuration',
    operation: 'SendMessage',
    async run(client) {
      const taskPushNotificationConfig = { id: 'hook-1', url: client.hookUrl, token: 'told', authentication };
      const configuration = { taskPushNotificationConfig };
      const { id } = await sendForTask(client, { prefix: 'tck-input-required', configuration });
      return list(client, id);
    },
  },
];
