import { aws_ec2 as ec2, type aws_kms as kms } from 'aws-cdk-lib';
import type { Construct, IDependable } from 'constructs';
import {
  backendEndpoints,
  callsApis,
  createCallersEndpoint,
  createEndpoint,
  createGatewayEndpoints,
  defaultCidr,
  hasBackendSubnets,
  needsCognitoEndpoint,
  serviceEndpoints,
} from './endpoints.ts';
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
  /** The same, because backends are there or the endpoints they are reached by. */
  readonly backendCidrs: readonly string[];
  /** What must be there before a function can do its work. */
  readonly ways: readonly IDependable[];
}

/** Subnets of the VPC that is made. */
const functions = 'Functions';
const endpoints = 'Endpoints';
const issuer = 'Issuer';
const backends = 'Backends';

/** Undefined for a regional gateway: its functions are in no VPC, and reach every public address. */
export function createNetwork(
  scope: Construct,
  props: A2AGatewayProps,
  key: kms.IKey | undefined,
): Network | undefined {
  if (props.endpointType !== 'PRIVATE') return undefined;
  const vpc = props.vpc ?? createVpc(scope, props, key);
  const subnets = subnetsOf(props);
  const functionSecurityGroup = createFunctionSecurityGroup(scope, vpc, props);
  const ways: IDependable[] = [];
  const at = (id: string, service: ec2.InterfaceVpcEndpointAwsService, selection: ec2.SubnetSelection) => {
    const endpoint = createEndpoint(scope, id, vpc, service, selection);
    endpoint.connections.allowDefaultPortFrom(functionSecurityGroup, 'Functions');
    ways.push(endpoint);
  };
  for (const [id, service] of serviceEndpoints(props)) at(id, service, subnets.endpoints);
  if (props.serviceVpcEndpoints ?? true) ways.push(...createGatewayEndpoints(scope, vpc, subnets.functions));
  const hasIssuer = needsCognitoEndpoint(props);
  if (hasIssuer) at('CognitoEndpoint', ec2.InterfaceVpcEndpointAwsService.COGNITO_IDP, subnets.issuer);
  for (const [id, service] of backendEndpoints(props)) at(id, service, subnets.backends);
  const { executeApiVpcEndpoint, backendCidrs = [] } = props;
  const callers = callsApis(props)
    ? { functionSecurityGroup, subnets: subnets.backends }
    : { subnets: subnets.endpoints };
  return {
    vpc,
    functionSubnets: subnets.functions,
    functionSecurityGroup,
    executeApiEndpoint: executeApiVpcEndpoint ?? createCallersEndpoint(scope, vpc, props, callers),
    issuerCidrs: hasIssuer ? cidrsOf(vpc, subnets.issuer, 'cognitoVpcEndpoint') : [],
    backendCidrs: [
      ...(hasBackendSubnets(props) ? cidrsOf(vpc, subnets.backends, 'backendVpcEndpoints') : []),
      ...backendCidrs,
    ],
    ways,
  };
}

/** In a given VPC all is where the functions are. */
function subnetsOf({
  vpc,
  vpcSubnets = { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
}: A2AGatewayProps): Readonly<
  Record<'functions' | 'endpoints' | 'issuer' | 'backends', ec2.SubnetSelection>
> {
  const at = (subnetGroupName: string) => (vpc === undefined ? { subnetGroupName } : vpcSubnets);
  return { functions: at(functions), endpoints: at(endpoints), issuer: at(issuer), backends: at(backends) };
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
      // Of its own as the issuer's; last, so that a VPC that is there already keeps the others' ranges.
      ...(hasBackendSubnets(props) ? [{ name: backends, subnetType: isolated, cidrMask: 28 }] : []),
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

function cidrsOf(vpc: ec2.IVpc, selection: ec2.SubnetSelection, property: string): string[] {
  try {
    return vpc.selectSubnets(selection).subnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock);
  } catch (cause) {
    throw new TypeError(
      `${property} needs a vpc whose subnets have known ranges: the functions are let call addresses in them`,
      { cause },
    );
  }
}
