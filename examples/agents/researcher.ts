import { TaskState } from '@a2a-js/sdk';
import type { AgentExecutor } from '@a2a-js/sdk/server';
import type { ExampleAgent } from './agent.ts';
import { currentAgent } from './current-agent.ts';
import { pause, RunningTasks } from './running-tasks.ts';
import { TaskEvents, textOf } from './task-events.ts';

const steps = 10;

/** What is handed over on the way, by the step that finishes it. */
const deliveries = new Map([
  [
    3,
    { id: 'sources', text: (topic: string) => `Three sources on ${topic}: a book, a map, a conversation.` },
  ],
  [
    7,
    {
      id: 'notes',
      text: (topic: string) => `Notes on ${topic}: older than it looks, larger than it sounds.`,
    },
  ],
  [10, { id: 'report', text: (topic: string) => `Report: ${topic} deserves a longer look than ten steps.` }],
]);

/**
 * Works on a task for some seconds: says where it stands, hands over several artifacts, and can be cancelled,
 * subscribed to, asked about and listed meanwhile.
 *
 * @param stepMs time each of the ten steps takes. Default 500.
 */
export function createResearcher({ stepMs = 500 }: { stepMs?: number } = {}): ExampleAgent {
  const running = new RunningTasks();
  return currentAgent({
    agentId: 'researcher',
    executor: new ResearcherExecutor(running, stepMs),
    stop: () => running.stopAll(),
    card: {
      name: 'Researcher',
      description: 'Looks into a topic step by step and hands over sources, notes and a report.',
      capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true },
      skills: [
        {
          id: 'research',
          name: 'Research',
          description: 'Gathers sources on a topic and writes a report.',
          tags: ['research', 'report', 'sources', 'long-running'],
          examples: ['Look into the history of lighthouses'],
        },
      ],
    },
    extendedSkills: [
      {
        id: 'archive',
        name: 'Archive search',
        description: 'Looks into the archive as well; shown only to callers who are signed in.',
        tags: ['research', 'archive'],
      },
    ],
  });
}

class ResearcherExecutor implements AgentExecutor {
  readonly #running: RunningTasks;
  readonly #stepMs: number;

  constructor(running: RunningTasks, stepMs: number) {
    this.#running = running;
    this.#stepMs = stepMs;
  }

  execute: AgentExecutor['execute'] = async (context, bus) => {
    const task = new TaskEvents(context, bus);
    const topic = textOf(context.userMessage);
    task.begin();
    const finished = await this.#running.run(context.taskId, async (signal) => {
      for (let step = 1; step <= steps; step += 1) {
        task.state(TaskState.TASK_STATE_WORKING, `Step ${step} of ${steps}`);
        await pause(this.#stepMs, signal);
        const delivery = deliveries.get(step);
        if (delivery) task.artifact(delivery.id, delivery.text(topic), { name: delivery.id });
      }
    });
    if (finished) task.state(TaskState.TASK_STATE_COMPLETED, 'The report is ready.');
    else task.state(TaskState.TASK_STATE_CANCELED, 'Stopped as asked.');
  };

  /** Stopping the work is enough: `execute` then publishes the canceled state. */
  cancelTask: AgentExecutor['cancelTask'] = async (taskId) => this.#running.stop(taskId);
}
