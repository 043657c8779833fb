import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { contextSchema, propsOfContext } from '../../infra/context.ts';
import { A2AGatewayStack } from '../../infra/index.ts';
import { bundlesPath, textOf } from './synthesis.ts';
import { apiArn, clientSecretArn, roleArn, runtimeArn } from './variants.ts';

function propsOf(context: Record<string, unknown>) {
  return propsOfContext(new Stack(new App({ analyticsReporting: false, context }), 'Test'));
}

describe('the app’s context', () => {
  it('may be empty', () => {
    expect(propsOf({})).toEqual({});
  });

  it('is text on the command line', () => {
    const props = propsOf({
      environment: 'staging',
      issuer: 'https://login.example.com',
      audiences: '["agents"]',
      corsAllowOrigins: '["https://console.example.com"]',
      natGateways: '0',
      endpointType: 'PRIVATE',
      waf: 'true',
      removalPolicy: 'destroy',
      settings: '{"A2A_GATEWAY_LIMITS_MAX_BODY_BYTES":"2048"}',
      search: '{"dimensions":1024}',
    });
    expect(props).toEqual({
      environment: 'staging',
      issuers: [{ issuer: 'https://login.example.com', audiences: ['agents'] }],
      corsAllowOrigins: ['https://console.example.com'],
      natGateways: 0,
      endpointType: 'PRIVATE',
      waf: true,
      removalPolicy: RemovalPolicy.DESTROY,
      settings: { A2A_GATEWAY_LIMITS_MAX_BODY_BYTES: '2048' },
      search: { dimensions: 1024 },
    });
    expect(propsOf({ search: 'false' })).toEqual({ search: false });
  });

  it('is the thing itself in cdk.json, with secrets by their ARN', () => {
    const authConfig = {
      type: 'oauth2_client_credentials',
      tokenUrl: 'https://login.example.com/token',
      clientId: 'gateway',
      clientSecretArn,
    };
    const { agents, clients, hostedZone } = propsOf({
      clients: [{ name: 'alice', scopes: ['gateway:register'] }],
      agents: [{ agentId: 'billing', agentCardUrl: 'https://billing.example.com/card.json', authConfig }],
      hostedZoneId: 'Z1',
      hostedZoneName: 'example.com',
    });
    expect(clients).toEqual([{ name: 'alice', scopes: ['gateway:register'] }]);
    expect(hostedZone?.zoneName).toBe('example.com');
    const [billing] = agents ?? [];
    expect(billing?.authConfig).not.toHaveProperty('clientSecretArn');
    expect(billing?.authConfig).toMatchObject({ clientSecret: { secretArn: clientSecretArn } });
  });

  it('names backends, and agents of any kind with what they need', () => {
    const functionArn = 'arn:aws:lambda:eu-central-1:111111111111:function:planner';
    const backend = { type: 'http', urls: [{ url: 'https://a.example.com', weight: 2 }] };
    const authConfig = { type: 'any', roleArn, beside: { privateKeyArn: clientSecretArn } };
    const seed = { agentId: 'a', backend, authConfig, deadlines: { idleTimeoutMs: 9 }, limits: {} };
    const { backendFunctions, agents, ...props } = propsOf({
      agentRuntimeArns: JSON.stringify([runtimeArn]),
      backendFunctionArns: JSON.stringify([functionArn]),
      assumableRoleArns: JSON.stringify([roleArn]),
      signedApiArns: JSON.stringify([apiArn]),
      authenticatedCards: 'true',
      backendCidrs: '["10.0.0.0/8"]',
      agents: JSON.stringify([seed]),
    });
    expect(props).toEqual({
      agentRuntimeArns: [runtimeArn],
      assumableRoleArns: [roleArn],
      signedApiArns: [apiArn],
      authenticatedCards: true,
      backendCidrs: ['10.0.0.0/8'],
    });
    expect(backendFunctions?.map((each) => each.functionArn)).toEqual([functionArn]);
    // Of an ARN only a secret's stands for something else.
    const beside = { privateKey: expect.objectContaining({ secretArn: clientSecretArn }) };
    expect(agents).toEqual([{ ...seed, authConfig: { type: 'any', roleArn, beside } }]);
  });

  it.each([
    [{ clients: '[{"name":"a"}]' }, /context clients/],
    [{ clients: 'alice' }, /"alice" is no JSON/],
    [{ endpointType: 'EDGE' }, /context endpointType/],
    [{ search: 'true' }, /context search/],
    [{ search: '{"dimensions":100}' }, /context search/],
    [{ search: '{"model":"a"}' }, /context search/],
    [{ hostedZoneId: 'Z1' }, /hostedZoneName/],
    [{ issuer: 'https://a.example', issuers: '[]' }, /issuers are given too/],
  ])('refuses %j', (context, message) => {
    expect(() => propsOf(context)).toThrow(message);
  });

  it('is documented, every value', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/aws-stack.md'), 'utf8');
    for (const name of Object.keys(contextSchema.shape)) expect(text).toContain(`\`${name}\``);
  });
});

describe('the stack', () => {
  it('says how to reach the gateway, and no secret', () => {
    process.env.CDK_VALIDATION = 'false';
    const app = new App({ analyticsReporting: false });
    const stack = new A2AGatewayStack(app, 'Test', { gateway: { bundlesPath } });
    const { Outputs } = app.synth().getStackByName(stack.stackName).template;
    const outputs = Object.entries(Outputs as Record<string, { Value: unknown }>);
    const texts = Object.fromEntries(outputs.map(([name, { Value }]) => [name, textOf(Value)]));
    expect(Object.keys(texts)).toEqual([
      'Url',
      'Issuer',
      'TokenEndpoint',
      'UserPoolId',
      'ClientIds',
      'ApiId',
      'TableName',
      'VectorBucketName',
      'DashboardUrl',
    ]);
    expect(texts.Url).toMatch(
      /^https:\/\/<GatewayApi\w+>\.execute-api\.<AWS::Region>\.<AWS::URLSuffix>\/v1$/,
    );
    expect(texts.TokenEndpoint).toMatch(/\.auth\.<AWS::Region>\.amazoncognito\.com\/oauth2\/token$/);
    expect(JSON.stringify(Outputs)).not.toMatch(/secret/i);
  });
});

describe('the properties', () => {
  it('are documented, every one', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/aws-stack.md'), 'utf8');
    const source = readFileSync(join(import.meta.dirname, '../../infra/props.ts'), 'utf8');
    const gatewayProps = source.slice(source.indexOf('interface EndpointProps'));
    const names = [...gatewayProps.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(45);
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });
});
