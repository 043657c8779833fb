import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../ports.ts';
import type { WakePush } from '../../push/push-worker.ts';
import type { Wake } from './push.ts';

/** SQS takes no more. */
const maxDelaySeconds = 900;

/**
 * Wakes who delivers by a queue. For what is due later than a message can wait nobody is woken: the schedule finds it then.
 * @throws what SQS answers
 */
export function createPushWakes(queueUrl: string, clock: Clock): WakePush {
  const client = new SQSClient({
    maxAttempts: 3,
    // An agent waits for it, and what it brought is kept already.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  return async (pushId, dueAtMs) => {
    const delaySeconds = Math.max(0, Math.ceil((dueAtMs - clock.nowMs()) / 1_000));
    if (delaySeconds > maxDelaySeconds) return;
    const wake: Wake = { pushId };
    const message = { MessageBody: JSON.stringify(wake), DelaySeconds: delaySeconds };
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, ...message }));
  };
}
