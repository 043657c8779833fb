import { App, Duration, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { A2AGateway, type A2AGatewayProps } from '../../infra/index.ts';
import { bundlesPath } from './synthesis.ts';

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
    ['pattern', { permissions: [{ scope: 'a', allowedAgents: ['A'] }] }, /"A" is no agent id/],
    ['scope', { permissions: [{ scope: 'a b', allowedAgents: [] }] }, /"a b" is no scope/],
  ])('%s', (_, props, message) => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Test');
    expect(() => new A2AGateway(stack, 'Gateway', { bundlesPath, ...props })).toThrow(message);
  });
});
