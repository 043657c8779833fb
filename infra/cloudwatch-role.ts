import { aws_apigateway as apigateway, aws_iam as iam, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { arnOf, wildcardFinding } from './names.ts';
import type { A2AGatewayProps } from './props.ts';

/**
 * The role by which API Gateway writes logs, which is one for all APIs of an account and region. Without any, a stage with
 * access logs is refused: "CloudWatch Logs role ARN must be set in account settings to enable logging". Kept when the stack
 * goes, because other APIs may log by it.
 */
export function setCloudWatchRole(
  scope: Construct,
  { cloudWatchRole = false }: A2AGatewayProps,
  stage: apigateway.Stage,
): void {
  if (!cloudWatchRole) return;
  const role = new iam.Role(scope, 'CloudWatchRole', {
    assumedBy: new iam.ServicePrincipal('apigateway.amazonaws.com'),
    inlinePolicies: { Logs: new iam.PolicyDocument({ statements: [writingLogs()] }) },
  });
  role.applyRemovalPolicy(RemovalPolicy.RETAIN);
  Validations.of(role).acknowledge({
    id: wildcardFinding(stage.stack, arnOf('logs', '*')),
    reason: 'The role serves every API of the account and region, and their log groups are not known here.',
  });
  const account = new apigateway.CfnAccount(scope, 'Account', { cloudWatchRoleArn: role.roleArn });
  account.applyRemovalPolicy(RemovalPolicy.RETAIN);
  stage.node.addDependency(account);
}

/** What AmazonAPIGatewayPushToCloudWatchLogs allows, in this account and region alone. */
function writingLogs(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [
      'logs:CreateLogGroup',
      'logs:CreateLogStream',
      'logs:DescribeLogGroups',
      'logs:DescribeLogStreams',
      'logs:PutLogEvents',
      'logs:GetLogEvents',
      'logs:FilterLogEvents',
    ],
    resources: [arnOf('logs', '*')],
  });
}
