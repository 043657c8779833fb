import { accountId, region } from '../local-values.ts';
import { type Members, membersOf } from '../members.ts';
import { type ResolvedTemplate, TemplateError } from '../template.ts';
import type { Api, Authorizer, GatewayResponse, Integration, Resource, Stage } from './model.ts';

interface Found {
  id: string;
  members: Members;
}

/** Longest a stream may last. */
const maxStreamMs = 15 * 60 * 1000;
const defaultTimeoutMs = 29_000;

/** The one REST API of a template and its one stage. @throws TemplateError for what is not emulated, by name */
export function readApi(template: ResolvedTemplate): Api {
  const all = (type: string): Found[] =>
    template.resources
      .filter((resource) => resource.type === `AWS::ApiGateway::${type}`)
      .map(({ logicalId, properties }) => ({ id: logicalId, members: membersOf(properties(), logicalId) }));

  const { id, members } = only(all('RestApi'), 'RestApi');
  const apiId = String(template.resolve({ Ref: id }));
  const rootId = String(template.resolve({ 'Fn::GetAtt': [id, 'RootResourceId'] }));
  const resources = readResources(rootId, all('Resource'));
  const authorizers = new Map(all('Authorizer').map((found) => [found.id, readAuthorizer(found)]));
  for (const method of all('Method')) addMethod(method, resources, authorizers);
  const root = resources.get(rootId);
  if (root === undefined) throw new TemplateError(`${id} has no root`);
  return {
    apiId,
    region,
    accountId,
    root,
    stage: readStage(only(all('Stage'), 'Stage').members),
    gatewayResponses: new Map(all('GatewayResponse').map(readGatewayResponse)),
    binaryMediaTypes: members.list('BinaryMediaTypes').map(String),
    executeApiDisabled: members.flag('DisableExecuteApiEndpoint'),
  };
}

function only(found: readonly Found[], type: string): Found {
  const [first, second] = found;
  if (first === undefined || second !== undefined)
    throw new TemplateError(`${found.length} of AWS::ApiGateway::${type}; one is emulated`);
  return first;
}

function readResources(rootId: string, found: readonly Found[]): Map<string, Resource> {
  const root: Resource = { id: rootId, path: '/', part: '', children: [], methods: new Map() };
  const resources = new Map([[rootId, root]]);
  let waiting = [...found];
  while (waiting.length > 0) {
    const rest = waiting.filter(({ id, members }) => {
      const parent = resources.get(members.text('ParentId'));
      if (parent === undefined) return true;
      const part = members.text('PathPart');
      const path = `${parent.path === '/' ? '' : parent.path}/${part}`;
      const resource: Resource = { id, path, part, children: [], methods: new Map() };
      parent.children.push(resource);
      resources.set(id, resource);
      return false;
    });
    if (rest.length === waiting.length) throw new TemplateError(`${rest[0]?.id} has no parent`);
    waiting = rest;
  }
  return resources;
}

function addMethod(
  { id, members }: Found,
  resources: ReadonlyMap<string, Resource>,
  authorizers: ReadonlyMap<string, Authorizer>,
): void {
  const resource = resources.get(members.text('ResourceId'));
  if (resource === undefined) throw new TemplateError(`${id} belongs to no resource`);
  if (members.flag('ApiKeyRequired')) throw new TemplateError(`${id}: API keys are not emulated`);
  const type = members.optionalText('AuthorizationType') ?? 'NONE';
  const authorizer = authorizers.get(members.optionalText('AuthorizerId') ?? '');
  if (type !== 'NONE' && (type !== 'CUSTOM' || authorizer === undefined))
    throw new TemplateError(`${id}: authorization ${type} is not emulated`);
  const integration = readIntegration(members.object('Integration'), id);
  resource.methods.set(members.text('HttpMethod'), {
    integration,
    ...(type === 'CUSTOM' && authorizer !== undefined && { authorizer }),
  });
}

function readIntegration(members: Members, id: string): Integration {
  const type = members.text('Type');
  if (type !== 'AWS_PROXY') throw new TemplateError(`${id}: integration ${type} is not emulated`);
  const uri = members.text('Uri');
  const [, version, arn, action] = /:lambda:path\/([\d-]+)\/functions\/(.+)\/([a-z-]+)$/.exec(uri) ?? [];
  const isStream = members.optionalText('ResponseTransferMode') === 'STREAM';
  const expected = isStream
    ? ['2021-11-15', 'response-streaming-invocations']
    : ['2015-03-31', 'invocations'];
  if (arn === undefined || version !== expected[0] || action !== expected[1])
    throw new TemplateError(`${id}: the integration's Uri ${uri} does not go with its transfer mode`);
  const timeoutMs = members.number('TimeoutInMillis', defaultTimeoutMs);
  return {
    functionArn: arn,
    mode: isStream ? 'STREAM' : 'BUFFERED',
    timeoutMs: Math.min(timeoutMs, maxStreamMs),
  };
}

function readAuthorizer({ id, members }: Found): Authorizer {
  const type = members.text('Type');
  if (type !== 'REQUEST') throw new TemplateError(`${id}: an authorizer of type ${type} is not emulated`);
  const [, functionArn] = /\/functions\/(.+)\/invocations$/.exec(members.text('AuthorizerUri')) ?? [];
  if (functionArn === undefined) throw new TemplateError(`${id}: AuthorizerUri names no function`);
  const identitySources = (members.optionalText('IdentitySource') ?? '')
    .split(',')
    .map((name) => name.trim());
  return {
    name: id,
    functionArn,
    identitySources: identitySources.filter((name) => name !== ''),
    ttlSeconds: members.number('AuthorizerResultTtlInSeconds', 300),
  };
}

function readStage(members: Members): Stage {
  const throttles = members
    .objects('MethodSettings')
    .map((setting) => ({
      httpMethod: setting.optionalText('HttpMethod') ?? '*',
      // `/~1agents~1{agentId}` is how a path is written here.
      resourcePath: (setting.optionalText('ResourcePath') ?? '/*')
        .replace(/^\/~1/, '/')
        .replaceAll('~1', '/'),
      rateLimit: setting.number('ThrottlingRateLimit', Number.POSITIVE_INFINITY),
      burstLimit: setting.number('ThrottlingBurstLimit', Number.POSITIVE_INFINITY),
    }))
    .filter(({ rateLimit, burstLimit }) => Number.isFinite(rateLimit) && Number.isFinite(burstLimit));
  const format = members.object('AccessLogSetting').optionalText('Format');
  return {
    name: members.text('StageName'),
    variables: members.texts('Variables'),
    throttles,
    ...(format !== undefined && { accessLogFormat: format }),
  };
}

function readGatewayResponse({ members }: Found): [string, GatewayResponse] {
  const headers = Object.entries(members.texts('ResponseParameters')).map(([name, value]) => {
    const [, header] = /^gatewayresponse\.header\.(.+)$/.exec(name) ?? [];
    if (header === undefined) throw new TemplateError(`gateway response parameter ${name} is not emulated`);
    return [header, value] as const;
  });
  const status = members.number('StatusCode', 0);
  return [
    members.text('ResponseType'),
    {
      ...(status > 0 && { statusCode: status }),
      headers: Object.fromEntries(headers),
      templates: members.texts('ResponseTemplates'),
    },
  ];
}
