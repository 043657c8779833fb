import { Metadata, type ServerWritableStream } from '@grpc/grpc-js';
import { factsOf, GatewayError } from '../../../failure.ts';
import type { Gateway } from '../../../gateway.ts';
import type { Log } from '../../../ports.ts';
import { isEventStream, RpcError, resultsOf, StreamEnded } from './answer.ts';
import { type CorePlace, requestToCore } from './request.ts';
import type { ServedMethod } from './served-methods.ts';
import { statusOf } from './status.ts';

/** Bytes both ways: messages are read and written here, where a broken one has a proper answer. */
export type GrpcCall = ServerWritableStream<Buffer, Uint8Array>;

export interface CallDeps {
  gateway: Gateway;
  place: CorePlace;
  /** Largest event of a stream. */
  maxEventBytes: number;
  log: Log;
}

/**
 * Answers the calls of one method through the core, whether one message or many come of it. A caller that cancels,
 * vanishes or lets its deadline pass ends the call to the agent; a slow one slows the agent.
 */
export function callHandler(method: ServedMethod, deps: CallDeps): (call: GrpcCall) => void {
  return (call) => {
    const left = new AbortController();
    const leave = () => left.abort();
    call.once('cancelled', leave);
    const deadline = watchDeadline(call, leave);
    if (left.signal.aborted) return; // Its time was over before it was here, of which the library tells.
    void serveCall(call, method, deps, left.signal)
      // What cannot be told as a status is a fault of ours, which one call may end by and the process may not.
      .catch((thrown: unknown) => fail(call, thrown, undefined, deps.log))
      .finally(() => clearTimeout(deadline));
  };
}

/** The library ends a call at its deadline only once all is written, which a caller that reads nothing never lets happen. */
function watchDeadline(call: GrpcCall, leave: () => void): NodeJS.Timeout | undefined {
  const deadline = Number(call.getDeadline());
  if (!Number.isFinite(deadline)) return undefined;
  const leftMs = deadline - Date.now();
  if (leftMs > 0) return setTimeout(leave, leftMs);
  leave();
  return undefined;
}

/** Whatever is thrown on the way is the call's status. */
async function serveCall(
  call: GrpcCall,
  method: ServedMethod,
  deps: CallDeps,
  signal: AbortSignal,
): Promise<void> {
  let response: Response | undefined;
  try {
    const request = requestToCore(
      {
        operation: method.operation.name,
        message: method.readRequest(call.request),
        metadata: call.metadata,
        authority: call.getHost(),
        signal,
      },
      deps.place,
    );
    const spoken = { protocolBinding: 'GRPC', protocolVersion: method.version } as const;
    response = await deps.gateway(request, { spoken });
    if (signal.aborted) return void response.body?.cancel();
    await relay(call, method, response, { maxEventBytes: deps.maxEventBytes, signal });
    call.end();
  } catch (thrown) {
    if (signal.aborted) return; // Nobody is there, or the library has told of the deadline.
    fail(call, thrown, response, deps.log);
  }
}

async function relay(
  call: GrpcCall,
  method: ServedMethod,
  response: Response,
  options: { maxEventBytes: number; signal: AbortSignal },
): Promise<void> {
  const isStream = isEventStream(response);
  if (isStream) call.sendMetadata(headMetadata(response, method));
  for await (const message of method.writeResults(resultsOf(response, options))) {
    if (!isStream) call.sendMetadata(headMetadata(response, method));
    await write(call, message, options.signal);
  }
}

/** Settles when the message has left for the caller, as far as its flow control lets it; fails when the caller is gone. */
function write(call: GrpcCall, message: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new GatewayError({ code: 'caller_left' }));
    if (signal.aborted) return gone();
    // The library calls nobody back for a message that it drops.
    signal.addEventListener('abort', gone);
    call.write(message, (error?: Error | null) => {
      signal.removeEventListener('abort', gone);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

/** What an answer's headers say in the call's initial metadata. */
function headMetadata({ headers }: Response, { extensionsKey }: ServedMethod): Metadata {
  const metadata = new Metadata();
  copyHeader(headers, 'x-request-id', metadata);
  copyHeader(headers, 'a2a-extensions', metadata, extensionsKey);
  return metadata;
}

/**
 * Ends a call with a status. Before the first message nothing else is sent, so that clients may still try again by
 * themselves (gRPC A6); what would be initial metadata is then in the trailers.
 */
function fail(call: GrpcCall, thrown: unknown, response: Response | undefined, log: Log): void {
  logFailure(thrown, log);
  const status = statusOf(thrown);
  for (const name of ['x-request-id', 'www-authenticate', 'retry-after'])
    copyHeader(response?.headers, name, status.metadata);
  call.emit('error', Object.assign(new Error(status.details), status));
}

/** What the core answered it has logged itself. */
function logFailure(thrown: unknown, log: Log): void {
  if (thrown instanceof RpcError || thrown instanceof StreamEnded) return;
  if (thrown instanceof GatewayError) {
    const { failure, cause } = thrown;
    log.write(factsOf(failure.code).logLevel, 'grpc call failed', { failure, cause });
  } else log.write('error', 'grpc call failed', { cause: thrown });
}

/** What an agent says in other than ASCII stays here: metadata has no place for it. */
function copyHeader(headers: Headers | undefined, name: string, metadata: Metadata, key = name): void {
  const value = headers?.get(name);
  if (value !== null && value !== undefined && /^[ -~]*$/.test(value)) metadata.set(key, value);
}
