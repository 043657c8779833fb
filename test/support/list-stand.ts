import { expect } from 'vitest';
import { message } from './bindings.ts';
import { type CellAnswer, cellCaller } from './cell-caller.ts';
import { permit, register, startGateway, type TestGateway } from './gateway.ts';
import { grpcSettings, rpcError, rpcResult } from './grpc.ts';
import { cardAt, type Script } from './scripted-agent.ts';

/** Those that have lists. */
export const listCells = ['JSON-RPC 1.0', 'HTTP+JSON 1.0', 'gRPC 1.0'] as const;
export type ListCell = (typeof listCells)[number];

export interface ListedTask {
  id: string;
  contextId: string;
  status: { state: string; timestamp?: string };
  [member: string]: unknown;
}

export interface List {
  tasks: ListedTask[];
  nextPageToken: string;
  pageSize: number;
  totalSize: number;
}

/** Callers of a gateway, and agents behind it that cannot tell them apart. */
export interface ListStand {
  gateway: TestGateway;
  /** What the agents have, by id. */
  tasks: Map<string, ListedTask>;
  /** Somebody who has nothing yet. */
  somebody(cell: ListCell, claims?: Record<string, unknown>): Promise<Lister>;
  /** What becomes of a task where the gateway does not see it. */
  change(id: string, members: Partial<ListedTask>): void;
  /** The agents do as they are told, from now on. */
  behave(): void;
  /** The same, and they have nothing. */
  reset(): void;
  close(): Promise<void>;
}

export interface Lister {
  /** The id of what they call so: no two have the same. */
  id(name: string): string;
  /** Begins a task of each name, a second apart. */
  begin(names: readonly string[], where?: { agentId?: string; contextId?: string }): Promise<void>;
  /** Says something, whatever becomes of it. */
  send(message: object, agentId: string): Promise<CellAnswer>;
  ask(params?: Record<string, unknown>, agentId?: string): Promise<CellAnswer>;
  list(params?: Record<string, unknown>, agentId?: string): Promise<List>;
}

/** @param agents registration members by id; `agent` is among them */
export async function startListStand(
  agents: Readonly<Record<string, Record<string, unknown>>> = {},
): Promise<ListStand> {
  const gateway = await startGateway({ settings: { grpc: grpcSettings }, registration: null });
  const { url } = gateway.agent;
  const supportedInterfaces = [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }];
  gateway.agent.card(cardAt(url, { supportedInterfaces }));
  for (const [agentId, members] of Object.entries({ agent: {}, ...agents }))
    await register(gateway, { agentId, ownership: 'principal', ...members });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'read'] });
  const tasks: ListStand['tasks'] = new Map();
  const behave = () => gateway.agent.script(keeping(tasks));
  const opened: { close(): void }[] = [];
  return {
    gateway,
    tasks,
    async somebody(cell, claims = {}) {
      const name = `p-${opened.length}`;
      const token = await gateway.issuer.token({ sub: name, client_id: name, ...claims });
      const caller = cellCaller(gateway, cell, token);
      opened.push(caller);
      const id = (of: string) => `${name}/${of}`;
      const ask: Lister['ask'] = (params = {}, agentId = 'agent') =>
        caller.call('ListTasks', { agentId, params });
      return {
        id,
        ask,
        send: (message, agentId) => caller.call('SendMessage', { agentId, params: { message } }),
        list: async (...asked) => listIn(await ask(...asked)),
        async begin(names, { agentId = 'agent', contextId = 'c' } = {}) {
          for (const one of names) {
            const said = { ...message, messageId: id(one), contextId: id(contextId) };
            const { text } = await caller.call('SendMessage', { agentId, params: { message: said } });
            expect(text).toContain('TASK_STATE_WORKING');
          }
        },
      };
    },
    change(id, members) {
      const task = tasks.get(id);
      if (task === undefined) throw new TypeError('no such task');
      tasks.set(id, { ...task, ...members });
    },
    behave,
    reset() {
      tasks.clear();
      behave();
      gateway.agent.seen.splice(0);
    },
    async close() {
      for (const caller of opened) caller.close();
      await gateway.close();
    },
  };
}

/** Makes a task of every message, whose id is the message's, and tells of each to whoever asks. */
function keeping(tasks: ListStand['tasks']): Script {
  return (request, response, incoming) => {
    const { method, params } = JSON.parse(request.body);
    const answer = () => {
      if (method === 'GetTask') {
        const task = tasks.get(params.id);
        return task === undefined ? rpcError(-32001, 'no such task') : rpcResult(task);
      }
      const { messageId: id, contextId } = params.message;
      const task = { id, contextId, status: { state: 'TASK_STATE_WORKING', timestamp: timeAt(tasks.size) } };
      tasks.set(id, task);
      return rpcResult({ task });
    };
    answer()(request, response, incoming);
  };
}

export function timeAt(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
}

/** The list in an answer, as its caller reads it. */
export function listIn({ text }: CellAnswer): List {
  const body = JSON.parse(text);
  return Array.isArray(body) ? body[0] : (body.result ?? body);
}

/** What those who began them call the tasks of a list. */
export function namesIn({ tasks }: Pick<List, 'tasks'>): string[] {
  return tasks.map(({ id }) => id.slice(id.indexOf('/') + 1));
}

/** Asserts which parameter of a question is refused, and why. */
export function expectInvalid({ error }: CellAnswer, parameter: string, problem: string): void {
  expect([-32602, 'INVALID_ARGUMENT', 3]).toContain(error.code);
  expect(error.details).toContainEqual(
    expect.objectContaining({ reason: 'PARAMETER_INVALID', metadata: { parameter, problem } }),
  );
}
