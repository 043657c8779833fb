import { AgentEvent, type AgentExecutor } from '@a2a-js/sdk/server';
import type { ExampleAgent } from './agent.ts';
import { currentAgent } from './current-agent.ts';
import { agentMessage, textOf } from './task-events.ts';

/** Answers at once with a Message: the shortest conversation A2A knows, no task is made. */
export function createEcho(): ExampleAgent {
  return currentAgent({
    agentId: 'echo',
    executor: new EchoExecutor(),
    card: {
      name: 'Echo',
      description: 'Repeats what it is told, at once.',
      capabilities: { streaming: true },
      skills: [
        {
          id: 'repeat',
          name: 'Repeat',
          description: 'Answers with the text of the message.',
          tags: ['echo', 'test', 'hello'],
          examples: ['Hello there'],
        },
      ],
    },
  });
}

class EchoExecutor implements AgentExecutor {
  execute: AgentExecutor['execute'] = async ({ userMessage, contextId }, bus) => {
    bus.publish(AgentEvent.message(agentMessage(textOf(userMessage), { contextId })));
  };

  /** There is never a task to cancel. */
  cancelTask: AgentExecutor['cancelTask'] = async () => {};
}
