import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { TaskState } from '@a2a-js/sdk';
import { parseLegacyAgentCard } from '@a2a-js/sdk/compat/v0_3/client';
import { legacyRestRouter } from '@a2a-js/sdk/compat/v0_3/server/express';
import { type AgentExecutor, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express from 'express';
import { AGENT_CARD_PATH, jsonBody } from '../../examples/agents/agent.ts';
import { RunningTasks } from '../../examples/agents/running-tasks.ts';
import { TaskEvents, textOf } from '../../examples/agents/task-events.ts';
import { legacyCardAt } from './legacy.ts';

/** An agent of the official SDK that speaks 0.3 alone and offers all of it. A task told to `wait` ends when cancelled. */
export interface LegacyAgent {
  url: string;
  cardUrl: string;
  close(): Promise<void>;
}

/** @param transport the binding it offers, of 0.3 */
export async function startLegacyAgent(transport: 'JSONRPC' | 'HTTP+JSON' = 'JSONRPC'): Promise<LegacyAgent> {
  const running = new RunningTasks();
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server that listens has one.
  const card = legacyCardAt(url, { preferredTransport: transport });
  app.get(AGENT_CARD_PATH, (_request, response) => void response.json(card));
  const requestHandler = handlerOf(card, executorOf(running));
  const userBuilder = UserBuilder.noAuthentication;
  if (transport === 'HTTP+JSON') app.use('/a2a', legacyRestRouter({ requestHandler, userBuilder }));
  else {
    app.use('/a2a', ...jsonBody('jsonrpc'));
    app.use('/a2a', jsonRpcHandler({ requestHandler, userBuilder, legacyCompat: { enabled: true } }));
  }
  return {
    url,
    cardUrl: url + AGENT_CARD_PATH,
    async close() {
      running.stopAll();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function handlerOf(legacy: unknown, executor: AgentExecutor): DefaultRequestHandler {
  const card = parseLegacyAgentCard(legacy);
  // The SDK compares versions as text, so the patch number must go.
  for (const offered of card.supportedInterfaces) offered.protocolVersion = '0.3';
  const extended = { ...card, description: 'For those who may.' };
  return new DefaultRequestHandler(
    card,
    new InMemoryTaskStore(),
    executor,
    undefined,
    undefined,
    undefined,
    async () => extended,
  );
}

function executorOf(running: RunningTasks): AgentExecutor {
  return {
    async execute(context, bus) {
      const task = new TaskEvents(context, bus);
      task.begin();
      const isDone = await running.run(context.taskId, async (signal) => {
        task.state(TaskState.TASK_STATE_WORKING);
        if (textOf(context.userMessage) === 'wait') await once(signal, 'abort');
        signal.throwIfAborted();
        task.artifact('answer', textOf(context.userMessage), { name: 'answer' });
      });
      task.state(isDone ? TaskState.TASK_STATE_COMPLETED : TaskState.TASK_STATE_CANCELED);
    },
    cancelTask: async (taskId) => running.stop(taskId),
  };
}
