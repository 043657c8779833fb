import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { grpcMethod } from '../../src/grpc/methods.ts';
import type { OperationName } from '../../src/protocol/operations.ts';
import type { ServedVersion } from '../../src/protocol/version.ts';

/** gRPC as bytes on HTTP/2, for callers that do what no library would. */

/** A message with the five bytes before it (gRPC over HTTP/2). */
export function frame(message: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

export interface WireCaller {
  session: ClientHttp2Session;
  /** Begins a call, and sends nothing of its message. Nothing is read until somebody listens. */
  begin(operation: OperationName, headers?: Record<string, string | string[]>): ClientHttp2Stream;
  /** A whole call whose answer nobody reads. */
  send(
    operation: OperationName,
    request: Record<string, unknown>,
    headers?: Record<string, string>,
  ): ClientHttp2Stream;
  close(): void;
}

/** @param authority whose calls they are; default: the address */
export function wireCaller(
  address: string,
  token: string,
  { version = '1.0', authority = address }: { version?: ServedVersion; authority?: string } = {},
): WireCaller {
  const session = connect(`http://${address}`);
  session.on('error', () => {}); // What it meant for a call, the call's stream tells.
  const caller: WireCaller = {
    session,
    begin(operation, headers = {}) {
      const stream = session.request({
        ':method': 'POST',
        ':path': grpcMethod(operation, version)?.path,
        ':authority': authority,
        'content-type': 'application/grpc',
        te: 'trailers',
        authorization: `Bearer ${token}`,
        ...headers,
      });
      stream.on('error', () => {});
      return stream;
    },
    send(operation, request, headers) {
      const stream = caller.begin(operation, headers);
      const message = grpcMethod(operation, version)?.encodeRequest(request) ?? new Uint8Array();
      stream.end(frame(message));
      return stream;
    },
    close: () => session.destroy(),
  };
  return caller;
}

/** The status a call ended with, in the trailers or in the only headers there are; undefined where it was cut off. */
export function statusOfStream(stream: ClientHttp2Stream): Promise<number | undefined> {
  return new Promise((resolve) => {
    const told = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] !== undefined) resolve(Number(headers['grpc-status']));
    };
    stream.on('response', told);
    stream.on('trailers', told);
    stream.once('close', () => resolve(undefined));
    stream.resume();
  });
}
