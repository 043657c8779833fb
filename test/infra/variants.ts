import {
  aws_ec2 as ec2,
  aws_iam as iam,
  aws_kms as kms,
  aws_lambda as lambda,
  type Stack,
  aws_secretsmanager as secretsmanager,
  aws_sns as sns,
} from 'aws-cdk-lib';
import type { A2AGatewayProps } from '../../infra/index.ts';

const certificateArn =
  'arn:aws:acm:eu-central-1:111111111111:certificate/11111111-2222-3333-4444-555555555555';
export const clientSecretArn = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:billing-AbCdEf';

/** The shapes a deployment may have, whose templates the checkers of templates look at. */
export const variants: Readonly<Record<string, (stack: Stack) => A2AGatewayProps>> = {
  default: () => ({}),
  'own domain, alarms, origins, seeds': (stack) => ({
    domainName: 'agents.example.com',
    certificateArn,
    basePath: 'a2a',
    alarmEmail: 'operators@example.com',
    corsAllowOrigins: ['https://console.example.com'],
    cloudWatchRole: true,
    ...seeded(stack),
  }),
  'private with NAT': () => ({ endpointType: 'PRIVATE' }),
  'without a search': () => ({ search: false }),
  'another model': () => ({
    search: { modelId: 'amazon.titan-embed-text-v3:0', formerModelId: 'amazon.titan-embed-text-v2:0' },
  }),
  'private without a way out': () => ({ endpointType: 'PRIVATE', natGateways: 0 }),
  'backends of AWS': backends,
  'backends of AWS, private without a way out': (stack) => ({
    ...backends(stack),
    endpointType: 'PRIVATE',
    natGateways: 0,
    backendCidrs: ['10.42.128.0/20', '192.168.0.0/24'],
  }),
  'private in a given VPC': (stack) => ({
    endpointType: 'PRIVATE',
    vpc: givenVpc(stack),
    issuers: [{ issuer: 'https://login.example.com', audiences: ['agents'] }],
    customerManagedKey: false,
  }),
  'given key, topic and name of a secret': (stack) => ({
    encryptionKey: kms.Key.fromKeyArn(
      stack,
      'Key',
      'arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555',
    ),
    ...billingWith(secretsmanager.Secret.fromSecretNameV2(stack, 'ByName', 'billing')),
    alarmTopic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-central-1:111111111111:alarms'),
  }),
};

export const runtimeArn = 'arn:aws:bedrock-agentcore:eu-central-1:111111111111:runtime/weather-AbCdEf1234';
export const roleArn = 'arn:aws:iam::222222222222:role/agents/invoker';
export const apiArn = 'arn:aws:execute-api:eu-central-1:111111111111:abc123/live/POST/*';

/** Backends of every sort that AWS guards, seeded with what a kind may have. */
export function backends(stack: Stack): A2AGatewayProps {
  const named = (name: string) => {
    const functionArn = `arn:aws:lambda:eu-central-1:111111111111:function:${name}`;
    // The CDK's types are not written for exactOptionalPropertyTypes.
    return lambda.Function.fromFunctionArn(stack, name, functionArn) as lambda.IFunction;
  };
  const own = new lambda.Function(stack, 'Own', {
    runtime: lambda.Runtime.NODEJS_24_X,
    role: new iam.Role(stack, 'OwnRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }),
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => 1;'),
  });
  return {
    agentRuntimeArns: [runtimeArn],
    backendFunctions: [named('planner'), own as lambda.IFunction],
    assumableRoleArns: [roleArn],
    signedApiArns: [apiArn],
    authenticatedCards: true,
    agents: [
      {
        agentId: 'fleet',
        agentCardUrl: 'https://fleet.example.com/card.json',
        backend: {
          type: 'http',
          urls: [{ url: 'https://a.example.com', weight: 2 }, { url: 'https://b.example.com' }],
          affinity: 'context',
          authenticateCard: true,
        },
        deadlines: { connectTimeoutMs: 500, headersTimeoutMs: 120_000 },
        limits: { maxConcurrentCalls: 20 },
        caCertificates:
          '-----BEGIN CERTIFICATE-----\nMCkwJwIBATAAMAAwHhcNMjYwMTAxMDAwMDAwWhcNMjcwMTAxMDAwMDAwWg==\n-----END CERTIFICATE-----',
      },
    ],
  };
}

export function seeded(stack: Stack): A2AGatewayProps {
  const { agents = [] } = billingWith(
    secretsmanager.Secret.fromSecretCompleteArn(stack, 'ClientSecret', clientSecretArn),
  );
  return {
    agents: [
      { agentId: 'echo', agentCardUrl: 'https://echo.example.com/card.json', publicCard: true },
      ...agents,
    ],
    permissions: [{ scope: 'finance', allowedAgents: ['tag:finance'] }],
  };
}

export function billingWith(clientSecret: secretsmanager.ISecret): A2AGatewayProps {
  const tokenUrl = 'https://login.example.com/token';
  const agent = {
    agentId: 'billing',
    agentCardUrl: 'https://billing.example.com/card.json',
    tags: ['finance'],
    authConfig: { type: 'oauth2_client_credentials', tokenUrl, clientId: 'gateway', clientSecret },
  } as const;
  return { agents: [agent] };
}

export function givenVpc(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'GivenVpc', {
    vpcId: 'vpc-11111111',
    vpcCidrBlock: '10.1.0.0/16',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: ['subnet-11111111', 'subnet-22222222'],
    privateSubnetIpv4CidrBlocks: ['10.1.0.0/24', '10.1.1.0/24'],
    privateSubnetRouteTableIds: ['rtb-11111111', 'rtb-22222222'],
  });
}
