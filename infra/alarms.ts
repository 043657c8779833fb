import {
  aws_cloudwatch_actions as actions,
  type aws_apigateway as apigateway,
  aws_cloudwatch as cloudwatch,
  Duration,
  type aws_dynamodb as dynamodb,
  type aws_kms as kms,
  aws_logs as logs,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { authorizerFailurePattern } from './access-log.ts';
import { type ControlWatched, controlConditions } from './control-alarms.ts';
import type { A2AGatewayProps } from './props.ts';
import { type PushWatched, pushConditions } from './push-alarms.ts';
import { type SearchWatched, searchConditions } from './search-alarms.ts';
import { metricsNamespace } from './settings.ts';

/** What is watched. */
export interface Watched extends SearchWatched, PushWatched, ControlWatched {
  readonly api: apigateway.RestApi;
  readonly accessLogs: logs.ILogGroup;
  readonly table: dynamodb.Table;
}

export interface Condition {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  /** Periods of five minutes in a row. */
  readonly periods?: number;
  readonly description: string;
}

const period = Duration.minutes(5);

/** A metric the functions write with their logs, of one environment. */
export function gatewayMetric(environment: string, metricName: string, statistic: string): cloudwatch.Metric {
  const dimensionsMap = { Environment: environment };
  return new cloudwatch.Metric({ namespace: metricsNamespace, metricName, dimensionsMap, statistic, period });
}

/** The alarms, by the ids of their constructs. They go to a topic where one is given or an address is. */
export function createAlarms(
  scope: Construct,
  props: A2AGatewayProps,
  watched: Watched,
  key: kms.IKey | undefined,
): cloudwatch.Alarm[] {
  const topic = props.alarmTopic ?? createTopic(scope, props, key);
  const conditions = {
    ...callConditions(scope, props, watched),
    ...partConditions(watched),
    ...searchConditions(scope, watched),
    ...pushConditions(scope, watched),
    ...controlConditions(scope, watched),
  };
  return Object.entries(conditions).map(([id, { metric, threshold, periods = 1, description }]) => {
    const alarm = new cloudwatch.Alarm(scope, `${id}Alarm`, {
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: `A2A gateway ${watched.environment}: ${description}`,
    });
    if (topic !== undefined) alarm.addAlarmAction(new actions.SnsAction(topic));
    return alarm;
  });
}

/** What callers feel. */
function callConditions(
  scope: Construct,
  { latencyThreshold = Duration.seconds(10) }: A2AGatewayProps,
  { environment, api, accessLogs }: Watched,
): Record<string, Condition> {
  // Lambda counts every token the authorizer refuses as an error of the function, so its own metric says nothing.
  const authorizerFailures = new logs.MetricFilter(scope, 'AuthorizerFailures', {
    logGroup: accessLogs,
    filterPattern: logs.FilterPattern.literal(authorizerFailurePattern),
    metricNamespace: metricsNamespace,
    metricName: `AuthorizerFailures-${environment}`,
  });
  return {
    ServerErrors: {
      metric: api.deploymentStage.metricServerError({ statistic: 'Average', period }),
      threshold: 0.05,
      periods: 2,
      description: 'more than 5 % of calls are answered 5xx',
    },
    AuthorizerFailures: {
      metric: authorizerFailures.metric({ statistic: 'Sum', period }),
      threshold: 5,
      description: 'calls are refused because the authorizer fails: issuer, store or function',
    },
    Latency: {
      // Until an answer begins. API Gateway's own latency of a stream lasts as long as the stream.
      metric: gatewayMetric(environment, 'DurationMs', 'p95'),
      threshold: latencyThreshold.toMilliseconds(),
      periods: 3,
      description: `p95 until an answer begins is over ${latencyThreshold.toSeconds()} s`,
    },
  };
}

function partConditions({ functions, table }: Watched): Record<string, Condition> {
  const conditions: Record<string, Condition> = {};
  for (const [id, handler] of Object.entries({
    DataPlane: functions['data-plane'],
    Management: functions.management,
    Maintenance: functions.maintenance,
  }))
    conditions[`${id}Errors`] = {
      metric: handler.metricErrors({ period }),
      threshold: id === 'Maintenance' ? 0 : 5,
      description: `the function ${id} fails`,
    };
  for (const [id, handler] of Object.entries({
    Authorizer: functions.authorizer,
    DataPlane: functions['data-plane'],
    Management: functions.management,
  }))
    conditions[`${id}Throttles`] = {
      metric: handler.metricThrottles({ period }),
      threshold: 0,
      description: `the function ${id} has no concurrency left`,
    };
  conditions.TableThrottles = {
    metric: new cloudwatch.MathExpression({
      expression: 'FILL(reads, 0) + FILL(writes, 0)',
      usingMetrics: {
        reads: table.metric('ReadThrottleEvents', { statistic: 'Sum', period }),
        writes: table.metric('WriteThrottleEvents', { statistic: 'Sum', period }),
      },
      period,
      label: 'Throttled',
    }),
    threshold: 0,
    description: 'DynamoDB throttles the table',
  };
  conditions.TableUserErrors = {
    // Of the whole account and region: DynamoDB counts them by no table.
    metric: table.metricUserErrors({ period }),
    threshold: 10,
    description: 'DynamoDB refuses requests as wrong, of this gateway or another user of the account',
  };
  return conditions;
}

/** Sealed where the key lets CloudWatch use it, which the key that is made does. */
function createTopic(
  scope: Construct,
  { alarmEmail, encryptionKey }: A2AGatewayProps,
  key: kms.IKey | undefined,
): sns.Topic | undefined {
  if (alarmEmail === undefined) return undefined;
  const isSealed = key !== undefined && encryptionKey === undefined;
  const topic = new sns.Topic(scope, 'AlarmTopic', { enforceSSL: true, ...(isSealed && { masterKey: key }) });
  topic.addSubscription(new subscriptions.EmailSubscription(alarmEmail));
  return topic;
}
