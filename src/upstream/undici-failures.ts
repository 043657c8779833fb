import { errors } from 'undici';
import { type Failure, GatewayError } from '../failure.ts';
import { connectionFailureOf, evidenceOf, invalidAnswer, resetFailure } from './failures.ts';

/**
 * The failure of an exchange, from what undici reports. A GatewayError, the connector's or our own, passes as it is.
 *
 * @param answered whether the response headers have arrived
 */
export function undiciFailure(cause: unknown, answered: boolean, idleTimeoutMs: number): GatewayError {
  if (cause instanceof GatewayError) return cause;
  if (cause instanceof errors.BodyTimeoutError) {
    return new GatewayError({ code: 'upstream_stalled', idleTimeoutMs }, { cause });
  }
  return new GatewayError(undiciFailureOf(cause, answered), { cause });
}

function undiciFailureOf(cause: unknown, answered: boolean): Failure {
  const evidence = evidenceOf(cause);
  const { code } = evidence;
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return invalidAnswer('headers_too_large');
  if (isBrokenMessage(cause)) return answered && isCutShort(cause) ? resetFailure : invalidAnswer('http');
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return { code: 'shutting_down' };
  if (code === 'UND_ERR_SOCKET') return resetFailure;
  return connectionFailureOf(evidence) ?? { code: 'internal' };
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
