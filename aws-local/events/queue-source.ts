import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LocalFunction } from '../lambda/function-pool.ts';
import { region } from '../local-values.ts';
import { invokeWith, pause } from './batch.ts';

export interface QueueSourceOptions {
  client: SQSClient;
  queueUrl: string;
  queueArn: string;
  target: LocalFunction;
  batchSize: number;
  /** Batches at once. */
  concurrency: number;
  print(line: string): void;
  signal: AbortSignal;
}

const waitSeconds = 1;
const retryMs = 1_000;
/** On AWS a message that failed stays hidden for as long as the queue says, which is minutes. */
const againAfterSeconds = 5;

/**
 * Receives from a queue as an event source mapping does. What the function works off is deleted; what it fails at, or says
 * it failed at, comes again after 5 s. Ends when the signal fires.
 */
export async function followQueue(options: QueueSourceOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.concurrency }, () => poll(options)));
}

async function poll(options: QueueSourceOptions): Promise<void> {
  const { client, queueUrl: QueueUrl, batchSize, signal } = options;
  const received = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: Math.min(batchSize, 10),
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ['All'],
  });
  while (!signal.aborted) {
    try {
      // A signal of each poll's own, since the client leaves its listeners where it put them.
      const { Messages = [] } = await client.send(received, { abortSignal: AbortSignal.any([signal]) });
      if (Messages.length > 0) await workOff(Messages, options);
    } catch (error) {
      if (signal.aborted) return;
      options.print(`queue ${QueueUrl}: ${String(error)}`);
      await pause(retryMs, signal);
    }
  }
}

async function workOff(messages: readonly Message[], options: QueueSourceOptions): Promise<void> {
  const { client, queueUrl: QueueUrl, target, print, signal } = options;
  const events = messages.map((message) => eventOf(message, options));
  const failed = await invokeWith(target, events).catch((error: unknown) => {
    if (!signal.aborted) print(`${target.definition.name} failed: ${String(error)}`);
    return new Set(messages.map(({ MessageId }) => MessageId));
  });
  for (const { MessageId = '', ReceiptHandle } of messages) {
    const message = { QueueUrl, ReceiptHandle };
    if (!failed.has(MessageId)) await client.send(new DeleteMessageCommand(message));
    else
      await client.send(
        new ChangeMessageVisibilityCommand({ ...message, VisibilityTimeout: againAfterSeconds }),
      );
  }
}

function eventOf(message: Message, { queueArn }: QueueSourceOptions): unknown {
  const { MessageId, ReceiptHandle, Body, Attributes, MD5OfBody } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    messageAttributes: {},
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}
