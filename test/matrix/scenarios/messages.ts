import { Task } from '@a2a-js/sdk';
import { eventsOf, resultJson, type Said, type Scenario, send, sendForTask, stream } from '../scenario.ts';

const bytes = Buffer.from([0, 1, 2, 250, 251, 252, 253, 254, 255]).toString('base64');

/** Parts of every kind, which the agent gives back as an artifact. */
const everyPart = [
  { text: 'hello', metadata: { lang: 'en' } },
  { raw: bytes, mediaType: 'application/octet-stream', filename: 'bytes.bin' },
  { url: 'https://files.example/a.png', mediaType: 'image/png', filename: 'a.png' },
  { data: { nested: [1, 2.5, 'three', { four: null }] }, metadata: { of: 'data' } },
  { data: [1, 'two'] },
  { data: 42 },
];

const sent: readonly (readonly [title: string, what: Said])[] = [
  ['completes a task', { prefix: 'tck-complete-task' }],
  ['is answered by a message', { prefix: 'tck-message-response' }],
  ['gets an artifact of text', { prefix: 'tck-artifact-text' }],
  ['gets an artifact of a file', { prefix: 'tck-artifact-file' }],
  ['gets an artifact of a URL', { prefix: 'tck-artifact-file-url' }],
  ['gets an artifact of data', { prefix: 'tck-artifact-data' }],
  ['gets its parts back', { prefix: 'gw-echo', parts: everyPart }],
  ['gets a task that was rejected', { prefix: 'tck-reject-task' }],
  ['gets a task that failed', { prefix: 'gw-fail-task' }],
  ['waits for a task that takes its time', { prefix: 'tck-delayed-complete' }],
  ['is asked for input', { prefix: 'tck-input-required' }],
  [
    'gets no history where it wants none',
    { prefix: 'tck-complete-task', configuration: { historyLength: 0 } },
  ],
  [
    'says what it takes and keeps metadata',
    {
      prefix: 'tck-complete-task',
      metadata: { kept: { deeply: [true, null, 1.5] } },
      configuration: { acceptedOutputModes: ['text/plain'] },
    },
  ],
];

const streamed: readonly (readonly [title: string, what: Said])[] = [
  ['follows a task from work to end', { prefix: 'tck-stream-001' }],
  ['follows a task that ends at once', { prefix: 'tck-stream-002' }],
  ['gets an artifact in chunks, in order', { prefix: 'tck-stream-artifact-chunked' }],
  ['gets an artifact of a file', { prefix: 'tck-stream-artifact-file' }],
  ['gets its parts back', { prefix: 'gw-echo', parts: everyPart }],
  ['is answered by a message', { prefix: 'tck-message-response' }],
  ['is asked for input, and the stream ends', { prefix: 'tck-input-required' }],
  ['sees that the task failed', { prefix: 'gw-fail-task' }],
  ['sees that the task was rejected', { prefix: 'tck-reject-task' }],
];

export const messageScenarios: readonly Scenario[] = [
  ...sent.map(
    ([title, what]): Scenario => ({
      title: `sends a message and ${title}`,
      operation: 'SendMessage',
      run: async (client) => resultJson(await send(client, what)),
    }),
  ),
  {
    title: 'sends a message and goes on when asked for input',
    operation: 'SendMessage',
    async run(client) {
      const { id: taskId, contextId } = await sendForTask(client, { prefix: 'tck-input-required' });
      const finished = await sendForTask(client, { prefix: 'tck-complete-task', taskId, contextId });
      return [finished.id === taskId, finished.contextId === contextId, Task.toJSON(finished)];
    },
  },
  {
    title: 'sends a message and does not wait',
    operation: 'SendMessage',
    async run(client) {
      const configuration = { returnImmediately: true };
      const { id, status } = await sendForTask(client, { prefix: 'gw-long-task', configuration });
      const { transport, options } = client;
      const canceled = await transport.cancelTask({ id, tenant: '', metadata: undefined }, options);
      // Whether the work has begun by then is a matter of luck.
      return [(status?.state ?? 0) <= 2, canceled.status?.state];
    },
  },
  ...streamed.map(
    ([title, what]): Scenario => ({
      title: `streams a message and ${title}`,
      operation: 'SendStreamingMessage',
      run: async (client) => eventsOf(stream(client, what)),
    }),
  ),
  {
    title: 'streams a message that goes on with a task',
    operation: 'SendStreamingMessage',
    async run(client) {
      const { id: taskId, contextId } = await sendForTask(client, { prefix: 'tck-input-required' });
      return eventsOf(stream(client, { prefix: 'tck-stream-001', taskId, contextId }));
    },
  },
];
