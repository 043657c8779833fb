import { type Failure, factsOf } from '../../failure.ts';
import type { Gateway } from '../../gateway.ts';
import type { Log } from '../../ports.ts';
import { restErrorBody } from '../../protocol/errors.ts';
import { isRecord } from '../../protocol/json.ts';
import { toRequest } from './event.ts';

export interface AnswererOptions {
  gateway: Gateway;
  publicUrl: string;
  log: Log;
}

export interface AnswerOptions {
  /** Fires when the caller is gone. */
  signal: AbortSignal;
  /** See `RequestContext`. */
  deadline: AbortSignal;
}

/** A proxy event in, a response out, never a throw. */
export type Answerer = (event: unknown, options: AnswerOptions) => Promise<Response>;

/** Puts the gateway behind proxy events; an event that is no request is refused, and a gateway that throws is a 500. */
export function createAnswerer({ gateway, publicUrl, log }: AnswererOptions): Answerer {
  return async (event, { signal, deadline }) => {
    const request = toRequest(event, { publicUrl, signal });
    if (!request.ok) {
      const { failure } = request;
      // The event itself stays out of the log: it is an attacker's text, or holds ids.
      log.write('info', 'event refused', { failure });
      return refusal(failure);
    }
    try {
      return await gateway(request.value, { deadline, ...requestIdOf(event) });
    } catch (cause) {
      return internalError(cause, log);
    }
  };
}

/** API Gateway's, so that its access log and ours tell of one request by one name. */
function requestIdOf(event: unknown): { requestId?: string } {
  const context = isRecord(event) ? event.requestContext : undefined;
  const requestId = isRecord(context) ? context.requestId : undefined;
  return typeof requestId === 'string' && /^[\w-]{1,64}$/.test(requestId) ? { requestId } : {};
}

/** The answer to what nobody foresaw. */
export function internalError(cause: unknown, log: Log): Response {
  const failure: Failure = { code: 'internal' };
  log.write('error', 'answering failed', { failure, cause });
  return refusal(failure);
}

function refusal(failure: Failure): Response {
  const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  if (failure.code === 'method_not_allowed') headers.set('allow', failure.allow);
  return new Response(restErrorBody(failure), { status: factsOf(failure.code).httpStatus, headers });
}
