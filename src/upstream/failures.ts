import { errors } from 'undici';
import { type Failure, GatewayError } from '../failure.ts';

/** The failure of one attempt to connect, from what `net` and `tls` throw. */
export function connectFailure(cause: unknown): GatewayError {
  return new GatewayError(connectFailureOf(evidenceOf(cause)), { cause });
}

function connectFailureOf({ code, syscall }: Evidence): Failure {
  // ABORT_ERR: the attempt's share of the time has run out.
  if (code === 'ABORT_ERR' || code === 'ETIMEDOUT') return { code: 'upstream_timeout', phase: 'connect' };
  if (code === 'ECONNRESET' || code === 'EPIPE') return { code: 'upstream_reset' };
  // A TLS alert arrives as EPROTO from a system call; every other error of a handshake comes from none.
  if (code !== 'EPROTO' && syscall !== undefined) return { code: 'upstream_unreachable' };
  return { code: 'upstream_tls_failed' };
}

/** The failure of a call whose signal has fired: the signal's own when it has one, else the caller's leaving. */
export function leaveFailure({ reason }: AbortSignal): GatewayError {
  return reason instanceof GatewayError
    ? reason
    : new GatewayError({ code: 'caller_left' }, { cause: reason });
}

/**
 * The failure of an exchange, from what undici reports. A GatewayError, the connector's or our own, passes as it is.
 *
 * @param answered whether the response headers have arrived
 */
export function exchangeFailure(cause: unknown, answered: boolean, idleTimeoutMs: number): GatewayError {
  if (cause instanceof GatewayError) return cause;
  if (cause instanceof errors.BodyTimeoutError) {
    return new GatewayError({ code: 'upstream_stalled', idleTimeoutMs }, { cause });
  }
  return new GatewayError(exchangeFailureOf(cause, answered), { cause });
}

function exchangeFailureOf(cause: unknown, answered: boolean): Failure {
  const { code, syscall } = evidenceOf(cause);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return invalid('headers_too_large');
  if (isBrokenMessage(cause)) return answered && isCutShort(cause) ? reset : invalid('http');
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return { code: 'shutting_down' };
  // With TLS 1.3 a refused client certificate shows only at the first read.
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return { code: 'upstream_tls_failed' };
  // What is left is the connection's end, or a fault of ours: a header undici refuses to write.
  return code === 'UND_ERR_SOCKET' || syscall !== undefined ? reset : { code: 'internal' };
}

const reset: Failure = { code: 'upstream_reset' };

function invalid(problem: string): Failure {
  return { code: 'upstream_response_invalid', problem };
}

type BrokenMessage = errors.HTTPParserError | errors.ResponseContentLengthMismatchError;

function isBrokenMessage(cause: unknown): cause is BrokenMessage {
  return (
    cause instanceof errors.HTTPParserError || cause instanceof errors.ResponseContentLengthMismatchError
  );
}

/** The parser names the bytes it stumbled over; at an early end there are none. */
function isCutShort(cause: BrokenMessage): boolean {
  return !('data' in cause) || cause.data === '';
}

interface Evidence {
  code: string;
  syscall: string | undefined;
}

function evidenceOf(error: unknown): Evidence {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    syscall: typeof syscall === 'string' ? syscall : undefined,
  };
}
