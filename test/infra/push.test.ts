import { describe, expect, it } from 'vitest';
import { synthesise, textOf } from './synthesis.ts';

const standard = synthesise();
const handler = { Ref: expect.stringMatching(/^GatewayPush/) };

describe('what makes the function run that delivers webhooks', () => {
  it('wakes: ten at a time, each answered for by itself, in a bounded number of runs', () => {
    expect(standard.only('AWS::Lambda::EventSourceMapping', 'PushWakes')).toMatchObject({
      FunctionName: handler,
      EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^GatewayPushQueue/), 'Arn'] },
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 20 },
    });
  });

  it('a queue that hides a wake for longer than the function runs, and gives up after some tries', () => {
    const queue = standard.only('AWS::SQS::Queue', 'GatewayPushQueue');
    const { Timeout } = standard.only('AWS::Lambda::Function', 'GatewayPush');
    expect(queue.VisibilityTimeout).toBeGreaterThan(Timeout);
    expect(queue.RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^GatewayPushDeadLetterQueue/), 'Arn'] },
      maxReceiveCount: 5,
    });
    expect(standard.only('AWS::SQS::Queue', 'GatewayPushDeadLetterQueue').MessageRetentionPeriod).toBe(
      1_209_600,
    );
  });

  it('every minute, for what nobody was woken for', () => {
    const { ScheduleExpression, Targets } = standard.only('AWS::Events::Rule', 'PushRule');
    expect(ScheduleExpression).toBe('rate(1 minute)');
    expect(Targets).toHaveLength(1);
    expect(textOf(Targets[0].Arn)).toMatch(/^<GatewayPush\w+\.Arn>$/);
  });
});

describe('the metrics of webhooks', () => {
  it('are made of the lines of the function, and in a graph', () => {
    const filters = Object.values(standard.all('AWS::Logs::MetricFilter'))
      .map(({ Properties }) => Properties)
      .filter(({ LogGroupName }) => textOf(LogGroupName).startsWith('<GatewayPushLogs'));
    expect(filters.map(({ FilterPattern }) => FilterPattern).sort()).toEqual([
      '{ $.msg = "webhook delivered" }',
      '{ $.msg = "webhook failed" }',
      '{ $.msg = "webhook given up" }',
    ]);
    const body = textOf(standard.only('AWS::CloudWatch::Dashboard').DashboardBody);
    expect(body).toContain('"A2AGateway","WebhooksGivenUp-default"');
  });
});
