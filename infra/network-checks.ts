import { Token } from 'aws-cdk-lib';
import ipaddr from 'ipaddr.js';
import { hasWayOut } from './endpoints.ts';
import type { A2AGatewayProps } from './props.ts';

const privateOnly = [
  'vpc',
  'vpcSubnets',
  'vpcCidr',
  'natGateways',
  'egress',
  'egressPorts',
  'executeApiVpcEndpoint',
  'callerCidrs',
  'serviceVpcEndpoints',
  'cognitoVpcEndpoint',
  'searchVpcEndpoints',
  'backendVpcEndpoints',
  'backendCidrs',
] as const satisfies readonly (keyof A2AGatewayProps)[];

/** @throws TypeError for what leaves no way to something the functions need, or needs a VPC and has none */
export function checkNetwork(props: A2AGatewayProps): void {
  if (props.endpointType !== 'PRIVATE') {
    const given = privateOnly.find((name) => props[name] !== undefined);
    if (given !== undefined)
      throw new TypeError(`${given} needs endpointType PRIVATE: else functions are in no VPC`);
    return;
  }
  for (const name of ['vpcCidr', 'natGateways', 'egress'] as const)
    if (props.vpc !== undefined && props[name] !== undefined)
      throw new TypeError(`${name} ${quoted(props[name])} is for the VPC that is made; vpc is given`);
  if (props.vpcSubnets !== undefined && props.vpc === undefined) throw new TypeError('vpcSubnets needs vpc');
  checkWays(props);
  if (props.cognitoVpcEndpoint === true && props.issuers !== undefined)
    throw new TypeError('cognitoVpcEndpoint is for the own pool; issuers are given');
  const wrong = props.egressPorts?.find((port) => !Number.isInteger(port) || port < 1 || port > 65_535);
  if (wrong !== undefined) throw new TypeError(`egressPorts: ${wrong} is no port`);
  const range = props.backendCidrs?.find((cidr) => !Token.isUnresolved(cidr) && !isPrivateRange(cidr));
  if (range !== undefined)
    throw new TypeError(
      `backendCidrs: ${quoted(range)} is no range of private IPv4 addresses; others need no permission`,
    );
}

function checkWays(props: A2AGatewayProps): void {
  const {
    issuers,
    agentRuntimeArns = [],
    backendFunctions = [],
    assumableRoleArns = [],
    signedApiArns = [],
  } = props;
  if (
    signedApiArns.length > 0 &&
    props.executeApiVpcEndpoint !== undefined &&
    props.backendCidrs === undefined
  )
    throw new TypeError(
      'signedApiArns with executeApiVpcEndpoint needs backendCidrs: the addresses of a given endpoint are not known here',
    );
  if (hasWayOut(props)) return;
  const [issuer] = issuers ?? [];
  if (issuer !== undefined)
    throw new TypeError(
      `natGateways 0 leaves no way to the keys of issuer ${quoted(issuer.issuer)}, so every call would be answered 503: ` +
        "keep a NAT gateway, use the own pool, or say egress: 'given' where the VPC gets another way out",
    );
  if (props.cognitoVpcEndpoint === false)
    throw new TypeError(
      'natGateways 0 with cognitoVpcEndpoint false leaves no way to the keys of the own pool',
    );
  if (props.searchVpcEndpoints === false && props.search !== false)
    throw new TypeError(
      'natGateways 0 with searchVpcEndpoints false leaves no way to Bedrock, S3 Vectors and SQS: say search: false',
    );
  const backends = [...agentRuntimeArns, ...backendFunctions, ...assumableRoleArns];
  if (props.backendVpcEndpoints === false && backends.length > 0)
    throw new TypeError(
      'natGateways 0 with backendVpcEndpoints false leaves no way to the backends that are named',
    );
}

/** Whether all of a range is private or shared address space: no loopback, where functions have services of their own. */
function isPrivateRange(text: string): boolean {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return false;
  const ends = [ipaddr.IPv4.networkAddressFromCIDR(text), ipaddr.IPv4.broadcastAddressFromCIDR(text)];
  return ends.every((end) => ['private', 'carrierGradeNat'].includes(end.range()));
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}
