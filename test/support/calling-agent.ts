import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { AgentCard, TaskState } from '@a2a-js/sdk';
import { DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler, restHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express from 'express';
import { AGENT_CARD_PATH, jsonBody } from '../../examples/agents/agent.ts';
import { TaskEvents } from '../../examples/agents/task-events.ts';
import { cardAt } from './scripted-agent.ts';

export interface CallingAgent {
  cardUrl: string;
  /** Messages it has got. */
  asked: number;
  close(): Promise<void>;
}

/** Where it is spoken to. */
export const callingAgentPaths = {
  'JSON-RPC 1.0': { path: '/rpc', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
  'HTTP+JSON 1.0': { path: '/rest', protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
  'JSON-RPC 0.3': { path: '/a2a', protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
} as const;

/**
 * An agent of the official SDK that answers a message with what `answer` makes of the message's trace context, which it has
 * at hand as instrumented agents do: by the asynchronous context of the request.
 */
export async function startCallingAgent(
  spoken: keyof typeof callingAgentPaths,
  answer: (traceContext: Record<string, string>) => Promise<string>,
): Promise<CallingAgent> {
  const traceContexts = new AsyncLocalStorage<Record<string, string>>();
  const app = express();
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server that listens has one.
  const { path, ...protocol } = callingAgentPaths[spoken];
  const card = cardAt(url, { supportedInterfaces: [{ url: url + path, ...protocol }] });
  const agent: CallingAgent = {
    cardUrl: url + AGENT_CARD_PATH,
    asked: 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const requestHandler = new DefaultRequestHandler(AgentCard.fromJSON(card), new InMemoryTaskStore(), {
    async execute(context, bus) {
      agent.asked++;
      const task = new TaskEvents(context, bus);
      task.begin();
      task.artifact('answer', await answer(traceContexts.getStore() ?? {}), { name: 'answer' });
      task.state(TaskState.TASK_STATE_COMPLETED);
      bus.finished();
    },
    async cancelTask() {},
  });
  const options = {
    requestHandler,
    userBuilder: UserBuilder.noAuthentication,
    legacyCompat: { enabled: true },
  };
  app.use(({ headers: { traceparent, tracestate } }, _response, next) => {
    const given = Object.entries({ traceparent, tracestate }).filter(([, value]) => value !== undefined);
    traceContexts.run(Object.fromEntries(given) as Record<string, string>, next); // Headers that may come once.
  });
  app.get(AGENT_CARD_PATH, (_request, response) => void response.json(card));
  app.use('/rest', ...jsonBody('rest'), restHandler(options));
  for (const at of ['/rpc', '/a2a']) app.use(at, ...jsonBody('jsonrpc'), jsonRpcHandler(options));
  return agent;
}
