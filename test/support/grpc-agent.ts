import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AnswerLimits } from '../../src/bridge/agent-dialect.ts';
import { grpcDialect } from '../../src/bridge/agents/grpc.ts';
import { ask, type BridgedAnswer } from '../../src/bridge/bridge.ts';
import type { JsonObject } from '../../src/bridge/core-call.ts';
import { formOf } from '../../src/bridge/forms.ts';
import { frameOf } from '../../src/grpc/frames.ts';
import { grpcMethods } from '../../src/grpc/methods.ts';
import { grpcUrlAt } from '../../src/protocol/grpc-target.ts';
import type { OperationName } from '../../src/protocol/operations.ts';
import { type ServedVersion, servedVersions } from '../../src/protocol/version.ts';
import { operationNamed } from './bridge.ts';
import { listening, request, upstream } from './upstream-servers.ts';

/** A call as an agent has received it. */
export interface GrpcCall {
  headers: IncomingHttpHeaders;
  /** In ProtoJSON. */
  request: Readonly<Record<string, unknown>>;
  stream: ServerHttp2Stream;
}

export type GrpcScript = (call: GrpcCall) => unknown;

export interface GrpcAgent {
  /** Of a server that speaks gRPC alone. */
  origin: string;
  calls: GrpcCall[];
}

/** An agent that speaks gRPC over bare HTTP/2, so that it can answer anything at all. It ends with the test. */
export async function grpcAgent(script: GrpcScript, tls?: object): Promise<GrpcAgent> {
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  const calls: GrpcCall[] = [];
  server.on('session', (session) => session.on('error', () => {}));
  server.on('stream', async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {});
    const call = { headers, request: await requestOf(stream, String(headers[':path'])), stream };
    calls.push(call);
    script(call);
  });
  const { origin } = await listening(server, tls === undefined ? 'http' : 'https');
  return { origin, calls };
}

async function requestOf(stream: ServerHttp2Stream, path: string): Promise<GrpcCall['request']> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return methodAt(path).decodeRequest(Buffer.concat(chunks).subarray(5));
}

function methodAt(path: string) {
  const found = servedVersions.flatMap(grpcMethods).find((method) => method.path === path);
  if (found === undefined) throw new Error(`no method at ${path}`);
  return found;
}

const grpcType = { ':status': 200, 'content-type': 'application/grpc' };

/** Answers with these results or events, then with trailers. */
export function answerGrpc(
  results: readonly object[],
  trailers: OutgoingHttpHeaders = { 'grpc-status': '0' },
): GrpcScript {
  return ({ headers, stream }) => {
    const method = methodAt(String(headers[':path']));
    const frames = results.map((result) => frameOf(method.encodeResult({ ...result })));
    answerBytes(Buffer.concat(frames), trailers)({ headers, stream, request: {} });
  };
}

/** Answers with these bytes as its body. @param trailers none: the stream just ends */
export function answerBytes(body: Uint8Array, trailers?: OutgoingHttpHeaders, head: object = {}): GrpcScript {
  return ({ stream }) => {
    stream.respond({ ...grpcType, ...head }, { waitForTrailers: trailers !== undefined });
    if (trailers !== undefined) stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(body);
  };
}

/** Answers with headers alone, as servers do that fail before their first message. */
export function answerStatus(code: number, more: OutgoingHttpHeaders = {}): GrpcScript {
  return ({ stream }) =>
    stream.respond({ ...grpcType, 'grpc-status': `${code}`, ...more }, { endStream: true });
}

/** As small as these tests want them. */
const smallLimits = { maxAnswerBytes: 10_000, maxEventBytes: 1_000 };

export interface Asked {
  version?: ServedVersion;
  tenant?: string;
  connection?: object;
  limits?: AnswerLimits;
}

/** Asks an agent as the bridge does, over the real way out. */
export async function asking(
  { origin }: Pick<GrpcAgent, 'origin'>,
  operation: OperationName,
  message: JsonObject,
  { version = '1.0', tenant, connection = {}, limits = smallLimits }: Asked = {},
): Promise<BridgedAnswer> {
  const up = upstream();
  const form = await formOf(version, 'GRPC');
  const to = { url: new URL(origin).host, protocolBinding: 'GRPC', protocolVersion: version };
  return ask(
    { operation: operationNamed(operation), request: message },
    {
      dialect: grpcDialect(version, form),
      to: tenant === undefined ? to : { ...to, tenant },
      limits,
      send: ({ url, grpc, headers, ...wire }) =>
        up.send(
          request(grpcUrlAt(origin, url), {
            ...wire,
            headers: { 'a2a-version': version, ...headers },
            ...(grpc && { http2: true }),
            connection,
          }),
        ),
    },
  );
}
