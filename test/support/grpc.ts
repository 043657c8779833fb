import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type StatusObject,
} from '@grpc/grpc-js';
import { grpcMethod } from '../../src/grpc/methods.ts';
import { decodeStatus } from '../../src/grpc/status-details.ts';
import type { OperationName } from '../../src/protocol/operations.ts';
import type { ServedVersion } from '../../src/protocol/version.ts';
import { answerEvents, answerJson, type Script } from './scripted-agent.ts';

type Json = Readonly<Record<string, unknown>>;

/** The settings of a gateway that serves gRPC on loopback. */
export const grpcSettings = {
  enabled: true,
  publicAuthority: 'grpc.test:443',
  agentAuthorities: true,
  listen: { port: 0 },
} as const;

/** A call in progress. One that has one answer is a stream of one, as on the wire. */
export interface OpenCall {
  stream: ClientReadableStream<Json>;
  /** The next message; undefined when there are no more. */
  next(): Promise<Json | undefined>;
  /** Initial metadata; empty where there is none. */
  head: Promise<Metadata>;
  ended: Promise<StatusObject>;
}

/** What came of a call. */
export interface Outcome {
  messages: Json[];
  code: number;
  text: string;
  head: Metadata;
  trailers: Metadata;
  /** As far as the trailers have any. */
  details: readonly unknown[];
}

export interface GrpcCallOptions {
  version?: ServedVersion;
  /** Over the caller's own. */
  metadata?: Readonly<Record<string, string | readonly string[]>>;
  deadlineMs?: number;
}

/** A caller over one connection. */
export interface GrpcCaller {
  open(operation: OperationName, message: Json, options?: GrpcCallOptions): OpenCall;
  call(operation: OperationName, message: Json, options?: GrpcCallOptions): Promise<Outcome>;
  /** A method by its path, with bytes for a message. */
  raw(path: string, bytes: Uint8Array, options?: GrpcCallOptions): Promise<Outcome>;
  close(): void;
}

export interface GrpcCallerOptions {
  token?: string;
  /** `:authority`. Default: the address. */
  authority?: string;
  credentials?: ChannelCredentials;
  channel?: ChannelOptions;
}

export function grpcCaller(address: string, options: GrpcCallerOptions = {}): GrpcCaller {
  const { token, authority } = options;
  const client = new Client(address, options.credentials ?? credentials.createInsecure(), {
    // Each caller has a connection of its own.
    'grpc.use_local_subchannel_pool': 1,
    ...(authority !== undefined && { 'grpc.default_authority': authority }),
    ...options.channel,
  });

  function start(
    path: string,
    bytes: Uint8Array,
    decode: (bytes: Buffer) => Json,
    { metadata: given = {}, deadlineMs }: GrpcCallOptions,
  ): OpenCall {
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    for (const [name, values] of Object.entries(given)) {
      metadata.remove(name);
      for (const value of [values].flat()) metadata.add(name, value as string); // `flat` forgets that it is text.
    }
    const asBuffer = () => Buffer.from(bytes);
    const deadline = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
    return openCall(client.makeServerStreamRequest(path, asBuffer, decode, undefined, metadata, deadline));
  }

  const caller: GrpcCaller = {
    open(operation, message, callOptions = {}) {
      const method = grpcMethod(operation, callOptions.version ?? '1.0');
      if (method === undefined) throw new TypeError(`no ${operation} in that version`);
      return start(method.path, method.encodeRequest(message), method.decodeResult, callOptions);
    },
    call: (operation, message, callOptions) => outcomeOf(caller.open(operation, message, callOptions)),
    raw: (path, bytes, callOptions = {}) => outcomeOf(start(path, bytes, () => ({}), callOptions)),
    close: () => client.close(),
  };
  return caller;
}

function openCall(stream: ClientReadableStream<Json>): OpenCall {
  const ended = new Promise<StatusObject>((resolve) => stream.once('status', resolve));
  const head = new Promise<Metadata>((resolve) => {
    stream.once('metadata', resolve);
    stream.once('status', () => resolve(new Metadata()));
  });
  stream.on('error', () => {}); // The status says it too.
  const messages = stream[Symbol.asyncIterator]() as AsyncIterator<Json>; // What `decode` made of them.
  return {
    stream,
    head,
    ended,
    async next() {
      try {
        const { done, value } = await messages.next();
        return done === true ? undefined : value;
      } catch {
        return undefined;
      }
    },
  };
}

export async function outcomeOf({ next, head, ended }: OpenCall): Promise<Outcome> {
  const messages: Json[] = [];
  for (let message = await next(); message !== undefined; message = await next()) messages.push(message);
  const { code, details: text, metadata: trailers } = await ended;
  const [packed] = trailers.get('grpc-status-details-bin');
  const details = packed instanceof Buffer ? decodeStatus(packed).details : [];
  return { messages, code, text, head: await head, trailers, details };
}

/** An agent's answer to the JSON-RPC that a call becomes. */
export function rpcResult(result: unknown): Script {
  return answerJson({ jsonrpc: '2.0', id: 1, result });
}

export function rpcError(code: number, message: string, data?: unknown): Script {
  return answerJson({ jsonrpc: '2.0', id: 1, error: { code, message, ...(data !== undefined && { data }) } });
}

export function rpcEvents(...results: unknown[]): Script {
  return answerEvents(...results.map(rpcEvent));
}

export function rpcEvent(result: unknown): string {
  return `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n\n`;
}
