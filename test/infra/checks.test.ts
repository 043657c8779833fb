import { App, Duration, aws_ec2 as ec2, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { A2AGateway, type A2AGatewayProps } from '../../infra/index.ts';
import { bundlesPath } from './synthesis.ts';
import { apiArn, roleArn, runtimeArn } from './variants.ts';

describe('what could not work is refused early', () => {
  const issuers = [{ issuer: 'https://login.example.com', audiences: ['agents'] }];
  const card = 'https://billing.example.com/card.json';

  it.each<[string, A2AGatewayProps, RegExp]>([
    ['environment', { environment: 'Prod!' }, /environment "Prod!"/],
    ['EDGE', { endpointType: 'EDGE' as 'REGIONAL' }, /endpointType "EDGE"/],
    [
      'domain without certificate',
      { domainName: 'a.example' },
      /domainName "a\.example" needs certificateArn/,
    ],
    ['certificate without domain', { certificateArn: 'arn' }, /certificateArn needs domainName/],
    ['base path', { domainName: 'a.example', certificateArn: 'arn', basePath: '/a/' }, /basePath "\/a\/"/],
    ['stage', { stageName: 'v 1' }, /stageName "v 1"/],
    ['public URL', { publicUrl: 'https://a.example/' }, /publicUrl "https:\/\/a\.example\/"/],
    ['public URL in the clear', { publicUrl: 'http://a.example' }, /publicUrl: must be https/],
    ['cache', { authorizerResultsCacheTtl: Duration.hours(2) }, /authorizerResultsCacheTtl 7200 s/],
    ['VPC of a regional API', { natGateways: 1 }, /natGateways needs endpointType PRIVATE/],
    [
      'no way to keys',
      { endpointType: 'PRIVATE', natGateways: 0, issuers },
      /no way to the keys of issuer "https:\/\/login/,
    ],
    [
      'no way to the pool',
      { endpointType: 'PRIVATE', natGateways: 0, cognitoVpcEndpoint: false },
      /own pool/,
    ],
    [
      'no way to the model',
      { endpointType: 'PRIVATE', natGateways: 0, searchVpcEndpoints: false },
      /no way to Bedrock.*search: false/,
    ],
    [
      'endpoints of a regional API',
      { searchVpcEndpoints: true },
      /searchVpcEndpoints needs endpointType PRIVATE/,
    ],
    ['dimensions', { search: { dimensions: 100 as 512 } }, /search\.dimensions 100/],
    ['model', { search: { modelId: 'no model' } }, /search\.modelId "no model"/],
    ['model of then', { search: { formerModelId: '' } }, /search\.formerModelId ""/],
    [
      'setting of the search',
      { settings: { A2A_GATEWAY_SEARCH_EMBEDDER: 'use-lite' } },
      /set by the construct/,
    ],
    ['key of an embedder', { settings: { A2A_GATEWAY_SEARCH_OPENAI_API_KEY: 'a' } }, /set by the construct/],
    [
      'every runtime',
      { agentRuntimeArns: [runtimeArn.replace(/weather.*/, '*')] },
      /agentRuntimeArns: "arn.*\*"/,
    ],
    ['endpoint of a runtime', { agentRuntimeArns: [`${runtimeArn}/runtime-endpoint/a`] }, /agentRuntimeArns/],
    ['every role', { assumableRoleArns: [roleArn.replace('invoker', '*')] }, /assumableRoleArns: "arn.*\*"/],
    ['user', { assumableRoleArns: [roleArn.replace(':role', ':user')] }, /assumableRoleArns/],
    ['every API', { signedApiArns: [apiArn.replace('abc123', '*')] }, /signedApiArns: "arn/],
    [
      'public range',
      { endpointType: 'PRIVATE', backendCidrs: ['8.8.8.0/24'] },
      /backendCidrs: "8\.8\.8\.0\/24"/,
    ],
    [
      'every address',
      { endpointType: 'PRIVATE', backendCidrs: ['0.0.0.0/0'] },
      /backendCidrs: "0\.0\.0\.0\/0"/,
    ],
    ['loopback', { endpointType: 'PRIVATE', backendCidrs: ['127.0.0.1/32'] }, /backendCidrs/],
    ['metadata', { endpointType: 'PRIVATE', backendCidrs: ['169.254.169.254/32'] }, /backendCidrs/],
    ['range that reaches beyond', { endpointType: 'PRIVATE', backendCidrs: ['10.0.0.0/7'] }, /backendCidrs/],
    ['address without a range', { endpointType: 'PRIVATE', backendCidrs: ['10.0.0.1'] }, /backendCidrs/],
    ['range of a regional API', { backendCidrs: ['10.0.0.0/8'] }, /backendCidrs needs endpointType PRIVATE/],
    [
      'no way to backends',
      { endpointType: 'PRIVATE', natGateways: 0, backendVpcEndpoints: false, agentRuntimeArns: [runtimeArn] },
      /no way to the backends/,
    ],
    [
      'password of a proxy',
      { settings: { A2A_GATEWAY_UPSTREAM_PROXY_URL: 'http://gateway:let-me-out@proxy.example' } },
      /^settings: A2A_GATEWAY_UPSTREAM_PROXY_URL has a password in it, and templates can be read$/,
    ],
    ['port', { endpointType: 'PRIVATE', egressPorts: [0] }, /egressPorts: 0/],
    ['client without scopes', { clients: [{ name: 'a', scopes: [] }] }, /clients: "a" has no scopes/],
    ['client’s scope', { clients: [{ name: 'a', scopes: ['b'] }] }, /"a" asks for "b"/],
    ['no clients', { clients: [] }, /clients is empty/],
    [
      'issuer without audience',
      { issuers: [{ issuer: 'https://login.example.com' }] },
      /needs audiences or clientIds/,
    ],
    ['issuers none', { issuers: [] }, /issuers/],
    ['unknown setting', { settings: { A2A_GATEWAY_NONE: '1' } }, /"A2A_GATEWAY_NONE" is no setting/],
    ['secret setting', { settings: { A2A_GATEWAY_SECRET_KEY: 'a' } }, /is a secret/],
    ['own setting', { settings: { A2A_GATEWAY_STORE: 'sqlite' } }, /set by the construct/],
    ['wrong setting', { settings: { A2A_GATEWAY_LIMITS_MAX_BODY_BYTES: 'many' } }, /limits\.maxBodyBytes/],
    ['wrong origin', { corsAllowOrigins: ['one.example'] }, /must be an origin/],
    [
      'too many settings',
      { issuers: [{ issuer: 'https://a.example', audiences: ['a'.repeat(5000)] }] },
      /4096/,
    ],
    ['agent id', { agents: [{ agentId: 'Billing', agentCardUrl: card }] }, /"Billing" is no agent id/],
    [
      'agent twice',
      { agents: [1, 2].map(() => ({ agentId: 'a', agentCardUrl: card })) },
      /"a" is there twice/,
    ],
    ['card URL', { agents: [{ agentId: 'a', agentCardUrl: 'card.json' }] }, /agentCardUrl "card\.json"/],
    ['no card URL', { agents: [{ agentId: 'a' }] }, /"a": agentCardUrl/],
    [
      'kind',
      { agents: [{ agentId: 'a', agentCardUrl: card, authConfig: { type: 'magic' } }] },
      /"a": authConfig/,
    ],
    ['place', { agents: [{ agentId: 'a', agentCardUrl: card, backend: { type: 'moon' } }] }, /"a": backend/],
    [
      'deadline',
      { agents: [{ agentId: 'a', agentCardUrl: card, deadlines: { idleTimeoutMs: 0 } }] },
      /deadlines\.idle/,
    ],
    ['pattern', { permissions: [{ scope: 'a', allowedAgents: ['A'] }] }, /"A" is no agent id/],
    ['scope', { permissions: [{ scope: 'a b', allowedAgents: [] }] }, /"a b" is no scope/],
  ])('%s', (_, props, message) => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Test');
    expect(() => new A2AGateway(stack, 'Gateway', { bundlesPath, ...props })).toThrow(message);
  });

  it('a given endpoint for APIs of backends, whose addresses are not known', () => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Test');
    const executeApiVpcEndpoint = ec2.InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(
      stack,
      'Endpoint',
      {
        vpcEndpointId: 'vpce-11111111',
        port: 443,
      },
    );
    const props = {
      endpointType: 'PRIVATE',
      signedApiArns: [apiArn],
      executeApiVpcEndpoint,
      bundlesPath,
    } as const;
    expect(() => new A2AGateway(stack, 'Gateway', props)).toThrow(/needs backendCidrs/);
  });

  it.each([{}, { scopes: [] }])('a secret in the place of its name, and does not repeat it', (members) => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Test');
    const tokenUrl = 'https://login.example.com/token';
    const clientSecret = 'the-secret-itself';
    const authConfig = {
      type: 'oauth2_client_credentials',
      tokenUrl,
      clientId: 'a',
      clientSecret,
      ...members,
    };
    const agents = [{ agentId: 'a', agentCardUrl: card, authConfig }];
    const make = () => new A2AGateway(stack, 'Gateway', { bundlesPath, agents });
    expect(make).toThrow(/"a": clientSecret must be a secret of Secrets Manager/);
    expect(make).not.toThrow(/the-secret-itself/);
  });
});
