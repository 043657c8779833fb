import { Agent } from 'undici';
import { GatewayError } from '../failure.ts';
import type { ConnectionOptions, Upstream, UpstreamRequest, UpstreamResponse } from '../ports.ts';
import { type ConnectorOptions, createConnector } from './connect.ts';
import { Exchange } from './exchange.ts';
import type { Http2 } from './http2.ts';
import { PerConnection } from './per-connection.ts';
import { compileRules, type UpstreamRules, urlRefusal } from './rules.ts';
import { undiciFailure } from './undici-failures.ts';
import { wireHeaders } from './wire-headers.ts';

export interface UpstreamOptions extends Omit<ConnectorOptions, 'allowAddresses'> {
  rules?: UpstreamRules;
  /** Largest response header block. Default 16 384. */
  maxHeaderBytes?: number;
  /** A session of HTTP/2 without a call is closed after it. Default 15 000. */
  idleSessionMs?: number;
  /**
   * Connections of HTTP/1.1 to one origin. Beyond it calls wait, and fail after their `headersTimeoutMs` with
   * `upstream_timeout` phase connect. Default unlimited: every open stream holds a connection, so a limit here would
   * let a few streams starve an agent's other callers; calls and streams are limited before they come here.
   */
  maxConnectionsPerOrigin?: number;
  /** Kinds of connections kept apart, see `ConnectionOptions`. The least recently used goes. Default 1 000. */
  maxPools?: number;
}

/**
 * The Upstream port on undici, and on Node's own client for HTTP/2: kept connections, certificates always verified, no
 * redirects, no retries of a request that was sent, unless the agent says that it did not take it (RFC 9113 §8.7).
 *
 * Sends `accept-encoding: identity`, whatever the request says, and refuses an encoded answer
 * (`upstream_response_invalid`, problem `content_encoding`), so that size limits count what is really read. An
 * answer that is not HTTP has problem `http` or `http2`, too long a header block `headers_too_large`. `idleTimeoutMs` is
 * watched with a resolution of about a second, and not while the reader is the slow side. A body read by
 * `chunks` without `totalTimeoutMs` may go on for ever: it ends with its caller.
 *
 * A kept connection is used again without resolving its name again; it leads to an address that was checked. It is used
 * for calls with equal `ConnectionOptions` only.
 *
 * @throws TypeError on rules or a proxy that cannot be parsed
 */
export function createUpstream(options: UpstreamOptions = {}): Upstream & { close(): Promise<void> } {
  const rules = compileRules(options.rules);
  const { maxHeaderBytes = 16_384 } = options;
  const connector = createConnector({ ...options, allowAddresses: rules.allowAddresses });
  const leaving = new Set<Agent>();
  const agents = new PerConnection(makeAgent, leave, options.maxPools);
  const live = new Set<Exchange>();
  let http2: Promise<Http2> | undefined;
  let isClosed = false;

  function makeAgent(connection: ConnectionOptions): Agent {
    return new Agent({
      connect: connector.connectAs(connection),
      connections: options.maxConnectionsPerOrigin ?? null,
      maxHeaderSize: maxHeaderBytes,
      // Both phases are timed per call.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Its calls under way go on to their end. */
  function leave(agent: Agent): void {
    leaving.add(agent);
    agent.close(() => leaving.delete(agent));
  }

  async function dispatchHttp2(request: UpstreamRequest): Promise<UpstreamResponse> {
    const headers = wireHeaders(request.headers);
    // When it is first asked for: a gateway without an agent that speaks gRPC starts without it.
    http2 ??= import('./http2.ts').then(({ createHttp2 }) =>
      createHttp2(connector, { ...options, maxHeaderBytes }),
    );
    const { dispatch, failureOf } = await http2;
    if (isClosed) throw new GatewayError({ code: 'shutting_down' });
    const exchange = new Exchange(request, (over) => live.delete(over), failureOf);
    live.add(exchange);
    dispatch(request, exchange, headers);
    return exchange.response;
  }

  function dispatch(request: UpstreamRequest): Exchange {
    const { url } = request;
    const headers = wireHeaders(request.headers);
    const exchange = new Exchange(request, (over) => live.delete(over), undiciFailure);
    live.add(exchange);
    agents.of(request.connection).dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers,
        body: request.body ?? null,
        bodyTimeout: request.idleTimeoutMs,
      },
      exchange,
    );
    return exchange;
  }

  return {
    refusal: (url) => urlRefusal(url, rules),

    check: async (url) => urlRefusal(url, rules) ?? connector.check(url),

    async send(request) {
      const rule = urlRefusal(request.url, rules);
      if (rule !== undefined) throw new GatewayError({ code: 'upstream_address_refused', rule });
      if (isClosed) throw new GatewayError({ code: 'shutting_down' });
      return request.http2 ? dispatchHttp2(request) : dispatch(request).response;
    },

    /** Ends every call with `shutting_down`; later ones fail the same way. */
    async close() {
      isClosed = true;
      for (const exchange of live) exchange.end(new GatewayError({ code: 'shutting_down' }));
      connector.close();
      (await http2)?.destroy();
      await Promise.all([...agents.all(), ...leaving].map((agent) => agent.destroy()));
    },
  };
}
