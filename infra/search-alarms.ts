import { aws_cloudwatch as cloudwatch, Duration, aws_logs as logs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Condition } from './alarms.ts';
import type { Functions } from './functions.ts';
import type { SearchStorage } from './search.ts';
import { metricsNamespace } from './settings.ts';

/** What is watched of a search. */
export interface SearchWatched {
  readonly environment: string;
  readonly functions: Functions;
  /** Undefined where it is switched off. */
  readonly search: SearchStorage | undefined;
}

const period = Duration.minutes(5);
const slowSearchMs = 3_000;

/** Lines of calls that searched, and of those that could not. Both functions that search write them alike. */
const lines = {
  SearchDurationMs: { pattern: '{ ($.msg = "request") && ($.indexMs >= 0) }', value: '$.durationMs' },
  SearchesFailed: {
    pattern: '{ ($.msg = "request") && ($.failure.code = "search_unavailable") }',
    value: '1',
  },
} as const;

/** A search is no operation of A2A, so its metrics are made of the functions' lines here. */
function searchMetric(environment: string, name: keyof typeof lines, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: metricsNamespace,
    metricName: `${name}-${environment}`,
    statistic,
    period,
    label: `${name} ${statistic}`,
  });
}

function createFilters(scope: Construct, { environment, functions }: SearchWatched): void {
  const searching = { Management: functions.management, DataPlane: functions['data-plane'] };
  for (const [id, { logGroup }] of Object.entries(searching))
    for (const [name, { pattern, value }] of Object.entries(lines))
      new logs.MetricFilter(scope, `${id}${name}`, {
        logGroup,
        filterPattern: logs.FilterPattern.literal(pattern),
        metricNamespace: metricsNamespace,
        metricName: `${name}-${environment}`,
        metricValue: value,
      });
}

/** What callers feel of a search, and how far its index is behind. Empty where it is switched off. */
export function searchConditions(scope: Construct, watched: SearchWatched): Record<string, Condition> {
  const { environment, functions, search } = watched;
  if (search === undefined || functions.indexer === undefined) return {};
  createFilters(scope, watched);
  return {
    SearchesFailed: {
      metric: searchMetric(environment, 'SearchesFailed', 'Sum'),
      threshold: 5,
      description: 'searches are answered 503: Bedrock or S3 Vectors fails, or no vectors are there yet',
    },
    SearchLatency: {
      metric: searchMetric(environment, 'SearchDurationMs', 'p95'),
      threshold: slowSearchMs,
      periods: 3,
      description: `p95 of searches is over ${slowSearchMs / 1_000} s`,
    },
    IndexerErrors: {
      metric: functions.indexer.metricErrors({ period }),
      threshold: 0,
      periods: 3,
      description: 'the function Indexer fails: agents that are registered now are not found',
    },
    IndexBehind: {
      metric: iteratorAge(functions.indexer),
      threshold: Duration.minutes(10).toMilliseconds(),
      description: 'the index is ten minutes behind the registry',
    },
    IndexQueueAge: {
      metric: search.queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period }),
      threshold: Duration.minutes(30).toSeconds(),
      description: 'agents that failed to be embedded have waited for half an hour',
    },
    IndexDeadLetters: {
      metric: search.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period,
      }),
      threshold: 0,
      description: 'the indexer has given something up; docs/aws.md says what to do',
    },
  };
}

/** Of the record it has just read. */
function iteratorAge(indexer: NonNullable<Functions['indexer']>): cloudwatch.Metric {
  return indexer.metric('IteratorAge', { statistic: 'Maximum', period });
}

/** Metrics by the titles of their graphs. */
export function searchGraphs({
  environment,
  functions: { indexer },
  search,
}: SearchWatched): Record<string, cloudwatch.IMetric[]> {
  if (search === undefined || indexer === undefined) return {};
  return {
    Searches: [
      searchMetric(environment, 'SearchDurationMs', 'SampleCount').with({ label: 'answered' }),
      searchMetric(environment, 'SearchesFailed', 'Sum').with({ label: 'failed' }),
    ],
    'Searches: duration': ['p50', 'p95'].map((statistic) =>
      searchMetric(environment, 'SearchDurationMs', statistic).with({ label: `${statistic} ms` }),
    ),
    'Index: behind, put off, given up': [
      iteratorAge(indexer).with({ label: 'behind, ms' }),
      search.queue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period,
        label: 'put off',
      }),
      search.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period,
        label: 'given up',
      }),
    ],
  };
}
