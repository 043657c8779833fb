import { aws_cloudwatch as cloudwatch, Duration, aws_logs as logs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Condition } from './alarms.ts';
import type { Functions } from './functions.ts';
import { metricsNamespace } from './settings.ts';

/** What is watched of limits, revocations and the trail. */
export interface ControlWatched {
  readonly environment: string;
  readonly functions: Functions;
}

const period = Duration.minutes(5);

/** Lines of both functions that serve callers. A metric that nothing was ever counted in costs nothing. */
const lines = {
  LimitRefusals: '{ ($.msg = "request") && ($.failure.code = "limit_exceeded") }',
  LimitsNotCounted: '{ $.msg = "limits not counted" }',
  // Of requests, and of streams that were open.
  RevokedRefusals: '{ ($.failure.code = "token_invalid") && ($.failure.problem = "revoked") }',
  AuditFailures: '{ ($.msg = "audit not written") || ($.msg = "audit chain taken") }',
} as const;

function controlMetric(environment: string, name: keyof typeof lines, label: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: metricsNamespace,
    metricName: `${name}-${environment}`,
    statistic: 'Sum',
    period,
    label,
  });
}

function createFilters(scope: Construct, { environment, functions }: ControlWatched): void {
  const serving = { Management: functions.management, DataPlane: functions['data-plane'] };
  for (const [id, { logGroup }] of Object.entries(serving))
    for (const [name, pattern] of Object.entries(lines))
      new logs.MetricFilter(scope, `${id}${name}`, {
        logGroup,
        filterPattern: logs.FilterPattern.literal(pattern),
        metricNamespace: metricsNamespace,
        metricName: `${name}-${environment}`,
        metricValue: '1',
      });
}

/** Where control itself fails. That callers are refused is its work, and in the graph. */
export function controlConditions(scope: Construct, watched: ControlWatched): Record<string, Condition> {
  createFilters(scope, watched);
  const { environment } = watched;
  return {
    AuditFailures: {
      metric: controlMetric(environment, 'AuditFailures', 'not recorded'),
      threshold: 0,
      description: 'calls cannot be recorded, or somebody else has written in the trail',
    },
    LimitsNotCounted: {
      metric: controlMetric(environment, 'LimitsNotCounted', 'not counted'),
      threshold: 0,
      description: 'calls pass without being counted: callers may have more than their limits',
    },
  };
}

/** Metrics by the titles of their graphs. */
export function controlGraphs({ environment }: ControlWatched): Record<string, cloudwatch.IMetric[]> {
  return {
    'Callers refused': [
      controlMetric(environment, 'LimitRefusals', 'over a limit'),
      controlMetric(environment, 'RevokedRefusals', 'revoked'),
    ],
    'Not recorded, not counted': [
      controlMetric(environment, 'AuditFailures', 'not recorded'),
      controlMetric(environment, 'LimitsNotCounted', 'not counted'),
    ],
  };
}
