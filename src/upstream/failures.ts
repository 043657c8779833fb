import { type Failure, GatewayError } from '../failure.ts';

/** The failure of one attempt to connect, from what `net` and `tls` throw. A GatewayError passes as it is. */
export function connectFailure(cause: unknown): GatewayError {
  if (cause instanceof GatewayError) return cause;
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

/** The agent or the network ended a connection that was still needed. */
export const resetFailure: Failure = { code: 'upstream_reset' };

/** An answer that is not taken as it stands. */
export function invalidAnswer(problem: string): Failure {
  return { code: 'upstream_response_invalid', problem };
}

/**
 * What an error in mid-exchange tells that is neither of HTTP nor of the library that speaks it: with TLS 1.3 a refused
 * client certificate shows only at the first read, and what a system call reports is the connection's end. Undefined: a
 * fault of ours, such as a header that cannot be written.
 */
export function connectionFailureOf({ code, syscall }: Evidence): Failure | undefined {
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return { code: 'upstream_tls_failed' };
  return syscall === undefined ? undefined : resetFailure;
}

/** What Node's and undici's errors tell by members rather than words. */
export interface Evidence {
  code: string;
  syscall: string | undefined;
}

export function evidenceOf(error: unknown): Evidence {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    syscall: typeof syscall === 'string' ? syscall : undefined,
  };
}
