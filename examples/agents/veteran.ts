import { type AgentCard, TaskState } from '@a2a-js/sdk';
import { parseLegacyAgentCard } from '@a2a-js/sdk/compat/v0_3/client';
import { type AgentExecutor, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import { AGENT_CARD_PATH, type ExampleAgent, jsonBody } from './agent.ts';
import { TaskEvents, textOf } from './task-events.ts';

/**
 * Counts words, and still speaks A2A 0.3 only: one JSON-RPC endpoint with methods like `message/send`, and a card
 * with `protocolVersion`, `url` and `preferredTransport`.
 */
export function createVeteran(): ExampleAgent {
  return {
    agentId: 'veteran',
    protocolVersion: '0.3',
    mount(app, { baseUrl }) {
      const card = legacyCard(`${baseUrl}/a2a`);
      const requestHandler = new DefaultRequestHandler(
        currentFormOf(card),
        new InMemoryTaskStore(),
        new VeteranExecutor(),
      );
      app.get(AGENT_CARD_PATH, (_request, response) => {
        response.json(card);
      });
      app.use('/a2a', ...jsonBody('jsonrpc'));
      app.use(
        '/a2a',
        jsonRpcHandler({
          requestHandler,
          userBuilder: UserBuilder.noAuthentication,
          legacyCompat: { enabled: true },
        }),
      );
    },
    stop() {},
  };
}

function legacyCard(url: string) {
  return {
    protocolVersion: '0.3.0',
    name: 'Veteran',
    description: 'Counts words, as it has since A2A 0.3.',
    version: '0.9.0',
    url,
    preferredTransport: 'JSONRPC',
    capabilities: { streaming: true, pushNotifications: false },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [
      {
        id: 'count',
        name: 'Count words',
        description: 'Says how many words the message has.',
        tags: ['text', 'count', 'legacy'],
      },
    ],
  };
}

/** The same card as the SDK's own parts want it. They compare versions as text, so the patch number must go. */
function currentFormOf(legacy: unknown): AgentCard {
  const card = parseLegacyAgentCard(legacy);
  for (const offered of card.supportedInterfaces) offered.protocolVersion = '0.3';
  return card;
}

class VeteranExecutor implements AgentExecutor {
  execute: AgentExecutor['execute'] = async (context, bus) => {
    const task = new TaskEvents(context, bus);
    const words = textOf(context.userMessage).match(/\S+/g) ?? [];
    task.begin();
    task.state(TaskState.TASK_STATE_WORKING);
    task.artifact('count', `${words.length} words`, { name: 'count' });
    task.state(TaskState.TASK_STATE_COMPLETED);
  };

  /** Every task is complete before anyone could cancel it. */
  cancelTask: AgentExecutor['cancelTask'] = async () => {};
}
