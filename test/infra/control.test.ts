import { describe, expect, it } from 'vitest';
import { synthesise, textOf } from './synthesis.ts';

const standard = synthesise();

describe('the metrics of limits, revocations and the trail', () => {
  it.each([
    ['LimitRefusals', '{ ($.msg = "request") && ($.failure.code = "limit_exceeded") }'],
    ['LimitsNotCounted', '{ $.msg = "limits not counted" }'],
    ['RevokedRefusals', '{ ($.failure.code = "token_invalid") && ($.failure.problem = "revoked") }'],
    ['AuditFailures', '{ ($.msg = "audit not written") || ($.msg = "audit chain taken") }'],
  ])('%s is made of the lines of both functions that serve callers, and in a graph', (name, pattern) => {
    const filters = Object.values(standard.all('AWS::Logs::MetricFilter'))
      .map(({ Properties }) => Properties)
      .filter(({ MetricTransformations: [{ MetricName }] }) => MetricName === `${name}-default`);
    expect(filters.map(({ FilterPattern }) => FilterPattern)).toEqual([pattern, pattern]);
    const groups = filters.map(({ LogGroupName }) => textOf(LogGroupName)).sort();
    expect(groups).toEqual([
      expect.stringMatching(/^<GatewayDataPlaneLogs/),
      expect.stringMatching(/^<GatewayManagementLogs/),
    ]);
    const body = textOf(standard.only('AWS::CloudWatch::Dashboard').DashboardBody);
    expect(body).toContain(`"A2AGateway","${name}-default"`);
  });

  it('alarm at the first record that is not written, and the first call that is not counted', () => {
    for (const name of ['AuditFailures', 'LimitsNotCounted'])
      expect(standard.only('AWS::CloudWatch::Alarm', `Gateway${name}`)).toMatchObject({
        Metrics: [{ MetricStat: { Metric: { MetricName: `${name}-default` } } }],
        Threshold: 0,
        EvaluationPeriods: 1,
        TreatMissingData: 'notBreaching',
      });
  });
});

describe('the own pool', () => {
  it('may have groups, for users that are added to it', () => {
    expect(standard.gateway.issuers).toEqual([expect.objectContaining({ groupsClaim: 'cognito:groups' })]);
  });
});
