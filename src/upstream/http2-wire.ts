import { validateHeaderName, validateHeaderValue } from 'node:http';
import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import { GatewayError } from '../failure.ts';
import type { UpstreamRequest } from '../ports.ts';
import type { Exchange, Fields, WireController } from './exchange.ts';
import { invalidAnswer } from './failures.ts';
import { StreamClosed } from './http2-failures.ts';
import type { Http2Sessions, StreamPlace } from './http2-sessions.ts';

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/**
 * How often a call is sent anew because the agent refused its stream, which says that nothing of it was acted upon (RFC
 * 9113 §8.7): a session that is being closed refuses those that came too late.
 */
const maxRefusals = 2;

export interface Http2WireOptions {
  sessions: Http2Sessions;
  /** Names and values in turn, as `wireHeaders` makes them. */
  headers: readonly string[];
  /** Largest header block of an answer, and largest trailers. */
  maxHeaderBytes: number;
}

/** Drives an exchange on a stream of a kept session, and keeps the idle time. */
export class Http2Wire implements WireController {
  readonly #request: UpstreamRequest;
  readonly #exchange: Exchange;
  readonly #options: Http2WireOptions;
  #stream: ClientHttp2Stream | undefined;
  #trailers: Fields = {};
  #idleTimer: NodeJS.Timeout | undefined;
  #isOver = false;
  #hasAnswer = false;
  #refusals = 0;

  constructor(request: UpstreamRequest, exchange: Exchange, options: Http2WireOptions) {
    this.#request = request;
    this.#exchange = exchange;
    this.#options = options;
  }

  /** Sends the request, once there is a place for it. */
  begin(): void {
    this.#options.sessions.take(this.#request.url).then(
      (place) => this.#open(place),
      (error) => this.#fail(error),
    );
  }

  pause(): void {
    clearTimeout(this.#idleTimer);
    this.#stream?.pause();
  }

  resume(): void {
    this.#watchSilence();
    this.#stream?.resume();
  }

  /** Ends the stream; the session goes on. */
  abort(): void {
    this.#stopWatching();
    this.#stream?.close(NGHTTP2_CANCEL);
  }

  /** Nothing is sent where the call has ended while waiting for its place. */
  #open({ session, leave }: StreamPlace): void {
    this.#exchange.onRequestStart(this);
    if (this.#isOver) {
      leave();
      return;
    }
    const { body } = this.#request;
    try {
      const headers = http2Headers(this.#request, this.#options.headers);
      const stream = session.request(headers, { endStream: body === undefined });
      this.#stream = stream;
      this.#listen(stream, leave);
      if (body !== undefined) stream.end(body);
    } catch (error) {
      leave();
      // The session came to its end just now: nothing was sent.
      if (session.closed || session.destroyed) this.#refused(error);
      else this.#fail(error);
    }
  }

  #listen(stream: ClientHttp2Stream, leave: () => void): void {
    let cause: unknown;
    stream
      .on('response', (headers) => this.#onAnswer(headers))
      .on('trailers', (trailers) => this.#onTrailers(trailers))
      .on('data', (chunk: Buffer<ArrayBuffer>) => {
        this.#watchSilence();
        this.#exchange.onResponseData(this, chunk);
      })
      .on('end', () => this.#onEnd(stream))
      .on('error', (error) => {
        cause = error;
      })
      .on('close', () => {
        leave();
        this.#onClose(stream, cause);
      });
  }

  #onAnswer(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.#hasAnswer = true;
    if (this.#isTooLarge(headers)) return;
    this.#exchange.onResponseStart(this, headers[':status'] ?? 0, headers);
    this.#watchSilence();
  }

  #onTrailers(trailers: IncomingHttpHeaders): void {
    if (!this.#isTooLarge(trailers)) this.#trailers = trailers;
  }

  #isTooLarge(fields: IncomingHttpHeaders): boolean {
    let bytes = 0;
    for (const [name, value = ''] of Object.entries(fields)) bytes += name.length + String(value).length + 4;
    if (bytes <= this.#options.maxHeaderBytes) return false;
    this.#fail(new GatewayError(invalidAnswer('headers_too_large')));
    return true;
  }

  /**
   * Node ends the body of a stream that was reset, too; its closing then says why. One reset without an error cannot be told
   * from one that ended: whoever needs to know looks for trailers, as gRPC has them, or for a length, which Node checks.
   */
  #onEnd(stream: ClientHttp2Stream): void {
    if (this.#isOver || !this.#hasAnswer || stream.rstCode !== NGHTTP2_NO_ERROR) return;
    this.#stopWatching();
    // An agent need not read a request to answer it.
    if (!stream.writableFinished) stream.close(NGHTTP2_CANCEL);
    this.#exchange.onResponseEnd(this, this.#trailers);
  }

  #onClose({ rstCode }: ClientHttp2Stream, cause: unknown): void {
    if (this.#isOver) return;
    const closed = new StreamClosed(rstCode, { cause });
    if (rstCode === NGHTTP2_REFUSED_STREAM && !this.#hasAnswer) this.#refused(closed);
    else this.#fail(closed);
  }

  #refused(error: unknown): void {
    this.#stream = undefined;
    if (this.#refusals++ < maxRefusals) this.begin();
    else this.#fail(error);
  }

  /** Tells the exchange, behind the bytes that came before, and ends the stream. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#exchange.onResponseError(this, error);
    this.abort();
  }

  #watchSilence(): void {
    clearTimeout(this.#idleTimer);
    if (this.#isOver || !this.#hasAnswer) return;
    const { idleTimeoutMs } = this.#request;
    if (idleTimeoutMs === 0) return;
    this.#idleTimer = setTimeout(
      () => this.#fail(new GatewayError({ code: 'upstream_stalled', idleTimeoutMs })),
      idleTimeoutMs,
    );
  }

  #stopWatching(): void {
    this.#isOver = true;
    clearTimeout(this.#idleTimer);
  }
}

/** @throws TypeError for what is no header field */
function http2Headers({ method, url }: UpstreamRequest, wire: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {
    ':method': method,
    ':scheme': url.protocol.slice(0, -1),
    ':authority': url.host,
    ':path': url.pathname + url.search,
  };
  for (let index = 0; index < wire.length; index += 2) {
    const [name = '', value = ''] = [wire[index]?.toLowerCase(), wire[index + 1]];
    validateHeaderName(name);
    validateHeaderValue(name, value);
    headers[name] = value;
  }
  return headers;
}
