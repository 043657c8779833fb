import { randomUUID } from 'node:crypto';
import { matchRest } from '../../src/protocol/rest.ts';
import {
  answerEvents,
  answerJson,
  type Script,
  type ScriptedAgent,
  type SeenRequest,
} from './scripted-agent.ts';

/** What such an agent says of itself in the metadata of every task. */
export interface Memory {
  /** Which instance this is. */
  instance: string;
  /** Messages of the conversation that it remembers, this one included. */
  turns: number;
}

export interface RememberedTask {
  id: string;
  contextId: string;
  status: { state: string };
  metadata: Memory;
}

interface AgentCall {
  operation: string;
  params: { id?: string; contextId?: string; message?: { contextId?: string; taskId?: string } };
  /** In the words of the binding. */
  answer(result: object): string;
  refuse(): Script;
}

/** Makes a scripted agent keep its conversations in memory, as many do. */
export function remember(agent: ScriptedAgent, instance: string): void {
  agent.script(memoryOf(instance));
}

/**
 * An instance that keeps its conversations in memory: it makes a task of every message, and does not know those of
 * another instance. Speaks both bindings of 1.0, and 0.3.
 */
export function memoryOf(instance: string): Script {
  const tasks = new Map<string, string>();
  const turns = new Map<string, number>();

  function taskOf(id: string, contextId: string): RememberedTask {
    const metadata = { instance, turns: turns.get(contextId) ?? 0 };
    return { id, contextId, status: { state: 'TASK_STATE_INPUT_REQUIRED' }, metadata };
  }

  function take({ contextId, taskId }: { contextId?: string; taskId?: string }): RememberedTask | undefined {
    const known = taskId === undefined ? undefined : tasks.get(taskId);
    if (taskId !== undefined && known === undefined) return undefined;
    const context = known ?? contextId ?? randomUUID();
    const id = taskId ?? randomUUID();
    tasks.set(id, context);
    turns.set(context, (turns.get(context) ?? 0) + 1);
    return taskOf(id, context);
  }

  function perform({ operation, params, answer, refuse }: AgentCall): Script {
    const { message, id = '' } = params;
    if (operation === 'ListTasks') {
      const own = [...tasks].filter(([, contextId]) => contextId === params.contextId);
      return answerJson(answer({ tasks: own.map(([taskId, contextId]) => taskOf(taskId, contextId)) }));
    }
    const known = tasks.get(id);
    const found = known === undefined ? undefined : taskOf(id, known);
    const task = message === undefined ? found : take(message);
    if (task === undefined) return refuse();
    if (operation === 'SendStreamingMessage' || operation === 'SubscribeToTask')
      return answerEvents(`data: ${answer({ task })}\n\n`);
    return answerJson(answer(message === undefined ? task : { task }));
  }

  return (request, response, incoming) => perform(callOf(request))(request, response, incoming);
}

/** The task in an answer of either binding, by itself or wrapped, as JSON or in an event; undefined for a refusal. */
export async function taskOf(answer: Response | Promise<Response>): Promise<RememberedTask | undefined> {
  const text = await (await answer).text();
  const { result, error, ...body } = JSON.parse(text.replace(/^data: /, ''));
  if (error !== undefined) return undefined;
  const shown = result ?? body;
  return shown.task ?? shown;
}

/** What the operations are called in 0.3. */
const legacyMethods: Readonly<Record<string, string>> = {
  'message/send': 'SendMessage',
  'message/stream': 'SendStreamingMessage',
  'tasks/get': 'GetTask',
  'tasks/cancel': 'CancelTask',
  'tasks/resubscribe': 'SubscribeToTask',
};

/** In 0.3 nothing is wrapped, and each thing says what it is. */
function inLegacyWords(result: object): object {
  return { kind: 'task', ...('task' in result ? (result.task as RememberedTask) : result) };
}

function callOf({ method, target, body }: SeenRequest): AgentCall {
  if (target === '/rpc') {
    const { id, method: called, params } = JSON.parse(body);
    const operation = legacyMethods[called];
    const envelope = (members: object) => JSON.stringify({ jsonrpc: '2.0', id, ...members });
    const refuse = () => answerJson(envelope({ error: { code: -32001, message: 'no such task' } }));
    if (operation === undefined)
      return { operation: called, params, answer: (result) => envelope({ result }), refuse };
    return { operation, params, answer: (result) => envelope({ result: inLegacyWords(result) }), refuse };
  }
  const { pathname, searchParams } = new URL(target, 'http://agent.test');
  const matched = matchRest(method, pathname.slice('/rest'.length));
  if (!matched.ok) throw new TypeError(`no route of an agent: ${method} ${target}`);
  const { operation, bindings } = matched.value;
  const given = body === '' ? {} : JSON.parse(body);
  return {
    operation: operation.name,
    params: { ...Object.fromEntries(searchParams), ...given, ...bindings },
    answer: (result) => JSON.stringify(result),
    refuse: () => answerJson({ error: { code: 404, status: 'NOT_FOUND', message: '', details: [] } }, 404),
  };
}
