import type { StatusName } from '../../failure-facts.ts';
import { a2aErrors, errorInfoType, protocolDomain, rpcStatuses } from '../../protocol/a2a-errors.ts';
import { isRecord } from '../../protocol/json.ts';
import { type AgentError, type SaidError, saidData, toAgentError } from '../agent-error.ts';

/**
 * The error in an HTTP+JSON body: google.rpc.Status (A2A §11.6), a problem document (RFC 9457, as the samples of §6.4
 * have it), or the bare `{code, message, data}` of 0.3's servers.
 *
 * @param httpStatus undefined for an event of a stream
 */
export function restError(httpStatus: number | undefined, body: unknown): AgentError {
  return toAgentError({ httpStatus, ...saidIn(body) });
}

function saidIn(body: unknown): SaidError {
  if (!isRecord(body)) return {};
  if (isRecord(body.error)) return saidInStatus(body.error);
  const hasCode = typeof body.code === 'number' && body.code < 0;
  return typeof body.type === 'string' && !hasCode ? saidInProblem(body, body.type) : saidInStatus(body);
}

function saidInStatus({ code, status, message, details, data }: Record<string, unknown>): SaidError {
  return {
    // Those of HTTP and gRPC are positive, those of JSON-RPC negative.
    ...(typeof code === 'number' && code < 0 && { rpcCode: code }),
    ...(isStatusName(status) && { status }),
    message,
    ...saidData(data),
    ...(Array.isArray(details) && { details }),
  };
}

function isStatusName(status: unknown): status is StatusName {
  return typeof status === 'string' && Object.hasOwn(rpcStatuses, status);
}

/** `https://a2a-protocol.org/errors/task-not-found` and `TaskNotFoundError` are TASK_NOT_FOUND. */
function saidInProblem({ title, detail }: Record<string, unknown>, type: string): SaidError {
  const name = (/[^/#]*$/.exec(type)?.[0] ?? '').replace(/-?error$/i, '');
  const reason = name
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .replaceAll('-', '_')
    .toUpperCase();
  const message = typeof detail === 'string' ? detail : title;
  if (!Object.hasOwn(a2aErrors, reason)) return { message };
  const info = { '@type': errorInfoType, reason, domain: protocolDomain, metadata: {} };
  return { message, details: [info] };
}
