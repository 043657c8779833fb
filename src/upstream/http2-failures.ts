import { constants } from 'node:http2';
import { type Failure, GatewayError } from '../failure.ts';
import { connectionFailureOf, evidenceOf, invalidAnswer, resetFailure } from './failures.ts';

const {
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_FRAME_SIZE_ERROR,
  NGHTTP2_COMPRESSION_ERROR,
  NGHTTP2_FLOW_CONTROL_ERROR,
} = constants;

/** Reasons to end a stream that say the agent does not keep to HTTP/2: seen here, since no agent sees it of itself. */
const broken: ReadonlySet<number> = new Set([
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_FRAME_SIZE_ERROR,
  NGHTTP2_COMPRESSION_ERROR,
  NGHTTP2_FLOW_CONTROL_ERROR,
]);

/** A stream that ended before its answer did. */
export class StreamClosed extends Error {
  override readonly name = 'StreamClosed';
  /** Why (RFC 9113 §7). */
  readonly rstCode: number;

  constructor(rstCode: number, options?: { cause?: unknown }) {
    super(`the stream was closed with code ${rstCode}`, options);
    this.rstCode = rstCode;
  }
}

/** The failure of an exchange, from what Node's HTTP/2 reports. A GatewayError, the connector's or our own, passes. */
export function http2Failure(cause: unknown): GatewayError {
  return cause instanceof GatewayError ? cause : new GatewayError(http2FailureOf(cause), { cause });
}

function http2FailureOf(cause: unknown): Failure {
  if (cause instanceof StreamClosed) {
    const within = cause.cause === undefined ? undefined : sessionFailureOf(cause.cause);
    return within ?? (broken.has(cause.rstCode) ? invalidAnswer('http2') : resetFailure);
  }
  return sessionFailureOf(cause) ?? { code: 'internal' };
}

function sessionFailureOf(cause: unknown): Failure | undefined {
  const evidence = evidenceOf(cause);
  // Node's own reading of what is no HTTP/2, such as an answer in HTTP/1.1.
  if (evidence.code === 'ERR_HTTP2_ERROR') return invalidAnswer('http2');
  if (evidence.code === 'ERR_HTTP2_SESSION_ERROR' || evidence.code === 'ECONNRESET') return resetFailure;
  return connectionFailureOf(evidence);
}
