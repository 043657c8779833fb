import { aws_ec2 as ec2, type aws_kms as kms } from 'aws-cdk-lib';
import type { Construct, IDependable } from 'constructs';
import { createFlowLog } from './flow-log.ts';
import { createLogGroup } from './logs.ts';
import type { A2AGatewayProps } from './props.ts';

/** Where the functions of a private gateway are, and how they reach what they call. */
export interface Network {
  readonly vpc: ec2.IVpc;
  readonly functionSubnets: ec2.SubnetSelection;
  readonly functionSecurityGroup: ec2.SecurityGroup;
  /** The only way to the API. */
  readonly executeApiEndpoint: ec2.IVpcEndpoint;
  /** Private address ranges the functions must be let call, because an issuer's keys are there. */
  readonly issuerCidrs: readonly string[];
  /** What must be there before a function can do its work. */
  readonly ways: readonly IDependable[];
}

const defaultCidr = '10.42.0.0/16';

/** Subnets of the VPC that is made. */
const functions = 'Functions';
const endpoints = 'Endpoints';
const issuer = 'Issuer';

/** Undefined for a regional gateway: its functions are in no VPC, and reach every public address. */
export function createNetwork(
  scope: Construct,
  props: A2AGatewayProps,
  key: kms.IKey | undefined,
): Network | undefined {
  if (props.endpointType !== 'PRIVATE') return undefined;
  const vpc = props.vpc ?? createVpc(scope, props, key);
  const isOwn = props.vpc === undefined;
  const functionSubnets = isOwn
    ? { subnetGroupName: functions }
    : (props.vpcSubnets ?? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS });
  const endpointSubnets = isOwn ? { subnetGroupName: endpoints } : functionSubnets;
  const functionSecurityGroup = createFunctionSecurityGroup(scope, vpc, props);
  const ways: IDependable[] = [];
  const at = (id: string, service: ec2.InterfaceVpcEndpointAwsService, subnets: ec2.SubnetSelection) => {
    const endpoint = createEndpoint(scope, id, vpc, service, subnets);
    endpoint.connections.allowDefaultPortFrom(functionSecurityGroup, 'Functions');
    ways.push(endpoint);
  };
  if (props.serviceVpcEndpoints ?? true) {
    at('SecretsManagerEndpoint', ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER, endpointSubnets);
    ways.push(...createGatewayEndpoints(scope, vpc, functionSubnets));
  }
  if (needsSearchEndpoints(props)) {
    const { BEDROCK_RUNTIME, S3_VECTORS, SQS } = ec2.InterfaceVpcEndpointAwsService;
    at('BedrockEndpoint', BEDROCK_RUNTIME, endpointSubnets);
    at('S3VectorsEndpoint', S3_VECTORS, endpointSubnets);
    at('SqsEndpoint', SQS, endpointSubnets);
  }
  const issuerSubnets = isOwn ? { subnetGroupName: issuer } : functionSubnets;
  const hasIssuer = needsCognitoEndpoint(props);
  if (hasIssuer) at('CognitoEndpoint', ec2.InterfaceVpcEndpointAwsService.COGNITO_IDP, issuerSubnets);
  return {
    vpc,
    functionSubnets,
    functionSecurityGroup,
    executeApiEndpoint:
      props.executeApiVpcEndpoint ?? createCallersEndpoint(scope, vpc, endpointSubnets, props),
    issuerCidrs: hasIssuer ? cidrsOf(vpc, issuerSubnets) : [],
    ways,
  };
}

/** Whether a VPC that is made has a route to the internet or is said to get one. */
export function hasWayOut({ vpc, natGateways = 1, egress }: A2AGatewayProps): boolean {
  return vpc !== undefined || natGateways > 0 || egress === 'given';
}

/** Where there is a way out the keys come by it: in every region, and with no private address to be let through. */
function needsCognitoEndpoint(props: A2AGatewayProps): boolean {
  return props.issuers === undefined && (props.cognitoVpcEndpoint ?? !hasWayOut(props));
}

/** By a way out they cost nothing more. Lambda itself reads stream and queue, from outside the VPC. */
function needsSearchEndpoints(props: A2AGatewayProps): boolean {
  return props.search !== false && (props.searchVpcEndpoints ?? !hasWayOut(props));
}

function createVpc(scope: Construct, props: A2AGatewayProps, key: kms.IKey | undefined): ec2.IVpc {
  const { natGateways = 1, vpcCidr = defaultCidr } = props;
  const isolated = ec2.SubnetType.PRIVATE_ISOLATED;
  const made = new ec2.Vpc(scope, 'Vpc', {
    ipAddresses: ec2.IpAddresses.cidr(vpcCidr),
    maxAzs: 2,
    natGateways,
    // Closing it takes a function with wildcard permissions. Nothing here uses that group.
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      {
        name: functions,
        subnetType: natGateways > 0 ? ec2.SubnetType.PRIVATE_WITH_EGRESS : isolated,
        cidrMask: 22,
      },
      { name: endpoints, subnetType: isolated, cidrMask: 26 },
      // Of its own, because functions are let call every address in it.
      ...(needsCognitoEndpoint(props) ? [{ name: issuer, subnetType: isolated, cidrMask: 28 }] : []),
      ...(natGateways > 0
        ? [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 26, mapPublicIpOnLaunch: false }]
        : []),
    ],
  });
  // It is one; the CDK's types are not written for exactOptionalPropertyTypes.
  const vpc = made as ec2.IVpc;
  createFlowLog(scope, vpc, createLogGroup(scope, 'FlowLogs', props, key));
  return vpc;
}

function createFunctionSecurityGroup(
  scope: Construct,
  vpc: ec2.IVpc,
  { egressPorts = [443] }: A2AGatewayProps,
): ec2.SecurityGroup {
  const group = new ec2.SecurityGroup(scope, 'FunctionSecurityGroup', {
    vpc,
    description: 'Functions of the A2A gateway: out only',
    allowAllOutbound: false,
  });
  // To any address: agents and issuers are anywhere, gateway endpoints have public ones. Routes and the gateway's own
  // rules on addresses say what can be reached.
  for (const port of new Set([443, ...egressPorts]))
    group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port), 'Agents, issuers, services of AWS');
  return group;
}

function createEndpoint(
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
 * How callers reach the API. It keeps the default endpoint policy: with any other, API Gateway takes each Authorization
 * header for an AWS signature and refuses bearer tokens.
 */
function createCallersEndpoint(
  scope: Construct,
  vpc: ec2.IVpc,
  subnets: ec2.SubnetSelection,
  props: A2AGatewayProps,
): ec2.InterfaceVpcEndpoint {
  const { vpcCidr = defaultCidr, callerCidrs = [props.vpc?.vpcCidrBlock ?? vpcCidr] } = props;
  const endpoint = createEndpoint(
    scope,
    'ExecuteApiEndpoint',
    vpc,
    ec2.InterfaceVpcEndpointAwsService.APIGATEWAY,
    subnets,
  );
  for (const cidr of callerCidrs) endpoint.connections.allowDefaultPortFrom(ec2.Peer.ipv4(cidr), 'Callers');
  return endpoint;
}

/** DynamoDB holds the registry; to S3 goes the seed function's answer to CloudFormation. */
function createGatewayEndpoints(
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

function cidrsOf(vpc: ec2.IVpc, selection: ec2.SubnetSelection): string[] {
  try {
    return vpc.selectSubnets(selection).subnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock);
  } catch (cause) {
    throw new TypeError(
      'cognitoVpcEndpoint needs a vpc whose subnets have known ranges: the functions are let call addresses in them',
      { cause },
    );
  }
}
