import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { AgentCard, Task, TaskPushNotificationConfig, TaskState } from '@a2a-js/sdk';
import {
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryPushNotificationStore,
  InMemoryTaskStore,
  type PushNotificationSender,
  ServerCallContext,
} from '@a2a-js/sdk/server';
import { jsonRpcHandler, restHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express, { type RequestHandler } from 'express';
import { AGENT_CARD_PATH, jsonBody } from '../../examples/agents/agent.ts';
import { TaskEvents, textOf } from '../../examples/agents/task-events.ts';
import type { Cell } from '../requirements/clause.ts';
import { cardAt } from './scripted-agent.ts';

/**
 * An agent of the official SDK that speaks each way at a path of its own, and begins every exchange with the same tasks
 * when told to.
 */
export interface SeededAgent {
  url: string;
  cardUrl: string;
  /** Names these ways to speak alone in the card it serves from now on. */
  offer(cells: readonly Cell[]): void;
  /** Forgets all but the tasks it begins with. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Where it is spoken to; a way that is not here it does not speak. */
export const seededPaths = {
  'JSON-RPC 1.0': { path: '/rpc', protocolBinding: 'JSONRPC' },
  'JSON-RPC 0.3': { path: '/a2a', protocolBinding: 'JSONRPC' },
  'HTTP+JSON 1.0': { path: '/rest', protocolBinding: 'HTTP+JSON' },
} as const satisfies Partial<Record<Cell, { path: string; protocolBinding: string }>>;

export type SeededCell = keyof typeof seededPaths;

/** A conversation long enough for several pages, each task a day after the one before. */
export const longContextId = 'c-long';
export const longContextTasks = 9;

const seeds: readonly { id: string; contextId: string; state: string; day?: number }[] = [
  { id: 't-1', contextId: 'c/1', state: 'TASK_STATE_INPUT_REQUIRED' },
  { id: 'café a+b@c:d', contextId: 'c-2', state: 'TASK_STATE_COMPLETED' },
  ...Array.from({ length: longContextTasks }, (_, at) => {
    return { id: `long-${at}`, contextId: longContextId, state: 'TASK_STATE_COMPLETED', day: at + 2 };
  }),
];

export async function startSeededAgent(): Promise<SeededAgent> {
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server that listens has one.
  let offered: readonly Cell[] = Object.keys(seededPaths) as SeededCell[];
  let current = await handlersOf(url);
  app.get(AGENT_CARD_PATH, (_request, response) => void response.json(seededCard(url, offered)));
  const rest: RequestHandler = (...call) => current.rest(...call);
  const rpc: RequestHandler = (...call) => current.rpc(...call);
  app.use('/rest', ...jsonBody('rest'), rest);
  for (const path of ['/rpc', '/a2a']) app.use(path, ...jsonBody('jsonrpc'), rpc);
  return {
    url,
    cardUrl: url + AGENT_CARD_PATH,
    offer(cells) {
      offered = cells;
    },
    async reset() {
      current = await handlersOf(url);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function seededCard(url: string, offered: readonly Cell[]): Record<string, unknown> {
  const supportedInterfaces = Object.entries(seededPaths)
    .filter(([cell]) => offered.includes(cell as Cell))
    .map(([cell, { path, protocolBinding }]) => {
      return { url: url + path, protocolBinding, protocolVersion: cell.split(' ')[1] };
    });
  return cardAt(url, { supportedInterfaces });
}

async function handlersOf(url: string): Promise<{ rpc: RequestHandler; rest: RequestHandler }> {
  const card = AgentCard.fromJSON(seededCard(url, Object.keys(seededPaths) as SeededCell[]));
  const tasks = new InMemoryTaskStore();
  const pushes = new InMemoryPushNotificationStore();
  const context = new ServerCallContext();
  for (const { state, day = 1, ...seed } of seeds) {
    const timestamp = new Date(Date.UTC(2026, 0, day)).toISOString();
    await tasks.save(Task.fromJSON({ ...seed, status: { state, timestamp } }), context);
  }
  const config = { taskId: 't-1', id: 'c-1', url: 'https://127.0.0.1/a' };
  await pushes.save('t-1', context, TaskPushNotificationConfig.fromJSON(config));
  const extended = AgentCard.fromJSON({
    ...(AgentCard.toJSON(card) as object),
    description: 'For those who may.',
  });
  const requestHandler = new DefaultRequestHandler(
    card,
    tasks,
    executor,
    undefined,
    pushes,
    nobody,
    async () => extended,
  );
  const options = {
    requestHandler,
    userBuilder: UserBuilder.noAuthentication,
    legacyCompat: { enabled: true },
  };
  return { rpc: jsonRpcHandler(options), rest: restHandler(options) };
}

/** Sends no push notification. */
const nobody: PushNotificationSender = { send: async () => {} };

const executor: AgentExecutor = {
  async execute(context, bus) {
    const task = new TaskEvents(context, bus);
    task.begin();
    task.state(TaskState.TASK_STATE_WORKING);
    task.artifact('answer', textOf(context.userMessage), { name: 'answer' });
    task.state(TaskState.TASK_STATE_COMPLETED);
    bus.finished();
  },
  async cancelTask() {},
};
