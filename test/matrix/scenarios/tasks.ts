import { type ListTasksRequest, ListTasksResponse, Task, TaskState } from '@a2a-js/sdk';
import { outcomeOf } from '../observed.ts';
import { eventsOf, longTask, type Scenario, sendForTask } from '../scenario.ts';
import type { SdkClient } from '../sdk-client.ts';

const missing = 'no-such-task';

function getTask({ transport, options }: SdkClient, id: string, historyLength?: number): Promise<Task> {
  return transport.getTask(
    { id, tenant: '', ...(historyLength !== undefined && { historyLength }) },
    options,
  );
}

function cancel(
  { transport, options }: SdkClient,
  id: string,
  metadata?: Record<string, unknown>,
): Promise<Task> {
  return transport.cancelTask({ id, tenant: '', metadata }, options);
}

function listed(
  { transport, options }: SdkClient,
  filters: Partial<ListTasksRequest>,
): Promise<ListTasksResponse> {
  const none = { tenant: '', contextId: '', status: TaskState.TASK_STATE_UNSPECIFIED, pageToken: '' };
  return transport.listTasks({ ...none, statusTimestampAfter: undefined, ...filters }, options);
}

/** Servers of 0.3 tell of a subscription that cannot be in its first event, where the SDK's client reads no number. */
async function unnumbered(run: () => Promise<unknown>): Promise<unknown> {
  const { error } = (await outcomeOf(run)) as { error?: Record<string, unknown> }; // Of what is refused.
  const { name, reason, message } = error ?? {};
  return { name, reason, message };
}

/** What an agent of 0.3, which has no lists, tells of tasks one by one, as it would list them in 1.0. */
async function listedOneByOne(
  client: SdkClient,
  ids: readonly string[],
  filters: Partial<ListTasksRequest>,
): Promise<ListTasksResponse> {
  const { status, statusTimestampAfter = '', includeArtifacts, historyLength, pageSize = 50 } = filters;
  const told = await Promise.all(ids.map((id) => getTask(client, id, historyLength)));
  const since = ({ status }: Task) => status?.timestamp ?? '';
  const tasks = told
    .filter((task) => status === undefined || task.status?.state === status)
    .filter((task) => since(task) >= statusTimestampAfter)
    .sort((one, other) => (since(one) > since(other) ? -1 : 1))
    .map((task) => ({
      ...task,
      history: historyLength === 0 ? [] : task.history,
      artifacts: includeArtifacts ? task.artifacts : [],
    }));
  const nextPageToken = tasks.length > pageSize ? '<more>' : '';
  return { tasks: tasks.slice(0, pageSize), totalSize: tasks.length, pageSize, nextPageToken };
}

/** Who makes the lists of an agent's tasks: it does, where it keeps its callers apart itself. */
const listers = [
  ['the agent', 'backend'],
  ['the gateway', 'principal'],
] as const;

/** Three tasks of one context, one of which waits for input. */
async function threeTasks(client: SdkClient): Promise<{ contextId: string; ids: string[] }> {
  const contextId = crypto.randomUUID();
  const ids: string[] = [];
  for (const prefix of ['tck-complete-task', 'tck-input-required', 'tck-artifact-text'])
    ids.push((await sendForTask(client, { prefix, contextId })).id);
  return { contextId, ids };
}

const listings: readonly (readonly [title: string, filters: Partial<ListTasksRequest>])[] = [
  ['those of a context', {}],
  ['those in a state', { status: TaskState.TASK_STATE_INPUT_REQUIRED }],
  ['those since a time', { statusTimestampAfter: '2020-01-01T00:00:00Z' }],
  ['those since a time to come', { statusTimestampAfter: '2999-01-01T00:00:00Z' }],
  ['with their artifacts', { includeArtifacts: true }],
  ['without their history', { historyLength: 0 }],
  ['a page of them', { pageSize: 2 }],
];

export const taskScenarios: readonly Scenario[] = [
  ...[undefined, 1].map(
    (historyLength): Scenario => ({
      title: `gets a task with ${historyLength ?? 'all'} of its history`,
      operation: 'GetTask',
      async run(client) {
        const { id } = await sendForTask(client, { prefix: 'tck-artifact-text' });
        return Task.toJSON(await getTask(client, id, historyLength));
      },
    }),
  ),
  {
    title: 'gets a task without its history, where the protocol can say so',
    operation: 'GetTask',
    async run(client) {
      const { id } = await sendForTask(client, { prefix: 'tck-artifact-text' });
      const { history, ...task } = await getTask(client, id, 0);
      // In the proto of 0.3 this is the number that stands for all of it (0.3 proto, GetTaskRequest).
      const canSay = client.protocol !== 'grpc-0.3';
      return [canSay ? history.length : 0, Task.toJSON({ ...task, history: [] })];
    },
  },
  {
    title: 'gets no task that is not there',
    operation: 'GetTask',
    run: (client) => outcomeOf(() => getTask(client, missing)),
  },
  ...listers.flatMap(([lister, ownership]): Scenario[] => [
    ...listings.map(
      ([title, filters]): Scenario => ({
        title: `lists tasks by ${lister}: ${title}`,
        operation: 'ListTasks',
        ownership,
        async legacy(client) {
          const { ids } = await threeTasks(client);
          return ListTasksResponse.toJSON(await listedOneByOne(client, ids, filters));
        },
        async run(client) {
          const { contextId } = await threeTasks(client);
          const list = await listed(client, { contextId, ...filters });
          return ListTasksResponse.toJSON({ ...list, nextPageToken: list.nextPageToken && '<more>' });
        },
      }),
    ),
    {
      title: `lists tasks by ${lister}: pages joined are the list`,
      operation: 'ListTasks',
      ownership,
      legacy: async () => [3, true],
      async run(client) {
        const { contextId } = await threeTasks(client);
        const ids: string[] = [];
        let pageToken = '';
        do {
          const page = await listed(client, { contextId, pageSize: 1, pageToken });
          ids.push(...page.tasks.map(({ id }) => id));
          pageToken = page.nextPageToken;
        } while (pageToken !== '');
        const whole = await listed(client, { contextId });
        return [ids.length, ids.join() === whole.tasks.map(({ id }) => id).join()];
      },
    },
  ]),
  {
    title: 'lists no tasks by a page of which there are none',
    operation: 'ListTasks',
    run: (client) => outcomeOf(() => listed(client, { pageSize: 101 })),
  },
  {
    title: 'cancels a task',
    operation: 'CancelTask',
    async run(client) {
      const { id } = await longTask(client);
      const { status } = await cancel(client, id, { because: ['changed', 'my mind'] });
      return [status?.state, (await getTask(client, id)).status?.state];
    },
  },
  {
    title: 'cancels a task that waits for input',
    operation: 'CancelTask',
    async run(client) {
      const { id } = await sendForTask(client, { prefix: 'tck-input-required' });
      return Task.toJSON(await cancel(client, id));
    },
  },
  {
    title: 'cancels no task that is done',
    operation: 'CancelTask',
    async run(client) {
      const { id } = await sendForTask(client, { prefix: 'tck-complete-task' });
      return outcomeOf(() => cancel(client, id));
    },
  },
  {
    title: 'cancels no task that is not there',
    operation: 'CancelTask',
    run: (client) => outcomeOf(() => cancel(client, missing)),
  },
  {
    title: 'subscribes to a task and sees it canceled',
    operation: 'SubscribeToTask',
    async run(client) {
      const { id } = await longTask(client);
      const { transport, options } = client;
      const seen: unknown[] = [];
      for await (const { payload } of transport.resubscribeTask({ id, tenant: '' }, options)) {
        const isTask = payload?.$case === 'task';
        seen.push(isTask ? ['task', payload.value.id === id] : payload);
        if (seen.length === 1) await cancel(client, id);
      }
      return [seen[0], seen.at(-1)];
    },
  },
  {
    title: 'subscribes twice to a task, and sees it canceled both times',
    operation: 'SubscribeToTask',
    async run(client) {
      const { id } = await longTask(client);
      const { transport, options } = client;
      const both = [1, 2].map(() => transport.resubscribeTask({ id, tenant: '' }, options));
      const firsts = await Promise.all(
        both.map(async (events) => (await events.next()).value?.payload?.$case),
      );
      await cancel(client, id);
      const rests = await Promise.all(both.map(eventsOf));
      return [firsts, rests.map((rest) => rest.at(-1))];
    },
  },
  {
    title: 'subscribes to no task that is done',
    operation: 'SubscribeToTask',
    async run(client) {
      const { id } = await sendForTask(client, { prefix: 'tck-complete-task' });
      const { transport, options } = client;
      return unnumbered(() => eventsOf(transport.resubscribeTask({ id, tenant: '' }, options)));
    },
  },
  {
    title: 'subscribes to no task that is not there',
    operation: 'SubscribeToTask',
    run: ({ transport, options }) =>
      unnumbered(() => eventsOf(transport.resubscribeTask({ id: missing, tenant: '' }, options))),
  },
];
