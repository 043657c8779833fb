import { Duration } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../src/failure.ts';
import { routes } from '../../src/http/routes.ts';
import { restErrorBody } from '../../src/protocol/errors.ts';
import { operations } from '../../src/protocol/operations.ts';
import { edgeRoutes } from '../../src/runtimes/lambda/edge-routes.ts';
import { type Synthesis, synthesise, textOf } from './synthesis.ts';

interface Method {
  verb: string;
  path: string;
  authorization: string;
  handler: string;
  mode: string;
  timeoutMs: number;
}

/** The methods of a template, each with its whole path. */
function methodsOf({ all }: Synthesis): Method[] {
  const resources = all('AWS::ApiGateway::Resource');
  const pathOf = (id: string): string => {
    const resource = resources[id]?.Properties;
    return resource === undefined ? '' : `${pathOf(resource.ParentId.Ref ?? '')}/${resource.PathPart}`;
  };
  return Object.values(all('AWS::ApiGateway::Method')).map(({ Properties: method }) => ({
    verb: method.HttpMethod,
    path: pathOf(method.ResourceId.Ref),
    authorization: method.AuthorizationType,
    handler: textOf(method.Integration.Uri).replace(/^.*<Gateway(\w+?)[0-9A-F]{8}\.Arn>.*$/, '$1'),
    mode: method.Integration.ResponseTransferMode,
    timeoutMs: method.Integration.TimeoutInMillis,
  }));
}

const standard = synthesise();
const crossOrigin = synthesise({ corsAllowOrigins: ['https://one.example'] });
const methods = methodsOf(standard);

/** As a caller says it, so that it can be compared with the core's table, which is written otherwise. */
function calls(path: string, verbs: readonly string[]): string[] {
  return verbs.map((verb) => `${verb} ${path.replace(/\{(\w+)(?:\.\.\.|\+)\}$/, '{$1+}')}`);
}

describe('the methods of the API', () => {
  const bindingVerbs = [
    ...new Set(operations.flatMap(({ rest }) => [rest.method, ...(rest.alsoMethods ?? [])])),
  ];
  const rows = routes.filter(({ path }) => !path.endsWith('/'));

  it('are the routes of the core, all of them and nothing else', () => {
    const expected = rows.flatMap(({ method, path }) =>
      calls(path, method === 'ALL' ? bindingVerbs : [method]),
    );
    const found = methods.flatMap(({ verb, path }) => calls(path, [verb]));
    expect(found.sort()).toEqual(expected.sort());
  });

  it('miss no route that only differs by a slash at its end', () => {
    const known = new Set(rows.map(({ method, path }) => `${method} ${path}`));
    for (const { method, path } of routes) expect(known).toContain(`${method} ${path.replace(/\/$/, '')}`);
  });

  it.each(rows)('send $method $path to the function it belongs to', ({ method, path, access }) => {
    const [first = ''] = calls(path, method === 'ALL' ? bindingVerbs : [method]);
    const found = methods.find(({ verb, path: own }) => calls(own, [verb])[0] === first);
    const isForCore = path.endsWith('agent-card.json') || path === '/push/{pushId}';
    expect(found).toMatchObject({
      authorization: access === 'anyone' || isForCore ? 'NONE' : 'CUSTOM',
      ...(access === 'own'
        ? { handler: 'DataPlane', mode: 'STREAM', timeoutMs: 900_000 }
        : { handler: 'Management', mode: 'BUFFERED', timeoutMs: 29_000 }),
    });
  });

  it('name the streaming address of the function where the answer is a stream', () => {
    for (const { Properties } of Object.values(standard.all('AWS::ApiGateway::Method'))) {
      const { Uri, ResponseTransferMode } = Properties.Integration;
      const ending = ResponseTransferMode === 'STREAM' ? '/response-streaming-invocations' : '/invocations';
      expect(textOf(Uri).endsWith(ending)).toBe(true);
      expect(textOf(Uri)).toContain(
        ResponseTransferMode === 'STREAM' ? 'path/2021-11-15/functions/' : 'path/2015-03-31/functions/',
      );
    }
  });

  it('take a token wherever the authorizer has a rule, and the agents below', () => {
    const ruled = edgeRoutes.filter(({ path }) => !path.endsWith('/') && !path.endsWith('agent-card.json'));
    const withToken = methods.filter(({ authorization }) => authorization === 'CUSTOM');
    for (const { method, path } of ruled)
      expect(withToken).toContainEqual(expect.objectContaining({ verb: method, path }));
    expect(withToken.filter(({ handler }) => handler === 'DataPlane').map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/agents/{agentId}', '/agents/{agentId}/{operation+}']),
    );
  });

  it('spell their verbs and need two permissions only, for the one stage', () => {
    expect(methods.map(({ verb }) => verb)).not.toContain('ANY');
    const permissions = Object.values(standard.all('AWS::Lambda::Permission')).map(
      ({ Properties }) => Properties,
    );
    const ofMethods = permissions.filter(({ SourceAccount }) => SourceAccount !== undefined);
    expect(permissions).toHaveLength(7);
    expect(ofMethods).toHaveLength(2);
    for (const { SourceArn } of ofMethods)
      expect(textOf(SourceArn)).toMatch(/<GatewayApi\w+>\/<GatewayApiDeploymentStagev1\w+>\/\*\/\*$/);
  });

  it('move with the setting of the agents’ path', () => {
    const moved = methodsOf(synthesise({ settings: { A2A_GATEWAY_AGENTS_PATH: '/a2a/v1' } })).map(
      ({ path }) => path,
    );
    expect(moved).toContain('/a2a/v1/{agentId}/{operation+}');
    expect(moved).toContain('/.well-known/oauth-protected-resource/a2a/v1/{agentId}');
    expect(moved).toContain('/admin/agents');
    expect(moved.filter((path) => path.startsWith('/agents'))).toEqual([]);
  });
});

describe('the authorizer', () => {
  it('is asked with the Authorization header and kept for a minute', () => {
    expect(standard.only('AWS::ApiGateway::Authorizer')).toMatchObject({
      Type: 'REQUEST',
      IdentitySource: 'method.request.header.Authorization',
      AuthorizerResultTtlInSeconds: 60,
    });
  });

  it('is kept as long as the property says', () => {
    const { only } = synthesise({ authorizerResultsCacheTtl: Duration.seconds(0) });
    expect(only('AWS::ApiGateway::Authorizer').AuthorizerResultTtlInSeconds).toBe(0);
  });
});

describe('preflights', () => {
  it('have no method where no origin is listed', () => {
    expect(methods.filter(({ verb }) => verb === 'OPTIONS')).toEqual([]);
  });

  it('reach the core on every resource, without a token', () => {
    const found = methodsOf(crossOrigin);
    const paths = new Set(found.map(({ path }) => path));
    const preflights = found.filter(({ verb }) => verb === 'OPTIONS');
    expect(new Set(preflights.map(({ path }) => path))).toEqual(paths);
    for (const preflight of preflights)
      expect(preflight).toMatchObject({ authorization: 'NONE', handler: 'Management', mode: 'BUFFERED' });
  });
});

describe('answers of API Gateway itself', () => {
  const responsesOf = ({ all }: Synthesis) =>
    new Map(
      Object.values(all('AWS::ApiGateway::GatewayResponse')).map(({ Properties }) => [
        Properties.ResponseType as string,
        Properties,
      ]),
    );
  const responses = responsesOf(standard);
  const bodyOf = (type: string) => responses.get(type)?.ResponseTemplates['application/json'];

  it.each([...responses.keys()])('%s have the shape, status and headers of the core’s', (type) => {
    const { StatusCode, ResponseParameters, ResponseTemplates } = responses.get(type) ?? {};
    const body = JSON.parse(ResponseTemplates['application/json']);
    expect(Object.keys(ResponseTemplates)).toEqual(['application/json']);
    expect(body.error.code).toBe(Number(StatusCode));
    expect(Object.keys(body.error)).toEqual(['code', 'status', 'message', 'details']);
    expect(body.error.details[0]).toMatchObject({
      domain: 'a2a-gateway',
      reason: expect.stringMatching(/^[A-Z_]+$/),
    });
    expect(ResponseParameters).toMatchObject({
      'gatewayresponse.header.x-request-id': 'context.requestId',
      'gatewayresponse.header.cache-control': "'no-store'",
    });
    expect(ResponseParameters).not.toHaveProperty('gatewayresponse.header.access-control-allow-origin');
  });

  it.each([
    ['UNAUTHORIZED', { code: 'token_missing' }],
    ['ACCESS_DENIED', { code: 'agent_forbidden' }],
    ['MISSING_AUTHENTICATION_TOKEN', { code: 'route_not_found' }],
    ['RESOURCE_NOT_FOUND', { code: 'route_not_found' }],
    ['AUTHORIZER_FAILURE', { code: 'issuer_unavailable' }],
    ['AUTHORIZER_CONFIGURATION_ERROR', { code: 'issuer_unavailable' }],
    ['INTEGRATION_TIMEOUT', { code: 'upstream_timeout', phase: 'deadline' }],
    ['UNSUPPORTED_MEDIA_TYPE', { code: 'media_type_unsupported', expected: 'application/json' }],
    ['REQUEST_TOO_LARGE', { code: 'body_too_large', maxBodyBytes: 6 * 1024 * 1024 }],
    ['DEFAULT_5XX', { code: 'internal' }],
  ] as const)('%s are the core’s, byte for byte', (type, failure) => {
    expect(bodyOf(type)).toBe(restErrorBody(failure));
    expect(Number(responses.get(type)?.StatusCode)).toBe(factsOf(failure.code).httpStatus);
  });

  it('say REQUEST_THROTTLED and when to come again', () => {
    for (const type of ['THROTTLED', 'QUOTA_EXCEEDED']) {
      expect(bodyOf(type)).toBe(restErrorBody({ code: 'request_throttled' }));
      expect(responses.get(type)?.ResponseParameters['gatewayresponse.header.retry-after']).toBe("'1'");
    }
  });

  it('name the resource metadata where a token is missing', () => {
    const { ResponseParameters } = responses.get('UNAUTHORIZED') ?? {};
    expect(textOf(ResponseParameters['gatewayresponse.header.www-authenticate'])).toMatch(
      /^'Bearer resource_metadata="https:\/\/<GatewayApi\w+>\.execute-api\.<AWS::Region>\.<AWS::URLSuffix>\/v1\/\.well-known\/oauth-protected-resource"'$/,
    );
  });

  it('may be read by the one origin that is listed, and by any where there are several', () => {
    const header = 'gatewayresponse.header.access-control-allow-origin';
    for (const { ResponseParameters } of responsesOf(crossOrigin).values())
      expect(ResponseParameters[header]).toBe("'https://one.example'");
    const several = synthesise({ corsAllowOrigins: ['https://one.example', 'https://two.example'] });
    for (const { ResponseParameters } of responsesOf(several).values())
      expect(ResponseParameters[header]).toBe("'*'");
  });
});

describe('the stage', () => {
  const stage = standard.only('AWS::ApiGateway::Stage');

  it('throttles, traces, and logs who called what, without headers and queries', () => {
    expect(stage).toMatchObject({ StageName: 'v1', TracingEnabled: true });
    expect(stage.MethodSettings).toEqual([
      {
        HttpMethod: '*',
        ResourcePath: '/*',
        DataTraceEnabled: false,
        LoggingLevel: 'OFF',
        ThrottlingRateLimit: 500,
        ThrottlingBurstLimit: 1000,
      },
    ]);
    const line = JSON.parse(stage.AccessLogSetting.Format);
    expect(line).toMatchObject({
      principalId: '$context.authorizer.principalId',
      issuer: '$context.authorizer.issuer',
      clientId: '$context.authorizer.clientId',
      path: '$context.path',
      wafStatus: '$context.waf.status',
      timeToFirstContentMs: '$context.integration.timeToFirstContent',
    });
    expect(stage.AccessLogSetting.Format).not.toMatch(/header|query|userAgent/i);
  });

  it.each([
    ['a route’s function', { dataPlaneMemorySize: 2048 }, false],
    ['where the gateway is', { publicUrl: 'https://agents.example.com' }, true],
    ['how long the authorizer is kept', { authorizerResultsCacheTtl: Duration.seconds(5) }, true],
    ['preflights', { corsAllowOrigins: ['*'] }, true],
  ])('is deployed anew when %s changes, if the API does', (_, props, isNew) => {
    const deployment = (synthesis: Synthesis) => Object.keys(synthesis.all('AWS::ApiGateway::Deployment'));
    if (isNew) expect(deployment(synthesise(props))).not.toEqual(deployment(standard));
    else expect(deployment(synthesise(props))).toEqual(deployment(standard));
  });
});
