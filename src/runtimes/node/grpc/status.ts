import { Metadata } from '@grpc/grpc-js';
import { type AgentError, statusDetails, statusOfCode, toAgentError } from '../../../bridge/agent-error.ts';
import { type Failure, GatewayError } from '../../../failure.ts';
import { encodeStatus } from '../../../grpc/status-details.ts';
import { errorInfoType, rpcStatuses } from '../../../protocol/a2a-errors.ts';
import { rpcErrorBody } from '../../../protocol/errors.ts';
import { endingComment } from '../../../protocol/event-stream.ts';
import { isRecord } from '../../../protocol/json.ts';
import { RpcError, StreamEnded } from './answer.ts';

/** How a call ends that fails (A2A §10.6). */
export interface CallStatus {
  code: number;
  details: string;
  /** Trailers. */
  metadata: Metadata;
}

/** What clients take in trailers by default is 8 KiB, and base64 makes three bytes four. */
const maxDetailsBytes = 4_096;
const maxMessageChars = 1_024;

/** The status of whatever ended a call. What we did not foresee is `internal`. */
export function statusOf(thrown: unknown): CallStatus {
  if (thrown instanceof RpcError) return statusOfError(thrown.error);
  if (thrown instanceof StreamEnded) {
    return { code: rpcStatuses.UNAVAILABLE.grpcCode, details: endingComment, metadata: new Metadata() };
  }
  return statusOfFailure(thrown instanceof GatewayError ? thrown.failure : { code: 'internal' });
}

function statusOfFailure(failure: Failure): CallStatus {
  const { error } = JSON.parse(rpcErrorBody(failure, 'null')) as { error: Record<string, unknown> }; // Our own words.
  return statusOfError(error);
}

/** By `reason` first, then by code (A2A §5.4), as any binding's errors are understood. */
function statusOfError({ code, message, data }: Readonly<Record<string, unknown>>): CallStatus {
  const rpcCode = typeof code === 'number' ? code : undefined;
  const error = toAgentError({
    rpcCode,
    status: statusOfCode(rpcCode),
    message,
    ...(areDetails(data) ? { details: data } : data !== undefined && data !== null && { data }),
  });
  const status = { code: rpcStatuses[error.status].grpcCode, message: sendable(error.message) };
  const metadata = new Metadata();
  const details = packed(status, error);
  if (details !== undefined) metadata.set('grpc-status-details-bin', Buffer.from(details));
  return { code: status.code, details: status.message, metadata };
}

function areDetails(data: unknown): data is unknown[] {
  return (
    Array.isArray(data) && data.every((detail) => isRecord(detail) && typeof detail['@type'] === 'string')
  );
}

/** All details, or where they are too many for trailers the one that says what happened, in the agent's words or in ours. */
function packed(status: { code: number; message: string }, error: AgentError): Uint8Array | undefined {
  const details = statusDetails(error);
  const { data: _, ...bare } = { ...error, details: [] };
  const info = details.find((detail) => isRecord(detail) && detail['@type'] === errorInfoType);
  // Two bytes each takes at least: millions are not written to find that they are too many.
  const all = details.length > maxDetailsBytes / 2 ? [] : [details];
  for (const some of [...all, info === undefined ? [] : [info], statusDetails(bare)]) {
    const bytes = encodeStatus({ ...status, details: some });
    if (bytes.length <= maxDetailsBytes) return bytes;
  }
  return undefined;
}

/** An agent's text may be long and hold half a surrogate pair, which no URI encoding has a form for. */
function sendable(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text.slice(0, maxMessageChars)));
}
