import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LocalFunction } from '../lambda/function-pool.ts';
import { type AuthorizerContext, createAuthorizer } from './authorizer.ts';
import { type Context, substitute } from './context.ts';
import { baseEvent, proxyEvent, type RequestIds, requestTime } from './event.ts';
import { GatewayRefusal, renderGatewayResponse } from './gateway-response.ts';
import { forward } from './integration.ts';
import type { Api, Authorizer, Resource } from './model.ts';
import { type EdgeRequest, readEdgeRequest, readPayload } from './request.ts';
import { matchResource, methodFor } from './resources.ts';
import { toCallerHeaders } from './response-headers.ts';
import { createThrottling } from './throttle.ts';

export interface ApiGatewayOptions {
  api: Api;
  /** By ARN; every function the API names. */
  functions: ReadonlyMap<string, LocalFunction>;
  /** Gets a line of the access log, where the stage has one. */
  accessLog(line: string): void;
  /** Gets what API Gateway would keep to its execution log: why it answered in its own name. */
  debug(line: string): void;
  nowMs?(): number;
  streamIdleTimeoutMs?: number;
}

/** The longest method ARN that is authorized. */
const maxMethodArnBytes = 1_600;

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type Authorize = ReturnType<typeof createAuthorizer>;

/** What outlives a request. */
interface Parts extends ApiGatewayOptions {
  nowMs(): number;
  mayPass: ReturnType<typeof createThrottling>;
  authorizers: ReadonlyMap<string, Authorize>;
}

/** One request, as far as it is known. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  edge: EdgeRequest;
  context: Context;
  ids: RequestIds;
}

/** Emulates one deployed REST API: edge, resources, authorizer, Lambda proxy integration, gateway responses, logs. */
export function createApiGateway(options: ApiGatewayOptions): Handle {
  const { api, nowMs = Date.now } = options;
  const mayPass = createThrottling(api.stage.throttles, nowMs);
  const parts: Parts = { ...options, nowMs, mayPass, authorizers: createAuthorizers(options, nowMs) };

  return async (request, response) => {
    const atMs = nowMs();
    const ids = { requestId: randomUUID(), extendedRequestId: randomBytes(11).toString('base64url'), atMs };
    response.setHeader('x-amzn-requestid', ids.requestId);
    response.setHeader('x-amz-apigw-id', ids.extendedRequestId);
    const edge = readEdgeRequest(request, api);
    if ('status' in edge) return refuseAtEdge(response, edge.status, edge.message);
    const exchange: Exchange = { request, response, edge, context: contextOf(edge, api, ids), ids };
    response.once('close', () => logAccess(exchange, parts));
    try {
      await handle(exchange, parts);
    } catch (error) {
      refuse(exchange, toRefusal(error), parts);
    }
  };
}

async function handle(exchange: Exchange, parts: Parts): Promise<void> {
  const { request, response, edge, context, ids } = exchange;
  const { api, mayPass, streamIdleTimeoutMs } = parts;
  const body = await readPayload(request);
  if (body === undefined) throw new GatewayRefusal('REQUEST_TOO_LARGE', 'payload');
  const match = matchResource(api.root, edge.path);
  const method = match && methodFor(match.resource, edge.method);
  if (match === undefined || method === undefined)
    throw new GatewayRefusal('MISSING_AUTHENTICATION_TOKEN', 'no such resource or method');
  context.set('resourcePath', match.resource.path);
  context.set('resourceId', match.resource.id);
  if (!mayPass(edge.method, match.resource.path)) throw new GatewayRefusal('THROTTLED', 'stage');

  const base = baseEvent(api, edge, match, ids);
  const caller = method.authorizer && (await authorize(method.authorizer, base, exchange, parts));
  const { integration } = method;
  context.set('integration.responseTransferMode', integration.mode === 'STREAM' ? 'STREAMED' : 'BUFFERED');
  await forward({
    integration,
    localFunction: functionOf(parts, integration.functionArn),
    event: proxyEvent(base, caller, body, api.binaryMediaTypes),
    response,
    binaryMediaTypes: api.binaryMediaTypes,
    accept: acceptOf(edge) ?? '*/*',
    ...(streamIdleTimeoutMs !== undefined && { idleTimeoutMs: streamIdleTimeoutMs }),
    begin: ({ statusCode, headers }) => begin(response, statusCode, toCallerHeaders(headers)),
  });
}

async function authorize(
  authorizer: Authorizer,
  base: Parameters<Authorize>[0],
  { edge, context }: Exchange,
  { api, authorizers }: Parts,
): Promise<AuthorizerContext | undefined> {
  const { region, accountId, apiId, stage } = api;
  const methodArn = `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage.name}/${edge.method}${edge.path}`;
  if (Buffer.byteLength(methodArn) > maxMethodArnBytes)
    throw new GatewayRefusal('DEFAULT_4XX', 'method ARN too long', {
      status: 414,
      publicMessage: 'Request URI too long',
    });
  const caller = await authorizers.get(authorizer.name)?.(base, methodArn);
  for (const [name, value] of Object.entries(caller ?? {})) context.set(`authorizer.${name}`, value);
  return caller;
}

/** Answers in the API's own name, or cuts the connection where an answer has begun. */
function refuse({ response, edge, context }: Exchange, refusal: GatewayRefusal, { api, debug }: Parts): void {
  debug(`${edge.method} ${context.get('resourcePath') ?? '-'} ${refusal.message}`);
  if (response.headersSent || response.destroyed) return void response.destroy();
  const rendered = renderGatewayResponse(refusal, api.gatewayResponses, context, acceptOf(edge));
  // Of a payload that is too large the rest is still on its way.
  if (refusal.type === 'REQUEST_TOO_LARGE') response.setHeader('connection', 'close');
  begin(response, rendered.status, rendered.headers);
  response.end(rendered.body);
}

function logAccess({ context, response, ids }: Exchange, { api, nowMs, accessLog }: Parts): void {
  if (api.stage.accessLogFormat === undefined) return;
  context.set('status', String(response.statusCode));
  context.set('responseLatency', String(nowMs() - ids.atMs));
  accessLog(substitute(api.stage.accessLogFormat, context, '-'));
}

function acceptOf({ headers }: EdgeRequest): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === 'accept')?.[1];
}

function createAuthorizers(options: ApiGatewayOptions, nowMs: () => number): ReadonlyMap<string, Authorize> {
  const found = new Map<string, Authorize>();
  const visit = (resource: Resource): void => {
    for (const { authorizer } of resource.methods.values()) {
      if (authorizer === undefined || found.has(authorizer.name)) continue;
      const localFunction = functionOf(options, authorizer.functionArn);
      found.set(authorizer.name, createAuthorizer(authorizer, localFunction, nowMs));
    }
    for (const child of resource.children) visit(child);
  };
  visit(options.api.root);
  return found;
}

function functionOf({ functions }: ApiGatewayOptions, arn: string): LocalFunction {
  const localFunction = functions.get(arn);
  if (localFunction === undefined) throw new TypeError(`no function ${arn}`);
  return localFunction;
}

function contextOf(edge: EdgeRequest, api: Api, ids: RequestIds): Context {
  const userAgent = edge.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? '-';
  return new Map([
    ['requestId', ids.requestId],
    ['extendedRequestId', ids.extendedRequestId],
    ['requestTime', requestTime(ids.atMs)],
    ['requestTimeEpoch', String(ids.atMs)],
    ['httpMethod', edge.method],
    ['path', edge.contextPath],
    ['protocol', 'HTTP/1.1'],
    ['stage', api.stage.name],
    ['apiId', api.apiId],
    ['accountId', api.accountId],
    ['domainName', edge.domainName],
    ['identity.sourceIp', edge.sourceIp],
    ['identity.userAgent', userAgent],
  ]);
}

function toRefusal(error: unknown): GatewayRefusal {
  if (error instanceof GatewayRefusal) return error;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new GatewayRefusal('DEFAULT_5XX', `emulator: ${detail}`);
}

/** Status and headers go at once: the first byte of a stream may be long in coming. */
function begin(response: ServerResponse, status: number, headers: readonly [string, string][]): void {
  const seen = new Set<string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (seen.has(key)) response.appendHeader(name, value);
    else response.setHeader(name, value);
    seen.add(key);
  }
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json');
  response.writeHead(status);
  response.flushHeaders();
}

function refuseAtEdge(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ message }));
}
