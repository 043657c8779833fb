import {
  Duration,
  aws_events as events,
  type aws_kms as kms,
  aws_lambda as lambda,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { createQueuePair, type QueuePair } from './queues.ts';

/** What makes the push function run. */
export interface Delivering {
  /** For each wake. */
  readonly wakes: lambda.EventSourceMapping;
  /** Every minute, for wakes that were lost and for what is due later than a message can wait. */
  readonly rule: events.Rule;
}

/** A turn at a lane is 20 s and an attempt, which `push.timeoutMs` lets be a minute. */
export const pushTimeout: Duration = Duration.minutes(2);

/** Lanes worked at a time: ten of a batch each. A receiver that hangs has one of them for as long as an attempt may take. */
const maxConcurrency = 20;

/** Wakes of lanes, which hold no more than their ids: what is delivered is in the table. */
export function createPushQueues(scope: Construct, key: kms.IKey | undefined): QueuePair {
  return createQueuePair(scope, 'Push', { key, timeout: pushTimeout, maxReceiveCount: 5 });
}

export function createDelivering(
  scope: Construct,
  { queue }: QueuePair,
  handler: lambda.Function,
): Delivering {
  const wakes = new lambda.EventSourceMapping(scope, 'PushWakes', {
    target: handler,
    eventSourceArn: queue.queueArn,
    batchSize: 10,
    reportBatchItemFailures: true,
    maxConcurrency,
  });
  const rule = new events.Rule(scope, 'PushRule', {
    description: 'Looks for webhooks that are due and that nobody was woken for',
    schedule: events.Schedule.rate(Duration.minutes(1)),
    // The next minute looks again.
    targets: [new targets.LambdaFunction(handler, { retryAttempts: 0 })],
  });
  return { wakes, rule };
}
