import { GatewayError } from '../../failure.ts';
import { ProtoError } from '../../grpc/schema.ts';
import { decodeStatusMessage } from '../../grpc/status.ts';
import { decodeStatus, type RpcStatus } from '../../grpc/status-details.ts';
import type { UpstreamResponse } from '../../ports.ts';
import { statusOfGrpcCode } from '../../protocol/a2a-errors.ts';
import { fromBase64 } from '../../protocol/bytes.ts';
import { type AgentError, toAgentError } from '../agent-error.ts';

/**
 * The error an answer has ended with (A2A §10.6); undefined for one that ended well. To be asked once the body has been
 * read.
 *
 * @throws GatewayError `upstream_reset` where the answer ended before it said how
 */
export function grpcError(response: UpstreamResponse): AgentError | undefined {
  const field = (name: string) => response.trailer(name) ?? response.header(name);
  const code = field('grpc-status');
  if (code === undefined) throw new GatewayError({ code: 'upstream_reset' });
  if (code === '0') return undefined;
  const status = statusOfGrpcCode.get(Number(code)) ?? 'UNKNOWN';
  const message = decodeStatusMessage(field('grpc-message') ?? '');
  const { details = [] } = detailsIn(field('grpc-status-details-bin')) ?? {};
  return toAgentError({ status, message, details });
}

/** Details that cannot be read are none: the status says what matters. */
function detailsIn(field: string | undefined): RpcStatus | undefined {
  const bytes = field === undefined ? undefined : fromBase64(field);
  try {
    return bytes && decodeStatus(bytes);
  } catch (error) {
    if (error instanceof ProtoError) return undefined;
    throw error;
  }
}
