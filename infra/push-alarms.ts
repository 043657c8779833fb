import { aws_cloudwatch as cloudwatch, Duration, aws_logs as logs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Condition } from './alarms.ts';
import type { Functions } from './functions.ts';
import type { QueuePair } from './queues.ts';
import { metricsNamespace } from './settings.ts';

/** What is watched of webhooks. */
export interface PushWatched {
  readonly environment: string;
  readonly functions: Functions;
  readonly pushQueues: QueuePair;
}

const period = Duration.minutes(5);

/** Lines of the push function, one for each attempt. */
const lines = {
  WebhooksDelivered: 'webhook delivered',
  WebhooksFailed: 'webhook failed',
  WebhooksGivenUp: 'webhook given up',
} as const;

function pushMetric(environment: string, name: keyof typeof lines, label: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: metricsNamespace,
    metricName: `${name}-${environment}`,
    statistic: 'Sum',
    period,
    label,
  });
}

function createFilters(scope: Construct, { environment, functions }: PushWatched): void {
  for (const [name, msg] of Object.entries(lines))
    new logs.MetricFilter(scope, name, {
      logGroup: functions.push.logGroup,
      filterPattern: logs.FilterPattern.literal(`{ $.msg = "${msg}" }`),
      metricNamespace: metricsNamespace,
      metricName: `${name}-${environment}`,
      metricValue: '1',
    });
}

/** What keeps webhooks from being delivered. That receivers fail is their owners' to see, and in the graphs. */
export function pushConditions(scope: Construct, watched: PushWatched): Record<string, Condition> {
  createFilters(scope, watched);
  const { functions, pushQueues } = watched;
  return {
    PushErrors: {
      metric: functions.push.metricErrors({ period }),
      threshold: 0,
      periods: 3,
      description: 'the function Push fails: webhooks are late',
    },
    PushThrottles: {
      metric: functions.push.metricThrottles({ period }),
      threshold: 0,
      periods: 3,
      description: 'the function Push has no concurrency left: webhooks are late',
    },
    PushQueueAge: {
      metric: pushQueues.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period }),
      // A message may have been told to wait for 15 minutes.
      threshold: Duration.minutes(30).toSeconds(),
      description: 'webhooks have waited for half an hour to be worked on',
    },
    PushDeadLetters: {
      metric: pushQueues.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period,
      }),
      threshold: 0,
      description:
        'wakes of webhooks failed again and again; what was to be delivered is kept and tried again',
    },
  };
}

/** Metrics by the titles of their graphs. */
export function pushGraphs({ environment, pushQueues }: PushWatched): Record<string, cloudwatch.IMetric[]> {
  return {
    Webhooks: [
      pushMetric(environment, 'WebhooksDelivered', 'delivered'),
      pushMetric(environment, 'WebhooksFailed', 'to be tried again'),
      pushMetric(environment, 'WebhooksGivenUp', 'given up'),
    ],
    'Webhooks: wakes under way, wakes given up': [
      pushQueues.queue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period,
        label: 'under way',
      }),
      pushQueues.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period,
        label: 'given up',
      }),
    ],
  };
}
