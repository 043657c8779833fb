import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import type { A2AGatewayProps } from '../../infra/index.ts';
import { type Synthesis, synthesise, textOf } from './synthesis.ts';
import { apiArn, backends, givenVpc, roleArn } from './variants.ts';

const withNat = synthesise({ endpointType: 'PRIVATE' });
const withoutWayOut = synthesise({ endpointType: 'PRIVATE', natGateways: 0, vpcCidr: '10.9.0.0/16' });

function endpointsOf({ all }: Synthesis): string[] {
  const endpoints = Object.values(all('AWS::EC2::VPCEndpoint')).map(({ Properties }) => Properties);
  return endpoints
    .map(({ ServiceName, VpcEndpointType }) => `${VpcEndpointType} ${textOf(ServiceName).split('.').pop()}`)
    .sort();
}

function environmentOf({ only }: Synthesis): Record<string, unknown> {
  return only('AWS::Lambda::Function', 'GatewayAuthorizer').Environment.Variables;
}

function inbound({ all }: Synthesis): string[] {
  const own = Object.values(all('AWS::EC2::SecurityGroup')).flatMap(
    ({ Properties }) => Properties.SecurityGroupIngress ?? [],
  );
  return own.map(({ CidrIp, FromPort }) => `${textOf(CidrIp)} ${FromPort}`);
}

describe('a private API', () => {
  it('is reached through its endpoint and not otherwise', () => {
    const api = withNat.only('AWS::ApiGateway::RestApi');
    expect(api.EndpointConfiguration).toMatchObject({ Types: ['PRIVATE'] });
    const [allow, deny] = api.Policy.Statement;
    expect(allow).toMatchObject({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'execute-api:Invoke' });
    expect(deny).toMatchObject({ Effect: 'Deny', Action: 'execute-api:Invoke', Resource: 'execute-api:/*' });
    expect(textOf(deny.Condition.StringNotEquals['aws:SourceVpce'])).toMatch(/^<GatewayExecuteApiEndpoint/);
  });

  it('has its functions in private subnets, with no way in', () => {
    for (const { Properties } of Object.values(withNat.all('AWS::Lambda::Function'))) {
      expect(Properties.VpcConfig.SubnetIds.map(textOf)).toEqual([
        expect.stringMatching(/FunctionsSubnet1/),
        expect.stringMatching(/FunctionsSubnet2/),
      ]);
      expect(Properties.VpcConfig.SecurityGroupIds).toHaveLength(1);
    }
    const group = withNat.only('AWS::EC2::SecurityGroup', 'FunctionSecurityGroup');
    expect(group.SecurityGroupIngress).toBeUndefined();
    expect(group.SecurityGroupEgress.map(({ FromPort }: { FromPort: number }) => FromPort)).toEqual([443]);
  });

  it('keeps the default policy of the callers’ endpoint: another would refuse bearer tokens', () => {
    const endpoint = withNat.only('AWS::EC2::VPCEndpoint', 'ExecuteApi');
    expect(endpoint.PolicyDocument).toBeUndefined();
    expect(endpoint.PrivateDnsEnabled).toBe(true);
    expect(inbound(withNat)).toEqual(['10.42.0.0/16 443']);
  });
});

describe('what the functions call', () => {
  it('has a way with NAT: endpoints for AWS, the internet for keys and agents', () => {
    expect(endpointsOf(withNat)).toEqual([
      'Gateway dynamodb',
      'Gateway s3',
      'Interface execute-api',
      'Interface secretsmanager',
    ]);
    expect(Object.keys(withNat.all('AWS::EC2::NatGateway'))).toHaveLength(1);
    expect(environmentOf(withNat)).not.toHaveProperty('A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES');
  });

  it('is reached from the functions’ own subnets, whose routes lead to the NAT gateway', () => {
    const routes = Object.entries(withNat.all('AWS::EC2::Route')).filter(([id]) =>
      id.includes('FunctionsSubnet'),
    );
    expect(routes).toHaveLength(2);
    for (const [, { Properties }] of routes)
      expect(Properties).toMatchObject({
        DestinationCidrBlock: '0.0.0.0/0',
        NatGatewayId: { Ref: expect.stringMatching(/NATGateway/) },
      });
    const tables = routes.map(([, { Properties }]) => Properties.RouteTableId);
    for (const name of ['DynamoDb', 'S3Endpoint'])
      expect(withNat.only('AWS::EC2::VPCEndpoint', name).RouteTableIds).toEqual(tables);
  });

  it('has one without NAT: Cognito’s keys by its endpoint, in subnets of their own that the core lets be called', () => {
    expect(endpointsOf(withoutWayOut)).toContain('Interface cognito-idp');
    const subnets = withoutWayOut.only('AWS::EC2::VPCEndpoint', 'Cognito').SubnetIds.map(textOf);
    expect(subnets.every((id: string) => id.includes('IssuerSubnet'))).toBe(true);
    const ranges = Object.entries(withoutWayOut.all('AWS::EC2::Subnet'))
      .filter(([id]) => id.includes('IssuerSubnet'))
      .map(([, { Properties }]) => Properties.CidrBlock);
    expect(ranges).toHaveLength(2);
    expect(environmentOf(withoutWayOut).A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES).toBe(ranges.join(','));
  });

  it('has one to SQS without NAT, and to Bedrock and S3 Vectors where there is a search', () => {
    const ofSearch = (props: A2AGatewayProps) =>
      endpointsOf(synthesise({ endpointType: 'PRIVATE', natGateways: 0, ...props })).filter((name) =>
        /bedrock-runtime|s3vectors|sqs/.test(name),
      );
    const all = ['Interface bedrock-runtime', 'Interface s3vectors', 'Interface sqs'];
    expect(ofSearch({})).toEqual(all);
    expect(ofSearch({ natGateways: 1 })).toEqual([]);
    expect(ofSearch({ natGateways: 1, searchVpcEndpoints: true })).toEqual(all);
    expect(ofSearch({ search: false })).toEqual(['Interface sqs']);
    expect(ofSearch({ natGateways: 1, search: false })).toEqual([]);
    for (const name of ['Bedrock', 'S3Vectors', 'Sqs']) {
      const group = withoutWayOut.only('AWS::EC2::SecurityGroup', `${name}Endpoint`);
      expect(group.SecurityGroupIngress).toBeUndefined();
      const ingress = withoutWayOut.only('AWS::EC2::SecurityGroupIngress', `${name}Endpoint`);
      expect([ingress.FromPort, textOf(ingress.SourceSecurityGroupId)]).toEqual([
        443,
        expect.stringMatching(/FunctionSecurityGroup/),
      ]);
    }
  });

  it('has no route to the internet without NAT', () => {
    for (const type of ['NatGateway', 'InternetGateway', 'Route'])
      expect(withoutWayOut.all(`AWS::EC2::${type}`)).toEqual({});
  });

  it('may be on other ports, and a way out may be given', () => {
    const given = synthesise({
      endpointType: 'PRIVATE',
      natGateways: 0,
      egress: 'given',
      egressPorts: [443, 8443],
      callerCidrs: ['10.0.0.0/8', '172.16.0.0/12'],
      issuers: [{ issuer: 'https://login.example.com', audiences: ['agents'] }],
    });
    const { SecurityGroupEgress } = given.only('AWS::EC2::SecurityGroup', 'FunctionSecurityGroup');
    expect(SecurityGroupEgress.map(({ FromPort }: { FromPort: number }) => FromPort)).toEqual([443, 8443]);
    expect(inbound(given)).toEqual(['10.0.0.0/8 443', '172.16.0.0/12 443']);
  });

  it('adds the keys’ addresses to those a setting lets be called', () => {
    const { gateway, only } = synthesise({
      endpointType: 'PRIVATE',
      cognitoVpcEndpoint: true,
      settings: { A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES: '10.20.0.0/16' },
    });
    const { Variables } = only('AWS::Lambda::Function', 'GatewayAuthorizer').Environment;
    const cidrs = gateway.network?.issuerCidrs.join(',');
    expect(Variables.A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES).toBe(`10.20.0.0/16,${cidrs}`);
  });
});

describe('backends', () => {
  const isolated = synthesise((stack) => ({
    ...backends(stack),
    endpointType: 'PRIVATE',
    natGateways: 0,
    backendCidrs: ['192.168.0.0/24'],
  }));
  const ofBackends = (props: A2AGatewayProps) =>
    endpointsOf(synthesise((stack) => ({ ...backends(stack), endpointType: 'PRIVATE', ...props }))).filter(
      (name) => /lambda|agentcore|sts/.test(name),
    );
  const rangesOf = ({ all }: Synthesis, group: string) =>
    Object.entries(all('AWS::EC2::Subnet'))
      .filter(([id]) => id.includes(`${group}Subnet`))
      .map(([, { Properties }]) => Properties.CidrBlock);

  it('have endpoints where they are named and there is no way out', () => {
    const all = ['Interface bedrock-agentcore', 'Interface lambda', 'Interface sts'];
    expect(ofBackends({ natGateways: 0 })).toEqual(all);
    expect(ofBackends({})).toEqual([]);
    expect(ofBackends({ backendVpcEndpoints: true })).toEqual(all);
    expect(ofBackends({ natGateways: 0, agentRuntimeArns: [], assumableRoleArns: [] })).toEqual([
      'Interface lambda',
    ]);
    expect(endpointsOf(withoutWayOut).filter((name) => /lambda|agentcore|sts/.test(name))).toEqual([]);
  });

  it('may be called in the subnets of their endpoints and nowhere else, as whoever deploys adds', () => {
    const ranges = rangesOf(isolated, 'Backends');
    expect(ranges).toHaveLength(2);
    const allowed = environmentOf(isolated).A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES;
    expect(allowed).toBe([...rangesOf(isolated, 'Issuer'), ...ranges, '192.168.0.0/24'].join(','));
    for (const [name, group] of [
      ['LambdaEndpoint', 'Backends'],
      ['AgentCoreEndpoint', 'Backends'],
      // By the SDK, which no rule on addresses is for.
      ['StsEndpoint', 'Endpoints'],
    ] as const) {
      const subnets = isolated.only('AWS::EC2::VPCEndpoint', name).SubnetIds.map(textOf);
      expect(
        subnets.every((id: string) => id.includes(`${group}Subnet`)),
        name,
      ).toBe(true);
      const ingress = isolated.only('AWS::EC2::SecurityGroupIngress', name);
      expect([ingress.FromPort, textOf(ingress.SourceSecurityGroupId)]).toEqual([
        443,
        expect.stringMatching(/FunctionSecurityGroup/),
      ]);
    }
  });

  it('behind API Gateway are called by the endpoint of the callers, in any private VPC', () => {
    const given = synthesise({ endpointType: 'PRIVATE', signedApiArns: [apiArn] });
    const subnets = given.only('AWS::EC2::VPCEndpoint', 'ExecuteApi').SubnetIds.map(textOf);
    expect(subnets.every((id: string) => id.includes('BackendsSubnet'))).toBe(true);
    expect(environmentOf(given).A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES).toBe(
      rangesOf(given, 'Backends').join(','),
    );
    const ingress = given.only('AWS::EC2::SecurityGroupIngress', 'ExecuteApi');
    expect(textOf(ingress.SourceSecurityGroupId)).toMatch(/FunctionSecurityGroup/);
  });

  it('change no range of a VPC that is there already', () => {
    const before = synthesise({ endpointType: 'PRIVATE' });
    const after = synthesise({ endpointType: 'PRIVATE', signedApiArns: [apiArn] });
    for (const group of ['Functions', 'Endpoints', 'Public'])
      expect(rangesOf(after, group)).toEqual(rangesOf(before, group));
  });

  it('in a given VPC are called where the functions are', () => {
    const given = synthesise((stack) => ({
      ...backends(stack),
      assumableRoleArns: [roleArn],
      endpointType: 'PRIVATE',
      vpc: givenVpc(stack),
      backendVpcEndpoints: true,
    }));
    expect(environmentOf(given).A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES).toBe('10.1.0.0/24,10.1.1.0/24');
  });
});

describe('a given VPC', () => {
  it('gets endpoints in its private subnets', () => {
    const given = synthesise((stack) => ({ endpointType: 'PRIVATE', vpc: givenVpc(stack) }));
    expect(given.all('AWS::EC2::VPC')).toEqual({});
    expect(endpointsOf(given)).toHaveLength(4);
    expect(given.only('AWS::Lambda::Function', 'GatewaySeed').VpcConfig.SubnetIds).toEqual([
      'subnet-11111111',
      'subnet-22222222',
    ]);
  });

  it('keeps those it has', () => {
    const given = synthesise((stack) => {
      const vpc = givenVpc(stack);
      const vpcSubnets = { subnets: vpc.privateSubnets.slice(0, 1) };
      const executeApiVpcEndpoint = ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(
        stack,
        'Endpoint',
        {
          vpcEndpointId: 'vpce-11111111',
          port: 443,
        },
      );
      return { endpointType: 'PRIVATE', vpc, vpcSubnets, executeApiVpcEndpoint, serviceVpcEndpoints: false };
    });
    expect(endpointsOf(given)).toEqual([]);
    expect(given.only('AWS::Lambda::Function', 'GatewaySeed').VpcConfig.SubnetIds).toEqual([
      'subnet-11111111',
    ]);
    expect(JSON.stringify(given.only('AWS::ApiGateway::RestApi').Policy)).toContain('vpce-11111111');
  });
});
