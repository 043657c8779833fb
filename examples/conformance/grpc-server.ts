import { LegacyA2AService, legacyGrpcService } from '@a2a-js/sdk/compat/v0_3/server/grpc';
import type { A2ARequestHandler } from '@a2a-js/sdk/server';
import { A2AService, grpcService, UserBuilder } from '@a2a-js/sdk/server/grpc';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Protocol } from './protocols.ts';
import { asksForVendorError, grpcVendorError } from './vendor-error.ts';

/** As much as the other bindings take. */
const maxMessageBytes = 10 * 1024 * 1024;

/** A gRPC server that listens, so that its port is known, and serves when told. */
export interface GrpcServer {
  port: number;
  serve(requestHandler: A2ARequestHandler, protocols: readonly Protocol[]): void;
  close(): void;
}

export async function listenGrpc(port: number): Promise<GrpcServer> {
  const server = new Server({ 'grpc.max_receive_message_length': maxMessageBytes });
  const actualPort = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port: actualPort,
    serve(requestHandler, protocols) {
      const options = { requestHandler, userBuilder: UserBuilder.noAuthentication };
      if (protocols.includes('grpc-1.0'))
        server.addService(
          A2AService,
          withVendorError(grpcService(options), ({ message }) => message),
        );
      if (protocols.includes('grpc-0.3'))
        server.addService(
          LegacyA2AService,
          withVendorError(legacyGrpcService(options), ({ request }) => request),
        );
    },
    close: () => server.forceShutdown(),
  };
}

/** The two calls that send a message, of either version's service. */
interface Sending<Request, Answer, Event> {
  sendMessage(call: ServerUnaryCall<Request, Answer>, callback: sendUnaryData<Answer>): void;
  sendStreamingMessage(call: ServerWritableStream<Request, Event>): void;
}

function withVendorError<Request, Answer, Event, Service extends Sending<Request, Answer, Event>>(
  service: Service & Sending<Request, Answer, Event>,
  messageOf: (request: Request) => { messageId: string } | undefined,
): Service {
  return {
    ...service,
    sendMessage(call: ServerUnaryCall<Request, Answer>, callback: sendUnaryData<Answer>) {
      if (asksForVendorError(messageOf(call.request))) callback(grpcVendorError());
      else service.sendMessage(call, callback);
    },
    sendStreamingMessage(call: ServerWritableStream<Request, Event>) {
      if (asksForVendorError(messageOf(call.request))) call.emit('error', grpcVendorError());
      else service.sendStreamingMessage(call);
    },
  };
}
