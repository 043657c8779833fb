import { domainOf, type Failure, factsOf, metadataOf, reasonOf } from '../failure.ts';
import { badRequestType, errorInfoType } from './a2a-errors.ts';
import type { ServedVersion } from './version.ts';

/** `error.data` and `error.details`: ErrorInfo always, BadRequest where one member is at fault (A2A §9.5, §11.6). */
function detailsOf(failure: Failure): unknown[] {
  const info = {
    '@type': errorInfoType,
    reason: reasonOf(failure),
    domain: domainOf(failure),
    metadata: metadataOf(failure),
  };
  const field = fieldAtFault(failure);
  if (field === undefined) return [info];
  return [info, { '@type': badRequestType, fieldViolations: [field] }];
}

function fieldAtFault(failure: Failure): { field: string; description: string } | undefined {
  switch (failure.code) {
    case 'member_refused':
      return { field: failure.member, description: failure.rule };
    case 'parameter_invalid':
      return { field: failure.parameter, description: failure.problem };
    case 'card_invalid':
      return { field: failure.path, description: failure.problem };
    default:
      return undefined;
  }
}

/** A JSON-RPC error response (A2A §9.5). `idText` is the request's id as spelled there. */
export function rpcErrorBody(failure: Failure, idText: string): string {
  const { rpcCode, message } = factsOf(failure.code);
  const error = JSON.stringify({ code: rpcCode, message, data: detailsOf(failure) });
  return `{"jsonrpc":"2.0","id":${idText},"error":${error}}`;
}

/** A google.rpc.Status body (A2A §11.6), also the shape of our own routes' errors. */
export function restErrorBody(failure: Failure): string {
  const { httpStatus, status, message } = factsOf(failure.code);
  return JSON.stringify({ error: { code: httpStatus, status, message, details: detailsOf(failure) } });
}

/** An error body in HTTP+JSON of a version. */
export function restFailureBody(failure: Failure, version: ServedVersion): string {
  return version === '1.0' ? restErrorBody(failure) : legacyRestErrorBody(failure);
}

/** Statuses that speak of HTTP itself and so stand beside a JSON-RPC error body too; all else is 200 there. */
const rpcHttpStatuses: ReadonlySet<number> = new Set([401, 403, 405, 413, 415, 429, 503]);

/** The HTTP status of a failure on a JSON-RPC endpoint. */
export function rpcHttpStatus(failure: Failure): number {
  const { httpStatus } = factsOf(failure.code);
  return rpcHttpStatuses.has(httpStatus) ? httpStatus : 200;
}

/**
 * The event that tells of a failure in mid-stream, in the form both official SDKs read: `event: error` with the
 * binding's error body as data. The protocol itself defines none.
 */
export function errorEvent(body: string): string {
  return `event: error\ndata: ${body}\n\n`;
}

/**
 * An error body in HTTP+JSON of 0.3, which defines none: the bare JSON-RPC error, as the official SDKs write and read it
 * there, and the error's name in `type`, by which the Python SDK knows it.
 */
function legacyRestErrorBody(failure: Failure): string {
  const { rpcCode, message, protocolReason } = factsOf(failure.code);
  const type = protocolReason === undefined ? {} : { type: legacyErrorType(protocolReason) };
  return JSON.stringify({ code: rpcCode, message, ...type, data: detailsOf(failure) });
}

/** The name of the protocol's error by its ErrorInfo reason: `TASK_NOT_FOUND` is `TaskNotFoundError` (A2A §5.4). */
export function legacyErrorType(reason: string): string {
  const words = reason.toLowerCase().split('_');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Error`;
}
