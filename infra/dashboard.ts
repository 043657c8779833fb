import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { gatewayMetric, type Watched } from './alarms.ts';
import { controlGraphs } from './control-alarms.ts';
import { pushGraphs } from './push-alarms.ts';
import { searchGraphs } from './search-alarms.ts';
import { metricsNamespace } from './settings.ts';
import { webAclMetricName } from './waf.ts';

const period = Duration.minutes(5);

/** One page: what callers feel, what agents do, how the parts are. */
export function createDashboard(
  scope: Construct,
  watched: Watched,
  alarms: readonly cloudwatch.Alarm[],
  hasWaf: boolean,
): cloudwatch.Dashboard {
  return new cloudwatch.Dashboard(scope, 'Dashboard', {
    defaultInterval: Duration.hours(3),
    widgets: [
      [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 3 })],
      callWidgets(watched),
      streamWidgets(watched),
      functionWidgets(watched),
      edgeWidgets(watched, hasWaf),
      graphs(searchGraphs(watched)),
      graphs(pushGraphs(watched)),
      graphs(controlGraphs(watched)),
    ],
  });
}

function callWidgets({ environment }: Watched): cloudwatch.IWidget[] {
  const sum = (name: string) => gatewayMetric(environment, name, 'Sum');
  return [
    graph('Calls', [sum('Requests'), sum('Refusals'), sum('Errors')]),
    graph('Until an answer begins', durations(environment)),
    graph('Calls by operation', [byOperation(environment, 'Requests', 'Sum')]),
  ];
}

function durations(environment: string): cloudwatch.IMetric[] {
  return ['p50', 'p95', 'p99'].map((statistic) =>
    gatewayMetric(environment, 'DurationMs', statistic).with({ label: `${statistic} ms` }),
  );
}

function streamWidgets({ environment }: Watched): cloudwatch.IWidget[] {
  const sum = (name: string) => gatewayMetric(environment, name, 'Sum');
  return [
    graph('Streams', [sum('StreamsEnded'), sum('StreamsBroken')]),
    graph('Bytes of streams', [sum('StreamBytes')]),
    graph('p95 by operation', [byOperation(environment, 'DurationMs', 'p95')]),
  ];
}

/** Whatever operations there are. */
function byOperation(environment: string, metricName: string, statistic: string): cloudwatch.IMetric {
  const schema = `{${metricsNamespace},Environment,Operation}`;
  return new cloudwatch.MathExpression({
    expression: `SEARCH('${schema} MetricName="${metricName}" Environment="${environment}"', '${statistic}', 300)`,
    label: '',
    period,
  });
}

function functionWidgets({ functions }: Watched): cloudwatch.IWidget[] {
  const serving = Object.entries({
    Authorizer: functions.authorizer,
    'Data plane': functions['data-plane'],
    Management: functions.management,
  });
  const each = (metric: (handler: Watched['functions']['authorizer'], label: string) => cloudwatch.IMetric) =>
    serving.map(([label, handler]) => metric(handler, label));
  return [
    graph(
      'Functions: duration p95',
      each((handler, label) => handler.metricDuration({ statistic: 'p95', label, period })),
    ),
    graph(
      'Functions: at once',
      each((handler, label) =>
        handler.metric('ConcurrentExecutions', { statistic: 'Maximum', label, period }),
      ),
    ),
    graph(
      'Functions: throttled',
      each((handler, label) => handler.metricThrottles({ label, period })),
    ),
  ];
}

function edgeWidgets(watched: Watched, hasWaf: boolean): cloudwatch.IWidget[] {
  const { api, table } = watched;
  const stage = api.deploymentStage;
  const capacity = { statistic: 'Sum', period };
  return [
    graph('API Gateway', [
      stage.metricCount({ period }),
      stage.metricClientError({ period }),
      stage.metricServerError({ period }),
    ]),
    graph('DynamoDB', [
      table.metricConsumedReadCapacityUnits(capacity),
      table.metricConsumedWriteCapacityUnits(capacity),
    ]),
    ...(hasWaf
      ? [graph('WAF', [wafMetric('AllowedRequests', watched), wafMetric('BlockedRequests', watched)])]
      : []),
  ];
}

function graphs(byTitle: Record<string, cloudwatch.IMetric[]>): cloudwatch.IWidget[] {
  return Object.entries(byTitle).map(([title, metrics]) => graph(title, metrics));
}

function wafMetric(metricName: string, { environment, api }: Watched): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/WAFV2',
    metricName,
    dimensionsMap: { WebACL: webAclMetricName(environment), Region: api.stack.region, Rule: 'ALL' },
    statistic: 'Sum',
    period,
  });
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 });
}
