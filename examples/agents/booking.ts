import { type Message, Role, TaskState } from '@a2a-js/sdk';
import type { AgentExecutor, ExecutionEventBus, RequestContext } from '@a2a-js/sdk/server';
import type { ExampleAgent } from './agent.ts';
import { currentAgent } from './current-agent.ts';
import { TaskEvents, textOf } from './task-events.ts';

/** Books a table once it knows a city and a date; while one is missing, the task waits with a question. */
export function createBooking(): ExampleAgent {
  return currentAgent({
    agentId: 'booking',
    executor: new BookingExecutor(),
    card: {
      name: 'Booking',
      description: 'Books a table in a city on a date, and asks for what is missing.',
      capabilities: { streaming: true },
      skills: [
        {
          id: 'book-table',
          name: 'Book a table',
          description: 'Books a table; asks for the city or the date (like 2030-05-17) when not told.',
          tags: ['booking', 'restaurant', 'travel', 'input-required'],
          examples: ['Book a table in Lisbon', 'Book a table in Lisbon on 2030-05-17'],
        },
      ],
    },
  });
}

class BookingExecutor implements AgentExecutor {
  /** The context of each waiting task: a cancellation names the task only. */
  readonly #waiting = new Map<string, RequestContext>();

  execute: AgentExecutor['execute'] = async (context, bus) => {
    const task = new TaskEvents(context, bus);
    const { city, date } = wishOf([...(context.task?.history ?? []), context.userMessage]);
    task.begin();
    if (city !== undefined && date !== undefined) {
      this.#waiting.delete(context.taskId);
      task.artifact('booking', `A table for two in ${city} on ${date}.`, { name: 'booking' });
      task.state(TaskState.TASK_STATE_COMPLETED, 'Booked.');
      return;
    }
    this.#waiting.set(context.taskId, context);
    const question = city === undefined ? 'In which city?' : 'On which date? Like 2030-05-17.';
    task.state(TaskState.TASK_STATE_INPUT_REQUIRED, question);
  };

  cancelTask: AgentExecutor['cancelTask'] = async (taskId, bus: ExecutionEventBus) => {
    const context = this.#waiting.get(taskId);
    if (context === undefined) return;
    this.#waiting.delete(taskId);
    new TaskEvents(context, bus).state(TaskState.TASK_STATE_CANCELED, 'Nothing was booked.');
    bus.finished();
  };
}

/** What the user has said so far, over all turns of the task; the latest word counts. */
function wishOf(history: readonly Message[]): { city: string | undefined; date: string | undefined } {
  const said = history.filter((message) => message.role === Role.ROLE_USER).map(textOf);
  const last = (pattern: RegExp) => said.map((text) => pattern.exec(text)?.[1]).findLast(Boolean);
  return {
    city: last(/(?:\b(?:in|to)\s+|^)(\p{Lu}\p{L}+(?: \p{Lu}\p{L}+)*)(?=$|[.,!?]|\s+on\b|\s+\d)/u),
    date: last(/\b(\d{4}-\d{2}-\d{2})\b/),
  };
}
