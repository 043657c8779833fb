import { TaskState } from '@a2a-js/sdk';
import type { AgentExecutor } from '@a2a-js/sdk/server';
import type { ExampleAgent } from './agent.ts';
import { currentAgent } from './current-agent.ts';
import { pause, RunningTasks } from './running-tasks.ts';
import { TaskEvents, textOf } from './task-events.ts';

/**
 * Writes a short text and streams it token by token, as a language model does: one artifact, each token appended.
 *
 * @param tokenDelayMs time between two tokens. Default 40.
 */
export function createWriter({ tokenDelayMs = 40 }: { tokenDelayMs?: number } = {}): ExampleAgent {
  const running = new RunningTasks();
  return currentAgent({
    agentId: 'writer',
    executor: new WriterExecutor(running, tokenDelayMs),
    stop: () => running.stopAll(),
    card: {
      name: 'Writer',
      description: 'Writes a short text about a subject and streams it as it is written.',
      capabilities: { streaming: true },
      skills: [
        {
          id: 'write',
          name: 'Write',
          description: 'Writes a few sentences about the subject of the message.',
          tags: ['text', 'writing', 'story', 'streaming'],
          examples: ['Write about the sea'],
        },
      ],
    },
  });
}

class WriterExecutor implements AgentExecutor {
  readonly #running: RunningTasks;
  readonly #tokenDelayMs: number;

  constructor(running: RunningTasks, tokenDelayMs: number) {
    this.#running = running;
    this.#tokenDelayMs = tokenDelayMs;
  }

  execute: AgentExecutor['execute'] = async (context, bus) => {
    const task = new TaskEvents(context, bus);
    task.begin();
    task.state(TaskState.TASK_STATE_WORKING);
    const tokens = tokensAbout(subjectOf(textOf(context.userMessage)));
    const finished = await this.#running.run(context.taskId, async (signal) => {
      for (const [index, token] of tokens.entries()) {
        await pause(this.#tokenDelayMs, signal);
        const lastChunk = index === tokens.length - 1;
        task.artifact('text', token, { name: 'text', append: index > 0, lastChunk });
      }
    });
    task.state(finished ? TaskState.TASK_STATE_COMPLETED : TaskState.TASK_STATE_CANCELED);
  };

  /** Stopping the work is enough: `execute` then publishes the canceled state. */
  cancelTask: AgentExecutor['cancelTask'] = async (taskId) => this.#running.stop(taskId);
}

function subjectOf(request: string): string {
  const subject = request.replace(/^.*?\babout\s+/i, '').replace(/[.!?\s]+$/, '');
  return subject === '' ? 'nothing at all' : subject;
}

function tokensAbout(subject: string): string[] {
  const text =
    `You asked about ${subject}. I am a small example and know little of it, ` +
    `but I can say that ${subject} is worth a few words, and that each of them reaches you as soon as I have it.`;
  return text.match(/\S+\s*/g) ?? [];
}
