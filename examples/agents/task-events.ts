import { type Artifact, type Message, type Part, Role, type Task, TaskState } from '@a2a-js/sdk';
import { AgentEvent, type ExecutionEventBus, type RequestContext } from '@a2a-js/sdk/server';

/** What an agent says about one task, in the order A2A wants it: the Task first, then updates, a final state last. */
export class TaskEvents {
  readonly #context: RequestContext;
  readonly #bus: ExecutionEventBus;

  constructor(context: RequestContext, bus: ExecutionEventBus) {
    this.#context = context;
    this.#bus = bus;
  }

  /** Every turn begins with the Task: a new one, or on a follow-up the one that waited, back at work. */
  begin(): void {
    const { task, taskId, contextId, userMessage } = this.#context;
    const fresh: Task = {
      id: taskId,
      contextId,
      status: status(TaskState.TASK_STATE_SUBMITTED),
      artifacts: [],
      history: [userMessage],
      metadata: undefined,
    };
    const resumed = task && { ...task, status: status(TaskState.TASK_STATE_WORKING) };
    this.#bus.publish(AgentEvent.task(resumed ?? fresh));
  }

  /** A new state, with a word to the user where there is one. */
  state(state: TaskState, text?: string): void {
    const { taskId, contextId } = this.#context;
    const message = text === undefined ? undefined : agentMessage(text, { taskId, contextId });
    this.#bus.publish(
      AgentEvent.statusUpdate({ taskId, contextId, status: status(state, message), metadata: undefined }),
    );
  }

  /**
   * A piece of a result: a text, or parts of any kind. `append` adds to the artifact of that id; `lastChunk` says that
   * nothing more follows.
   */
  artifact(
    artifactId: string,
    content: string | Part[],
    more: { name?: string; append?: boolean; lastChunk?: boolean },
  ): void {
    const { taskId, contextId } = this.#context;
    const artifact: Artifact = {
      artifactId,
      name: more.name ?? '',
      description: '',
      parts: typeof content === 'string' ? [textPart(content)] : content,
      metadata: undefined,
      extensions: [],
    };
    const { append = false, lastChunk = true } = more;
    this.#bus.publish(
      AgentEvent.artifactUpdate({ taskId, contextId, artifact, append, lastChunk, metadata: undefined }),
    );
  }
}

export function agentMessage(text: string, of: { taskId?: string; contextId: string }): Message {
  return {
    messageId: crypto.randomUUID(),
    role: Role.ROLE_AGENT,
    taskId: of.taskId ?? '',
    contextId: of.contextId,
    parts: [textPart(text)],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}

/** All the text of a message, its parts joined by a space. */
export function textOf(message: Message): string {
  const texts = message.parts.map((part) => (part.content?.$case === 'text' ? part.content.value : ''));
  return texts.join(' ').trim();
}

function textPart(text: string): Part {
  return {
    content: { $case: 'text', value: text },
    metadata: undefined,
    filename: '',
    mediaType: 'text/plain',
  };
}

function status(state: TaskState, message?: Message) {
  return { state, message, timestamp: new Date().toISOString() };
}
