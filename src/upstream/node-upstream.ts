import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { type Failure, GatewayError } from '../failure.ts';
import type { Upstream, UpstreamRequest } from '../ports.ts';
import { type ConnectorOptions, createConnector } from './connect.ts';
import { Exchange, type WireController } from './exchange.ts';
import { connectionFailureOf, evidenceOf, invalidAnswer, resetFailure } from './failures.ts';
import { PerConnection } from './per-connection.ts';
import { compileRules, type UpstreamRules, urlRefusal } from './rules.ts';
import { wireHeaders } from './wire-headers.ts';

export interface NodeUpstreamOptions extends Omit<ConnectorOptions, 'allowAddresses'> {
  rules?: UpstreamRules;
  /** Largest response header block. Default 16 384. */
  maxHeaderBytes?: number;
  /** Kinds of connections whose TLS is prepared once, see `ConnectionOptions`. Default 1 000. */
  maxPools?: number;
}

/**
 * The Upstream port on Node's own HTTP client, for a function that fetches a few small documents: undici is most of
 * such a function's size. The same rules, failures and timing as the adapter on undici, with a connection of its own for
 * every call (`connection: close`), so that nothing is left open while the function is frozen. HTTP/1.1 alone: no document
 * comes by gRPC.
 *
 * `idleTimeoutMs` is watched to the millisecond, and not while the reader is the slow side.
 *
 * @throws TypeError on rules or a proxy that cannot be parsed, and when asked for HTTP/2
 */
export function createNodeUpstream(options: NodeUpstreamOptions = {}): Upstream & { close(): Promise<void> } {
  const rules = compileRules(options.rules);
  const connector = createConnector({ ...options, allowAddresses: rules.allowAddresses });
  const maxHeaderBytes = options.maxHeaderBytes ?? 16_384;
  const connects = new PerConnection(connector.connectAs, undefined, options.maxPools);
  const live = new Set<Exchange>();
  let isClosed = false;

  return {
    refusal: (url) => urlRefusal(url, rules),

    check: async (url) => urlRefusal(url, rules) ?? connector.check(url),

    async send(request) {
      if (request.http2) throw new TypeError('this adapter has no HTTP/2');
      const rule = urlRefusal(request.url, rules);
      if (rule !== undefined) throw new GatewayError({ code: 'upstream_address_refused', rule });
      if (isClosed) throw new GatewayError({ code: 'shutting_down' });
      const headers = wireHeaders(request.headers);
      const exchange = new Exchange(request, (over) => live.delete(over), nodeFailure);
      live.add(exchange);
      const wire = new NodeWire(request, exchange);
      connect(connects.of(request.connection), request.url).then(
        (socket) => wire.begin(socket, headers, maxHeaderBytes),
        (error) => wire.fail(error),
      );
      return exchange.response;
    },

    /** Ends every call with `shutting_down`; later ones fail the same way. */
    async close() {
      isClosed = true;
      for (const exchange of live) exchange.end(new GatewayError({ code: 'shutting_down' }));
      connector.close();
    },
  };
}

function connect(
  connector: buildConnector.connector,
  { hostname, host, protocol, port }: URL,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connector({ hostname, host, protocol, port }, (error, socket) =>
      socket === null ? reject(error) : resolve(socket),
    );
  });
}

/** Drives an exchange with Node's client on one judged socket, and keeps the idle time. */
class NodeWire implements WireController {
  readonly #request: UpstreamRequest;
  readonly #exchange: Exchange;
  #socket: Socket | undefined;
  #answer: IncomingMessage | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(request: UpstreamRequest, exchange: Exchange) {
    this.#request = request;
    this.#exchange = exchange;
  }

  /** Sends the request, unless the call has ended while connecting: then the exchange ends the socket. */
  begin(socket: Socket, headers: readonly string[], maxHeaderBytes: number): void {
    this.#socket = socket;
    this.#exchange.onRequestStart(this);
    if (socket.destroyed) return;
    try {
      this.#open(socket, headers, maxHeaderBytes).end(this.#request.body);
    } catch (error) {
      this.fail(error); // A header that cannot be written.
    }
  }

  /** Tells the exchange, behind the bytes that came before, and closes the connection. */
  fail(error: unknown): void {
    this.#exchange.onResponseError(this, error);
    this.abort();
  }

  pause(): void {
    clearTimeout(this.#idleTimer);
    this.#answer?.pause();
  }

  resume(): void {
    this.#watchSilence();
    this.#answer?.resume();
  }

  abort(): void {
    this.#stopWatching();
    this.#socket?.destroy();
  }

  #open(socket: Socket, headers: readonly string[], maxHeaderSize: number): ClientRequest {
    const { method, url } = this.#request;
    const outgoing = httpRequest({
      createConnection: () => socket,
      method,
      path: url.pathname + url.search,
      setHost: false,
      maxHeaderSize,
      // Whatever NODE_OPTIONS says: two readings of an answer are one too many.
      insecureHTTPParser: false,
    });
    outgoing.on('error', (error) => this.fail(error)).on('response', (answer) => this.#onAnswer(answer));
    outgoing.setHeader('host', url.host);
    for (let index = 0; index < headers.length; index += 2) {
      outgoing.setHeader(headers[index] ?? '', headers[index + 1] ?? '');
    }
    return outgoing;
  }

  #onAnswer(answer: IncomingMessage): void {
    this.#answer = answer;
    this.#exchange.onResponseStart(this, answer.statusCode ?? 0, answer.headersDistinct);
    this.#watchSilence();
    answer
      .on('data', (chunk: Buffer<ArrayBuffer>) => {
        this.#watchSilence();
        this.#exchange.onResponseData(this, chunk);
      })
      .on('error', (error) => this.fail(error))
      .on('end', () => {
        this.#stopWatching();
        this.#exchange.onResponseEnd(this, {});
      });
  }

  #watchSilence(): void {
    clearTimeout(this.#idleTimer);
    const { idleTimeoutMs } = this.#request;
    if (this.#isOver || idleTimeoutMs === 0) return;
    this.#idleTimer = setTimeout(
      () => this.fail(new GatewayError({ code: 'upstream_stalled', idleTimeoutMs })),
      idleTimeoutMs,
    );
  }

  #stopWatching(): void {
    this.#isOver = true;
    clearTimeout(this.#idleTimer);
  }
}

/** The failure of an exchange, from what Node's client reports. A GatewayError, the connector's or our own, passes. */
function nodeFailure(cause: unknown, answered: boolean): GatewayError {
  return cause instanceof GatewayError ? cause : new GatewayError(nodeFailureOf(cause, answered), { cause });
}

function nodeFailureOf(cause: unknown, answered: boolean): Failure {
  const evidence = evidenceOf(cause);
  const { code } = evidence;
  if (code === 'HPE_HEADER_OVERFLOW') return invalidAnswer('headers_too_large');
  if (code === 'HPE_INVALID_EOF_STATE' && answered) return resetFailure;
  if (code.startsWith('HPE_')) return invalidAnswer('http');
  // Node's own word for a connection that ended early comes from no system call.
  if (code === 'ECONNRESET') return resetFailure;
  return connectionFailureOf(evidence) ?? { code: 'internal' };
}
