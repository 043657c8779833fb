import type { Api } from './model.ts';
import type { EdgeRequest } from './request.ts';
import type { Match } from './resources.ts';

/** What identifies one request in events, answers and logs. */
export interface RequestIds {
  requestId: string;
  extendedRequestId: string;
  atMs: number;
}

type Values = Record<string, string>;

/** The part of a proxy event (payload format 1.0) that a REQUEST authorizer gets as well. */
export interface BaseEvent {
  resource: string;
  path: string;
  httpMethod: string;
  headers: Values | null;
  multiValueHeaders: Record<string, string[]> | null;
  queryStringParameters: Values | null;
  multiValueQueryStringParameters: Record<string, string[]> | null;
  pathParameters: Values | null;
  stageVariables: Values | null;
  requestContext: Record<string, unknown>;
}

export interface ProxyEvent extends BaseEvent {
  body: string | null;
  isBase64Encoded: boolean;
}

export function baseEvent(api: Api, request: EdgeRequest, match: Match, ids: RequestIds): BaseEvent {
  const headers = grouped([...request.headers, ...forwarded(request, ids)], (name) => name.toLowerCase());
  const query = grouped(queryPairs(request.query), (name) => name);
  return {
    resource: match.resource.path,
    path: request.path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: orNull(headers),
    queryStringParameters: lastOf(query),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull({ ...match.pathParameters }),
    stageVariables: orNull({ ...api.stage.variables }),
    requestContext: requestContext(api, request, match, ids),
  };
}

/** The event of a Lambda proxy integration. A body of a binary media type travels as base64. */
export function proxyEvent(
  base: BaseEvent,
  authorizer: Readonly<Record<string, unknown>> | undefined,
  body: Buffer,
  binaryMediaTypes: readonly string[],
): ProxyEvent {
  const requestContext =
    authorizer === undefined ? base.requestContext : { ...base.requestContext, authorizer };
  if (body.length === 0) return { ...base, requestContext, body: null, isBase64Encoded: false };
  const isBase64Encoded = isBinary(headerOf(base, 'content-type') ?? 'application/json', binaryMediaTypes);
  return {
    ...base,
    requestContext,
    body: body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

/** Whether a media type, or a list of them as in Accept, whose first one counts, is among the binary ones. */
export function isBinary(mediaType: string, binaryMediaTypes: readonly string[]): boolean {
  const [type = ''] = mediaType.toLowerCase().split(/[;,]/, 1);
  const plain = type.trim();
  return binaryMediaTypes.some(
    (binary) => binary === '*/*' || binary === plain || binary === `${plain.split('/', 1)[0]}/*`,
  );
}

export function headerOf({ headers }: BaseEvent, name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
}

function requestContext(
  api: Api,
  request: EdgeRequest,
  match: Match,
  ids: RequestIds,
): Record<string, unknown> {
  const userAgent = request.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? null;
  return {
    resourceId: match.resource.id,
    resourcePath: match.resource.path,
    httpMethod: request.method,
    extendedRequestId: ids.extendedRequestId,
    requestTime: requestTime(ids.atMs),
    requestTimeEpoch: ids.atMs,
    path: request.contextPath,
    accountId: api.accountId,
    protocol: 'HTTP/1.1',
    stage: api.stage.name,
    domainPrefix: request.domainName.split('.', 1)[0],
    domainName: request.domainName,
    requestId: ids.requestId,
    identity: {
      ...Object.fromEntries(unusedIdentity.map((name) => [name, null])),
      sourceIp: request.sourceIp,
      userAgent,
    },
    apiId: api.apiId,
  };
}

/** Members that IAM, Cognito and API keys would fill. */
const unusedIdentity = [
  ...['cognitoIdentityPoolId', 'accountId', 'cognitoIdentityId', 'caller', 'principalOrgId', 'accessKey'],
  ...['cognitoAuthenticationType', 'cognitoAuthenticationProvider', 'userArn', 'user'],
];

/** `23/Nov/2026:01:02:03 +0000`, as in `$context.requestTime`. */
export function requestTime(atMs: number): string {
  const [, day, month, year, time] = /, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(atMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

/** What API Gateway adds; an address the caller sent stays in front, where only the last one is to be believed. */
function forwarded({ headers, sourceIp }: EdgeRequest, ids: RequestIds): [string, string][] {
  const sent = headers.filter(([name]) => name.toLowerCase() === 'x-forwarded-for').map(([, value]) => value);
  const seconds = Math.floor(ids.atMs / 1000).toString(16);
  return [
    ['X-Forwarded-For', [...sent, sourceIp].join(', ')],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Amzn-Trace-Id', `Root=1-${seconds}-${ids.requestId.replaceAll('-', '').slice(0, 24)}`],
  ];
}

const replaced: ReadonlySet<string> = new Set([
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-amzn-trace-id',
]);

/** All values of a name, under its first spelling; of what API Gateway sets itself, its own value only. */
function grouped(
  pairs: readonly (readonly [string, string])[],
  keyOf: (name: string) => string,
): Record<string, string[]> {
  const groups = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of pairs) {
    const key = keyOf(name);
    const group = groups.get(key);
    if (group === undefined || replaced.has(key)) groups.set(key, { name, values: [value] });
    else group.values.push(value);
  }
  return Object.fromEntries([...groups.values()].map(({ name, values }) => [name, values]));
}

function queryPairs(query: string): [string, string][] {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1
        ? [decoded(pair), '']
        : [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))];
    });
}

/** As a form encodes; what does not decode stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function lastOf(groups: Record<string, string[]>): Values | null {
  return orNull(
    Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? ''])),
  );
}

function orNull<T extends object>(values: T): T | null {
  return Object.keys(values).length === 0 ? null : values;
}
