import { TaskState } from '@a2a-js/sdk';
import { AgentEvent, type AgentExecutor, type RequestContext } from '@a2a-js/sdk/server';
import { pause, RunningTasks } from '../agents/running-tasks.ts';
import { agentMessage, TaskEvents } from '../agents/task-events.ts';
import { type Behaviour, behaviourOf } from './behaviours.ts';

/** Behaves as the id of each message says, also where it goes on with a task. */
export class ConformanceExecutor implements AgentExecutor {
  readonly #running = new RunningTasks();
  /** The last turn of each task that waits: a cancellation names the task only. */
  readonly #waiting = new Map<string, RequestContext>();
  readonly #paceMs: number;

  constructor(paceMs: number) {
    this.#paceMs = paceMs;
  }

  execute: AgentExecutor['execute'] = async (context, bus) => {
    const behaviour = behaviourOf(context.userMessage.messageId);
    if ('message' in behaviour) {
      const { contextId } = context;
      bus.publish(AgentEvent.message(agentMessage(behaviour.message, { contextId })));
      return;
    }
    const task = new TaskEvents(context, bus);
    this.#waiting.set(context.taskId, context);
    task.begin();
    const isFinished = await this.#running.run(context.taskId, (signal) =>
      this.#take(behaviour, context, task, signal),
    );
    if (!isFinished) task.state(TaskState.TASK_STATE_CANCELED);
  };

  async #take(
    steps: Extract<Behaviour, readonly unknown[]>,
    context: RequestContext,
    task: TaskEvents,
    signal: AbortSignal,
  ): Promise<void> {
    const turn = {
      context,
      task,
      paceMs: this.#paceMs,
      pause: (delayMs: number) => pause(delayMs, signal),
    };
    for (const step of steps) await step(turn);
  }

  /** Work that runs publishes the canceled state itself when it is stopped; for a task that waits it is done here. */
  cancelTask: AgentExecutor['cancelTask'] = async (taskId, bus) => {
    if (this.#running.has(taskId)) {
      this.#running.stop(taskId);
      return;
    }
    const context = this.#waiting.get(taskId);
    if (context === undefined) return;
    this.#waiting.delete(taskId);
    new TaskEvents(context, bus).state(TaskState.TASK_STATE_CANCELED);
    bus.finished();
  };

  stop(): void {
    this.#running.stopAll();
  }
}
