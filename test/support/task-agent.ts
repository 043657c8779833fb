import { type OperationName, operationOf } from '../../src/protocol/operations.ts';
import { matchRest } from '../../src/protocol/rest.ts';
import { answerEvents, answerJson, type Script, type SeenRequest } from './scripted-agent.ts';

/** The ids such an agent gives. */
export interface TaskIds {
  taskId: string;
  contextId: string;
}

/** The states its tasks come to be in, each dated. */
export const working = { state: 'TASK_STATE_WORKING', timestamp: '2026-01-01T00:00:00.000Z' };

/**
 * Answers everything it is asked about one task, whoever asks: an agent that cannot tell its callers apart, as behind a
 * gateway every agent is. Speaks both bindings of 1.0 over HTTP.
 */
export function taskAgent({ taskId, contextId }: TaskIds, members: Record<string, unknown> = {}): Script {
  const task = { id: taskId, contextId, status: working, ...members };
  const config = { taskId, id: 'c-1', url: 'https://127.0.0.1/1' };
  const results: Readonly<Partial<Record<OperationName, unknown>>> = {
    SendMessage: { task },
    SendStreamingMessage: { task },
    GetTask: task,
    ListTasks: { tasks: [task], nextPageToken: '', pageSize: 50, totalSize: 1 },
    CancelTask: task,
    SubscribeToTask: { task },
    CreateTaskPushNotificationConfig: config,
    GetTaskPushNotificationConfig: config,
    ListTaskPushNotificationConfigs: { configs: [config], nextPageToken: '' },
    DeleteTaskPushNotificationConfig: {},
  };
  return answering((operation) => results[operation]);
}

/** Answers each operation with a result; one that streams has a stream of this one event. */
export function answering(resultOf: (operation: OperationName) => unknown): Script {
  return (request, response, incoming) => {
    const { name, spelled } = operationIn(request);
    const text = spelled(resultOf(name));
    const script = operationOf(name).streams ? answerEvents(`data: ${text}\n\n`) : answerJson(text);
    script(request, response, incoming);
  };
}

/** Which operation a request of 1.0 is, and how a result is spelled to who sent it. */
function operationIn({ method, target, body }: SeenRequest): {
  name: OperationName;
  spelled(result: unknown): string;
} {
  if (target === '/rpc') {
    const { id, method: name } = JSON.parse(body);
    return { name, spelled: (result) => JSON.stringify({ jsonrpc: '2.0', id, result }) };
  }
  const { pathname } = new URL(target, 'http://agent.test');
  const matched = matchRest(method, pathname.slice('/rest'.length));
  if (!matched.ok) throw new TypeError(`no route of an agent: ${method} ${target}`);
  return { name: matched.value.operation.name, spelled: (result) => JSON.stringify(result) };
}
