import {
  aws_apigateway as apigateway,
  Duration,
  aws_events as events,
  aws_logs as logs,
  RemovalPolicy,
  aws_route53 as route53,
  type Stack,
} from 'aws-cdk-lib';
import type { A2AGatewayProps } from '../../infra/index.ts';
import { seeded } from './variants.ts';

/** Properties that all differ from their defaults, of a regional gateway with its own pool and domain. */
export function altered(stack: Stack): A2AGatewayProps {
  return {
    environment: 'staging',
    tags: { Owner: 'platform' },
    domainName: 'agents.example.com',
    certificateArn: 'arn:aws:acm:eu-central-1:111111111111:certificate/11111111-2222-3333-4444-555555555555',
    basePath: 'a2a',
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z1',
      zoneName: 'example.com',
    }),
    stageName: 'live',
    throttlingRateLimit: 5,
    throttlingBurstLimit: 6,
    wafRateLimit: 700,
    resourceServerIdentifier: 'agents',
    scopes: ['finance'],
    clients: [
      { name: 'admin', scopes: ['gateway:admin', 'finance'] },
      { name: 'alice', scopes: ['finance'] },
    ],
    cognitoDomainPrefix: 'my-agents',
    authorizerMemorySize: 300,
    dataPlaneMemorySize: 301,
    managementMemorySize: 302,
    authorizerReservedConcurrentExecutions: 1,
    dataPlaneReservedConcurrentExecutions: 2,
    managementReservedConcurrentExecutions: 3,
    maintenanceSchedule: events.Schedule.rate(Duration.hours(6)),
    probeSchedule: events.Schedule.rate(Duration.hours(1)),
    settings: { A2A_GATEWAY_LIMITS_MAX_BODY_BYTES: '2048' },
    removalPolicy: RemovalPolicy.DESTROY,
    logRetention: logs.RetentionDays.ONE_WEEK,
    logLevel: 'debug',
    executionLogging: apigateway.MethodLoggingLevel.ERROR,
    cloudWatchRole: true,
    alarmEmail: 'operators@example.com',
    latencyThreshold: Duration.seconds(3),
    corsAllowOrigins: ['https://one.example', 'https://two.example'],
    ...seeded(stack),
    seedsRevision: '7',
    conditions: true,
  };
}
