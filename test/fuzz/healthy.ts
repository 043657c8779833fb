import { legacyCardAt } from '../support/legacy.ts';
import { cardAt, type Script } from '../support/scripted-agent.ts';

/** What an operation answers, by the end of its method or path. */
const kinds: readonly (readonly [RegExp, 'sent' | 'card' | 'pushes' | 'push' | 'tasks' | 'none'])[] = [
  [/(SendMessage|SendStreamingMessage|SubscribeToTask|:send|:stream|:subscribe)$/, 'sent'],
  [/(message\/send|message\/stream|tasks\/resubscribe)$/, 'sent'],
  [/^(GetExtendedAgentCard|agent\/getAuthenticatedExtendedCard)$/, 'card'],
  [/^\/rest\/(extendedAgentCard|v1\/card)$/, 'card'],
  [/(DeleteTaskPushNotificationConfig|Config\/delete)$/, 'none'],
  [/(ListTaskPushNotificationConfigs|Config\/list)$/, 'pushes'],
  [
    /(TaskPushNotificationConfig|Config\/set|Config\/get|\/tasks\/[^/]+\/pushNotificationConfigs\/[^/]+)$/,
    'push',
  ],
  [/^(ListTasks|\/rest\/tasks)$/, 'tasks'],
];

/** An agent that answers every call as its protocol has it. */
export function healthy(url: string): Script {
  return ({ method, target, headers, body }, response) => {
    const path = target.split('?')[0] ?? '';
    const isRpc = path === '/rpc' || path === '/a2a';
    const asked = isRpc ? (JSON.parse(body) as { id: unknown; method: string }) : undefined;
    const result = resultOf(kindOf(asked?.method ?? path, method), path, url);
    const text = JSON.stringify(asked === undefined ? result : { jsonrpc: '2.0', id: asked.id, result });
    const streams = headers.accept?.includes('text/event-stream');
    response.setHeader('content-type', streams ? 'text/event-stream' : 'application/json');
    response.end(streams ? `data: ${text}\n\n` : text);
  };
}

function kindOf(name: string, method: string): string {
  if (method === 'DELETE') return 'none';
  if (/\/tasks\/[^/]+\/pushNotificationConfigs$/.test(name)) return method === 'POST' ? 'push' : 'pushes';
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'task';
}

function resultOf(kind: string, path: string, url: string): unknown {
  const isLegacyRpc = path === '/a2a';
  const isLegacyRest = path.startsWith('/rest/v1/');
  const ids = { id: 't-1', contextId: 'c-1' };
  const task = isLegacyRpc
    ? { kind: 'task', ...ids, status: { state: 'working' } }
    : { ...ids, status: { state: 'TASK_STATE_WORKING' } };
  const config = { id: 'c-1', url: 'https://127.0.0.1/1' };
  const name = 'tasks/t-1/pushNotificationConfigs/c-1';
  const flat = { taskId: 't-1', ...config };
  const nested = isLegacyRest
    ? { name, pushNotificationConfig: config }
    : { taskId: 't-1', pushNotificationConfig: config };
  const push = isLegacyRpc || isLegacyRest ? nested : flat;
  const results: Readonly<Record<string, unknown>> = {
    task,
    sent: isLegacyRpc ? task : { task },
    card: isLegacyRpc || isLegacyRest ? legacyCardAt(url) : cardAt(url),
    push,
    pushes: isLegacyRpc ? [push] : { configs: [push], nextPageToken: '' },
    tasks: { tasks: [task], nextPageToken: '', pageSize: 50, totalSize: 1 },
    none: isLegacyRpc ? null : {},
  };
  return results[kind];
}
