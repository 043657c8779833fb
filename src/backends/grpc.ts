import type { UpstreamResponse } from '../ports.ts';
import type { AuthConfig } from './auth-config.ts';
import { type BackendConfig, plainHttp } from './backend-config.ts';
import { credentialKindOf, targetKindOf } from './kinds.ts';

/** Why an agent cannot be called by gRPC, whatever its card says. Undefined: it can. */
export function grpcObstacle({
  backend = plainHttp,
  authConfig,
}: {
  backend?: BackendConfig | undefined;
  authConfig: AuthConfig;
}): string | undefined {
  if (targetKindOf(backend).hasGrpc !== true) return `backend ${backend.type}`;
  return credentialKindOf(authConfig).notOverGrpc?.(authConfig);
}

/** Statuses of gRPC (google.rpc.Code) that speak of who answers rather than of the call, as HTTP has them. */
const httpStatuses: Readonly<Record<string, number>> = { '14': 503, '16': 401 };

/**
 * A gRPC answer with the status HTTP would have for it, where it says UNAVAILABLE or UNAUTHENTICATED and nothing else: so
 * breakers, retries and credentials judge both alike. Its headers and trailers are as they were.
 */
export function withHttpStatus(response: UpstreamResponse): UpstreamResponse {
  const status = httpStatuses[response.header('grpc-status') ?? ''];
  if (status === undefined || response.status !== 200) return response;
  return {
    status,
    header: (name) => response.header(name),
    trailer: (name) => response.trailer(name),
    bytes: (maxBytes) => response.bytes(maxBytes),
    chunks: () => response.chunks(),
    close: () => response.close(),
  };
}
