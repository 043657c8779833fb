import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';

export interface GuardOptions {
  /** Names and values together. */
  maxMetadataBytes: number;
  /** How long a call may take to send its message. */
  requestTimeoutMs: number;
}

/**
 * Refuses calls before anything of their message is read: those whose metadata is too large, and later those that do not
 * finish sending. The message itself is bounded by the library.
 */
export function createGuard({ maxMetadataBytes, requestTimeoutMs }: GuardOptions): ServerInterceptor {
  return (_method, call) => {
    let timer: NodeJS.Timeout | undefined;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, go) {
            if (bytesOf(metadata) > maxMetadataBytes) {
              refuse(call, 'The metadata is larger than allowed.');
              return;
            }
            timer = setTimeout(() => refuse(call, 'The request message took too long.'), requestTimeoutMs);
            go(metadata);
          },
          onReceiveHalfClose(go) {
            clearTimeout(timer);
            go();
          },
          onCancel: () => clearTimeout(timer),
        }),
    });
  };
}

function refuse(call: ServerInterceptingCallInterface, details: string): void {
  call.sendStatus({ code: status.RESOURCE_EXHAUSTED, details });
}

function bytesOf(metadata: Metadata): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(metadata.toHttp2Headers()))
    for (const value of Array.isArray(values) ? values : [values])
      bytes += name.length + String(value).length;
  return bytes;
}
