import { type Part, TaskState } from '@a2a-js/sdk';
import type { RequestContext } from '@a2a-js/sdk/server';
import type { TaskEvents } from '../agents/task-events.ts';

/** One turn of a task, as a step may use it. */
export interface Turn {
  context: RequestContext;
  task: TaskEvents;
  /** Waits, unless the task is canceled: then it throws. */
  pause(delayMs: number): Promise<void>;
  /** What the agent calls a while. */
  paceMs: number;
}

type Step = (turn: Turn) => void | Promise<void>;

/** What a message brings about: a Message in answer, or a task that takes these steps after it is made. */
export type Behaviour = { message: string } | readonly Step[];

const working = state(TaskState.TASK_STATE_WORKING);
const completed = state(TaskState.TASK_STATE_COMPLETED);

/**
 * What the agent does, by what the id of a message begins with; the longest that fits counts. Those that begin with
 * `tck-` and `test-` are what the A2A Technology Compatibility Kit expects of an agent; those with `gw-` are ours.
 */
const behaviours: Readonly<Record<string, Behaviour>> = {
  'tck-complete-task': [state(TaskState.TASK_STATE_COMPLETED, 'Hello from TCK')],
  'tck-delayed-complete': [working, whiles(1), state(TaskState.TASK_STATE_COMPLETED, 'Done after delay')],
  'tck-message-response': { message: 'Direct message response' },
  'tck-input-required': [state(TaskState.TASK_STATE_INPUT_REQUIRED)],
  'tck-auth-required': [state(TaskState.TASK_STATE_AUTH_REQUIRED)],
  'tck-reject-task': [state(TaskState.TASK_STATE_REJECTED, 'rejected')],
  'tck-artifact-text': [artifact(text('Generated text content')), completed],
  'tck-artifact-file': [artifact(file({ $case: 'raw', value: Buffer.from('tck') })), completed],
  'tck-artifact-file-url': [
    artifact(file({ $case: 'url', value: 'https://example.com/output.txt' })),
    completed,
  ],
  'tck-artifact-data': [
    artifact(part({ content: { $case: 'data', value: { key: 'value', count: 42 } } })),
    completed,
  ],
  'tck-stream-001': [working, artifact(text('Stream hello from TCK')), completed],
  'tck-stream-002': [completed],
  'tck-stream-003': [working, artifact(text('Stream task lifecycle')), completed],
  'tck-stream-ordering-001': [working, artifact(text('Ordered output')), completed],
  'tck-stream-artifact-text': [working, artifact(text('Streamed text content')), completed],
  'tck-stream-artifact-file': [
    working,
    artifact(file({ $case: 'raw', value: Buffer.from('tck') })),
    completed,
  ],
  'tck-stream-artifact-chunked': [
    working,
    artifact(text('chunk-1 '), { lastChunk: false }),
    artifact(text('chunk-2'), { append: true }),
    completed,
  ],
  'test-resubscribe-message-id': [working, whiles(2), completed],
  /** The parts of the message come back as an artifact. */
  'gw-echo': [
    ({ context, task }) => task.artifact('echo', context.userMessage.parts, { name: 'echo' }),
    completed,
  ],
  /** Works until it is canceled. */
  'gw-long-task': [working, ({ pause }) => pause(longestMs)],
  'gw-fail-task': [working, state(TaskState.TASK_STATE_FAILED, 'Failed as asked.')],
  /** Is authorized out of band after a while, and goes on by itself (A2A §7.6.1). */
  'gw-auth-required': [
    working,
    state(TaskState.TASK_STATE_AUTH_REQUIRED, 'Authorize me elsewhere.'),
    whiles(1),
    working,
    completed,
  ],
};

const anythingElse: Behaviour = [state(TaskState.TASK_STATE_COMPLETED, 'Done.')];

/** As long as a timer can wait. */
const longestMs = 2 ** 31 - 1;

const longestFirst = Object.entries(behaviours).sort(([one], [other]) => other.length - one.length);

/** What ids of messages may begin with; the longest first. */
export const behaviourPrefixes: readonly string[] = longestFirst.map(([prefix]) => prefix);

export function behaviourOf(messageId: string): Behaviour {
  return longestFirst.find(([prefix]) => messageId.startsWith(prefix))?.[1] ?? anythingElse;
}

function state(next: TaskState, text?: string): Step {
  return ({ task }) => task.state(next, text);
}

function whiles(count: number): Step {
  return ({ pause, paceMs }) => pause(count * paceMs);
}

function artifact(content: Part, more: { append?: boolean; lastChunk?: boolean } = {}): Step {
  return ({ task }) => task.artifact('output', [content], { name: 'output', ...more });
}

function text(value: string): Part {
  return part({ content: { $case: 'text', value }, mediaType: 'text/plain' });
}

function file(content: Part['content']): Part {
  return part({ content, filename: 'output.txt', mediaType: 'text/plain' });
}

function part(members: Partial<Part>): Part {
  return { content: undefined, metadata: undefined, filename: '', mediaType: '', ...members };
}
