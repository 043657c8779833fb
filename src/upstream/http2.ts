import type { ConnectionOptions, UpstreamRequest } from '../ports.ts';
import type { Connector } from './connect.ts';
import type { Exchange, FailureOf } from './exchange.ts';
import { http2Failure } from './http2-failures.ts';
import { Http2Sessions, type SessionLimits } from './http2-sessions.ts';
import { Http2Wire } from './http2-wire.ts';
import { PerConnection } from './per-connection.ts';

export interface Http2Options extends Omit<SessionLimits, 'settingsTimeoutMs'> {
  /** Of connections that have none of their own; the agent's settings get as long again. Default 5 000. */
  connectTimeoutMs?: number | undefined;
  /** Kinds of connections kept apart. Default 1 000. */
  maxPools?: number | undefined;
}

/**
 * Calls over HTTP/2, on Node's own client: undici's sends one POST at a time on a session, and ends an answer at its
 * trailers whether or not its body has been read. Sessions are shared by calls to one origin with equal options, and
 * never by others.
 */
export interface Http2 {
  dispatch(request: UpstreamRequest, exchange: Exchange, headers: readonly string[]): void;
  failureOf: FailureOf;
  /** Ends every session. */
  destroy(): void;
}

export function createHttp2(connector: Connector, options: Http2Options): Http2 {
  const leaving = new Set<Http2Sessions>();
  const pools = new PerConnection(make, leave, options.maxPools);

  function make(connection: ConnectionOptions): Http2Sessions {
    const settingsTimeoutMs = connection.connectTimeoutMs ?? options.connectTimeoutMs ?? 5_000;
    return new Http2Sessions(connector.connectHttp2(connection), { ...options, settingsTimeoutMs });
  }

  /** Its calls under way go on to their end. */
  function leave(sessions: Http2Sessions): void {
    leaving.add(sessions);
    sessions.leave(() => leaving.delete(sessions));
  }

  return {
    dispatch(request, exchange, headers) {
      const sessions = pools.of(request.connection);
      const { maxHeaderBytes } = options;
      new Http2Wire(request, exchange, { sessions, headers, maxHeaderBytes }).begin();
    },
    failureOf: http2Failure,
    destroy() {
      for (const sessions of [...pools.all(), ...leaving]) sessions.destroy();
    },
  };
}
