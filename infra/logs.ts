import { type aws_kms as kms, aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { A2AGatewayProps } from './props.ts';

/** A log group that is kept for a while, sealed by the key of the gateway where there is one. */
export function createLogGroup(
  scope: Construct,
  id: string,
  { logRetention = logs.RetentionDays.ONE_MONTH, removalPolicy = RemovalPolicy.RETAIN }: A2AGatewayProps,
  key: kms.IKey | undefined,
): logs.LogGroup {
  return new logs.LogGroup(scope, id, {
    retention: logRetention,
    removalPolicy,
    ...(key !== undefined && { encryptionKey: key }),
  });
}
