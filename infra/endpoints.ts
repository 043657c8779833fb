import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { hasCardSigningKeys } from './card-signing.ts';
import type { A2AGatewayProps } from './props.ts';

export const defaultCidr = '10.42.0.0/16';

type Service = readonly [id: string, service: ec2.InterfaceVpcEndpointAwsService];

/** Whether a VPC that is made has a route to the internet or is said to get one. */
export function hasWayOut({ vpc, natGateways = 1, egress }: A2AGatewayProps): boolean {
  return vpc !== undefined || natGateways > 0 || egress === 'given';
}

/** Where there is a way out the keys come by it: in every region, and with no private address to be let through. */
export function needsCognitoEndpoint(props: A2AGatewayProps): boolean {
  return props.issuers === undefined && (props.cognitoVpcEndpoint ?? !hasWayOut(props));
}

/** By a way out they cost nothing more. Lambda itself reads stream and queue, from outside the VPC. */
function needsSearchEndpoints(props: A2AGatewayProps): boolean {
  return props.search !== false && (props.searchVpcEndpoints ?? !hasWayOut(props));
}

/** Webhooks' wakes go there, and what the indexer puts off. */
function needsQueueEndpoint(props: A2AGatewayProps): boolean {
  return !hasWayOut(props) || needsSearchEndpoints(props);
}

/** What seals and opens asks KMS itself; only who signs cards does so from the VPC. */
function needsKmsEndpoint(props: A2AGatewayProps): boolean {
  return hasCardSigningKeys(props) && !hasWayOut(props);
}

function needsBackendEndpoints(props: A2AGatewayProps): boolean {
  return props.backendVpcEndpoints ?? !hasWayOut(props);
}

/** What the gateway itself calls. */
export function serviceEndpoints(props: A2AGatewayProps): Service[] {
  const { SECRETS_MANAGER, KMS, BEDROCK_RUNTIME, S3_VECTORS, SQS, STS } = ec2.InterfaceVpcEndpointAwsService;
  const { serviceVpcEndpoints = true, assumableRoleArns = [] } = props;
  const search: Service[] = [
    ['BedrockEndpoint', BEDROCK_RUNTIME],
    ['S3VectorsEndpoint', S3_VECTORS],
  ];
  return [
    ...(serviceVpcEndpoints ? [['SecretsManagerEndpoint', SECRETS_MANAGER] as const] : []),
    ...(serviceVpcEndpoints && needsKmsEndpoint(props) ? [['KmsEndpoint', KMS] as const] : []),
    ...(needsSearchEndpoints(props) ? search : []),
    ...(needsQueueEndpoint(props) ? [['SqsEndpoint', SQS] as const] : []),
    ...(needsBackendEndpoints(props) && assumableRoleArns.length > 0 ? [['StsEndpoint', STS] as const] : []),
  ];
}

/**
 * What agents are called by. The rules on addresses hold for these calls, as they do for a card's own addresses. A
 * function URL has no such endpoint.
 */
export function backendEndpoints(props: A2AGatewayProps): Service[] {
  const { LAMBDA, BEDROCK_AGENTCORE } = ec2.InterfaceVpcEndpointAwsService;
  const { backendFunctions = [], agentRuntimeArns = [] } = props;
  if (!needsBackendEndpoints(props)) return [];
  return [
    ...(backendFunctions.length > 0 ? [['LambdaEndpoint', LAMBDA] as const] : []),
    ...(agentRuntimeArns.length > 0 ? [['AgentCoreEndpoint', BEDROCK_AGENTCORE] as const] : []),
  ];
}

/** Whether functions call APIs of API Gateway, and by the endpoint that is made for callers. */
export function callsApis({ signedApiArns = [], executeApiVpcEndpoint }: A2AGatewayProps): boolean {
  return signedApiArns.length > 0 && executeApiVpcEndpoint === undefined;
}

export function hasBackendSubnets(props: A2AGatewayProps): boolean {
  return callsApis(props) || backendEndpoints(props).length > 0;
}

export function createEndpoint(
  scope: Construct,
  id: string,
  vpc: ec2.IVpc,
  service: ec2.InterfaceVpcEndpointAwsService,
  subnets: ec2.SubnetSelection,
): ec2.InterfaceVpcEndpoint {
  const securityGroup = new ec2.SecurityGroup(scope, `${id}SecurityGroup`, {
    vpc,
    description: `${id} of the A2A gateway`,
    allowAllOutbound: false,
  });
  return new ec2.InterfaceVpcEndpoint(scope, id, {
    vpc,
    service,
    subnets,
    securityGroups: [securityGroup],
    open: false,
    privateDnsEnabled: true,
  });
}

/**
 * How callers reach the API, and functions those of backends: with its private DNS every API of the region is at it, from
 * within the VPC. It keeps the default endpoint policy: with any other, API Gateway takes each Authorization header for an
 * AWS signature and refuses bearer tokens.
 */
export function createCallersEndpoint(
  scope: Construct,
  vpc: ec2.IVpc,
  props: A2AGatewayProps,
  {
    subnets,
    functionSecurityGroup,
  }: { subnets: ec2.SubnetSelection; functionSecurityGroup?: ec2.SecurityGroup },
): ec2.InterfaceVpcEndpoint {
  const { vpcCidr = defaultCidr, callerCidrs = [props.vpc?.vpcCidrBlock ?? vpcCidr] } = props;
  const { APIGATEWAY } = ec2.InterfaceVpcEndpointAwsService;
  const endpoint = createEndpoint(scope, 'ExecuteApiEndpoint', vpc, APIGATEWAY, subnets);
  for (const cidr of callerCidrs) endpoint.connections.allowDefaultPortFrom(ec2.Peer.ipv4(cidr), 'Callers');
  if (functionSecurityGroup !== undefined)
    endpoint.connections.allowDefaultPortFrom(functionSecurityGroup, 'Functions');
  return endpoint;
}

/** DynamoDB holds the registry; to S3 goes the seed function's answer to CloudFormation. */
export function createGatewayEndpoints(
  scope: Construct,
  vpc: ec2.IVpc,
  functionSubnets: ec2.SubnetSelection,
): ec2.GatewayVpcEndpoint[] {
  const { DYNAMODB, S3 } = ec2.GatewayVpcEndpointAwsService;
  return [
    new ec2.GatewayVpcEndpoint(scope, 'DynamoDbEndpoint', {
      vpc,
      service: DYNAMODB,
      subnets: [functionSubnets],
    }),
    new ec2.GatewayVpcEndpoint(scope, 'S3Endpoint', { vpc, service: S3, subnets: [functionSubnets] }),
  ];
}
