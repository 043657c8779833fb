import { describe, expect, it } from 'vitest';
import { readApi } from '../../aws-local/api-gateway/api-template.ts';
import type { Api } from '../../aws-local/api-gateway/model.ts';
import { matchResource, methodFor } from '../../aws-local/api-gateway/resources.ts';
import { localValues } from '../../aws-local/local-values.ts';
import { resolveTemplate, type TemplateResource } from '../../aws-local/template.ts';

const arn = { 'Fn::GetAtt': ['Function', 'Arn'] };
const uri = (version: string, action: string) => ({
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      `:apigateway:us-east-1:lambda:path/${version}/functions/`,
      arn,
      `/${action}`,
    ],
  ],
});
const whole = { Type: 'AWS_PROXY', Uri: uri('2015-03-31', 'invocations') };
const pieces = {
  Type: 'AWS_PROXY',
  ResponseTransferMode: 'STREAM',
  TimeoutInMillis: 900_000,
  Uri: uri('2021-11-15', 'response-streaming-invocations'),
};

const resources: Record<string, TemplateResource> = {
  Function: { Type: 'AWS::Lambda::Function' },
  Api: {
    Type: 'AWS::ApiGateway::RestApi',
    Properties: { BinaryMediaTypes: ['*/*'], DisableExecuteApiEndpoint: true },
  },
  Authorizer: {
    Type: 'AWS::ApiGateway::Authorizer',
    Properties: {
      Type: 'REQUEST',
      AuthorizerUri: uri('2015-03-31', 'invocations'),
      IdentitySource: 'method.request.header.Authorization',
      AuthorizerResultTtlInSeconds: 60,
    },
  },
  // Before its parent, as a template may have it.
  Agent: {
    Type: 'AWS::ApiGateway::Resource',
    Properties: { ParentId: { Ref: 'Agents' }, PathPart: '{agentId}' },
  },
  Agents: {
    Type: 'AWS::ApiGateway::Resource',
    Properties: { ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] }, PathPart: 'agents' },
  },
  AgentPost: {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      ResourceId: { Ref: 'Agent' },
      HttpMethod: 'POST',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: 'Authorizer' },
      Integration: pieces,
    },
  },
  AgentsGet: {
    Type: 'AWS::ApiGateway::Method',
    Properties: { ResourceId: { Ref: 'Agents' }, HttpMethod: 'GET', Integration: whole },
  },
  Stage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      StageName: 'v1',
      Variables: { a: 'b' },
      AccessLogSetting: { Format: '$context.requestId' },
      MethodSettings: [
        { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 },
        { HttpMethod: 'GET', ResourcePath: '/~1agents', LoggingLevel: 'OFF' },
        {
          HttpMethod: 'POST',
          ResourcePath: '/~1agents~1{agentId}',
          ThrottlingRateLimit: 1,
          ThrottlingBurstLimit: 2,
        },
      ],
    },
  },
  Refusal: {
    Type: 'AWS::ApiGateway::GatewayResponse',
    Properties: {
      ResponseType: 'UNAUTHORIZED',
      StatusCode: '401',
      ResponseParameters: { 'gatewayresponse.header.WWW-Authenticate': "'Bearer'" },
      ResponseTemplates: { 'application/json': '{}' },
    },
  },
};

const read = (changed: Record<string, TemplateResource> = {}): Api =>
  readApi(resolveTemplate({ Resources: { ...resources, ...changed } }, localValues));
const method = (
  integration: Record<string, unknown>,
  more: Record<string, unknown> = {},
): TemplateResource => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: { ResourceId: { Ref: 'Agents' }, HttpMethod: 'GET', Integration: integration, ...more },
});

describe('a REST API of a template', () => {
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:Function';

  it('has its stage, its settings and its answers', () => {
    expect(read()).toMatchObject({
      executeApiDisabled: true,
      binaryMediaTypes: ['*/*'],
      stage: {
        name: 'v1',
        variables: { a: 'b' },
        accessLogFormat: '$context.requestId',
        throttles: [
          { httpMethod: '*', resourcePath: '/*', rateLimit: 5, burstLimit: 10 },
          { httpMethod: 'POST', resourcePath: '/agents/{agentId}', rateLimit: 1, burstLimit: 2 },
        ],
      },
      gatewayResponses: new Map([
        [
          'UNAUTHORIZED',
          {
            statusCode: 401,
            headers: { 'WWW-Authenticate': "'Bearer'" },
            templates: { 'application/json': '{}' },
          },
        ],
      ]),
    });
  });

  it('has its resources with their methods, integrations and authorizers', () => {
    const methodOf = (verb: string, path: string) => {
      const match = matchResource(read().root, path);
      return match && methodFor(match.resource, verb);
    };
    expect(methodOf('GET', '/agents')).toEqual({
      integration: { functionArn, mode: 'BUFFERED', timeoutMs: 29_000 },
    });
    expect(methodOf('POST', '/agents/a')).toEqual({
      integration: { functionArn, mode: 'STREAM', timeoutMs: 900_000 },
      authorizer: {
        name: 'Authorizer',
        functionArn,
        identitySources: ['method.request.header.Authorization'],
        ttlSeconds: 60,
      },
    });
  });

  it.each<[string, string, TemplateResource]>([
    [
      'a streaming Uri without the mode',
      'AgentsGet',
      method({ ...pieces, ResponseTransferMode: 'BUFFERED' }),
    ],
    ['the mode without a streaming Uri', 'AgentsGet', method({ ...whole, ResponseTransferMode: 'STREAM' })],
    ['integration MOCK', 'AgentsGet', method({ Type: 'MOCK' })],
    ['authorization AWS_IAM', 'AgentsGet', method(whole, { AuthorizationType: 'AWS_IAM' })],
    ['API keys', 'AgentsGet', method(whole, { ApiKeyRequired: true })],
    [
      'a resource without a parent',
      'Lost',
      { Type: 'AWS::ApiGateway::Resource', Properties: { ParentId: 'none', PathPart: 'x' } },
    ],
    [
      'a token authorizer',
      'Authorizer',
      { Type: 'AWS::ApiGateway::Authorizer', Properties: { Type: 'TOKEN' } },
    ],
    [
      'a second stage',
      'AWS::ApiGateway::Stage',
      { Type: 'AWS::ApiGateway::Stage', Properties: { StageName: 'v2' } },
    ],
  ])('is not emulated with %s, and the error says where', (_, logicalId, resource) => {
    expect(() => read({ [logicalId]: resource })).toThrow(logicalId);
  });
});
