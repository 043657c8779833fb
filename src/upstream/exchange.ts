import { GatewayError, leaveFailure } from '../failure.ts';
import type { UpstreamRequest, UpstreamResponse } from '../ports.ts';
import { GatheredBytes } from '../protocol/bytes.ts';
import { pulled } from '../pulled.ts';
import { CallWatch, type WatchedCall } from './call-watch.ts';

/** Body bytes taken ahead of the reader before the socket is paused. */
const readAheadBytes = 64 * 1024;

/** Fields by their names in lower case. */
export type Fields = Readonly<Record<string, string | string[] | undefined>>;

/** The connection of one call, or its stream on one, as its {@link Exchange} needs it. undici's own controller is one. */
export interface WireController {
  pause(): void;
  resume(): void;
  /** Closes it. What it reports after that is not listened to. */
  abort(reason: Error): void;
}

/** The failure for what the wire reports; a GatewayError passes as it is. `answered`: the response headers have come. */
export type FailureOf = (cause: unknown, answered: boolean, idleTimeoutMs: number) => GatewayError;

/**
 * One call: the handler the wire drives, undici's or Node's, and the response the caller reads, with no Node stream
 * between.
 *
 * Is over once, by the end of the body, a failure, the caller's signal or `close`; its timer and its watch on the
 * caller go with it. A failure in mid-body waits behind the bytes that came before it; the caller's own leaving does not.
 */
export class Exchange implements UpstreamResponse, WatchedCall {
  status = 0;
  /** Itself, once the response headers are here. */
  readonly response: Promise<UpstreamResponse>;

  readonly #request: UpstreamRequest;
  readonly #whenOver: (exchange: Exchange) => void;
  readonly #failureOf: FailureOf;
  readonly #watch: CallWatch;
  #resolve!: (response: UpstreamResponse) => void;
  #reject!: (error: GatewayError) => void;
  #controller: WireController | undefined;
  #headers: Fields | undefined;
  #trailers: Fields | undefined;
  readonly #held = new GatheredBytes<ArrayBuffer>();
  #pauseAbove = readAheadBytes;
  #claimed = false;
  #over = false;
  #failure: GatewayError | undefined;
  #wake: (() => void) | undefined;
  #totalTimer: NodeJS.Timeout | undefined;

  /** @param whenOver called once, when nothing of the call is left to end. */
  constructor(request: UpstreamRequest, whenOver: (exchange: Exchange) => void, failureOf: FailureOf) {
    this.#request = request;
    this.#whenOver = whenOver;
    this.#failureOf = failureOf;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Here, because connecting is part of the time to the headers.
    this.#watch = new CallWatch(request, this);
  }

  header(name: string): string | undefined {
    return fieldOf(this.#headers, name);
  }

  trailer(name: string): string | undefined {
    return fieldOf(this.#trailers, name);
  }

  async bytes(maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#claim();
    if (Number(this.header('content-length') ?? 0) > maxBytes) throw this.#tooLarge(maxBytes);
    this.#pauseAbove = maxBytes;
    this.#controller?.resume();
    const timer = this.#over ? undefined : this.#watchBody();
    while (!this.#over && this.#held.length <= maxBytes) await this.#change();
    clearTimeout(timer);
    if (this.#failure) throw asBodyTimeout(this.#failure);
    if (this.#held.length > maxBytes) throw this.#tooLarge(maxBytes);
    return this.#held.take();
  }

  chunks(): AsyncIterableIterator<Uint8Array> {
    this.#claim();
    if (!this.#over) this.#watchTotal();
    return pulled(
      () => this.#next(),
      () => this.close(),
    );
  }

  close(): void {
    // The usual case first: an error made for nothing costs more than the rest of a small call.
    if (!this.#over) this.end(new GatewayError({ code: 'caller_left' }));
  }

  /** Ends the call with a failure, closing its connection and dropping what was not read. Nothing once it is over. */
  end(failure: GatewayError): void {
    if (this.#over) return;
    this.#held.take();
    this.#settle(failure);
    this.#controller?.abort(failure);
  }

  /** There is a connection, and nothing has been sent on it yet. */
  onRequestStart(controller: WireController): void {
    this.#controller = controller;
    // Ended while connecting, when there was no connection to close.
    if (this.#failure) controller.abort(this.#failure);
  }

  onResponseStart(_: WireController, status: number, headers: Fields): void {
    if (status < 200) return;
    this.#watch.headersCame();
    this.status = status;
    this.#headers = headers;
    const encoding = this.header('content-encoding') ?? '';
    if (encoding === '' || encoding.toLowerCase() === 'identity') this.#resolve(this);
    else this.end(new GatewayError({ code: 'upstream_response_invalid', problem: 'content_encoding' }));
  }

  /** A socket's bytes are never shared memory, which the type of `chunk` would allow. */
  onResponseData(controller: WireController, chunk: Buffer<ArrayBuffer>): void {
    this.#held.push(chunk);
    if (this.#held.length > this.#pauseAbove) controller.pause();
    this.#wake?.();
  }

  onResponseEnd(_: WireController, trailers: Fields): void {
    if (this.#over) return;
    this.#trailers = trailers;
    this.#settle();
  }

  onResponseError(_: WireController, error: unknown): void {
    if (this.#over) return;
    this.#settle(this.#failureOf(error, this.#headers !== undefined, this.#request.idleTimeoutMs));
  }

  #settle(failure?: GatewayError): void {
    this.#over = true;
    this.#failure = failure;
    this.#watch.stop();
    clearTimeout(this.#totalTimer);
    this.#whenOver(this);
    // Without effect when the response is already out; then the reader meets the failure.
    if (failure) this.#reject(failure);
    this.#wake?.();
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      if (this.#held.length > 0) {
        const value = this.#held.take();
        if (value.length > this.#pauseAbove) this.#controller?.resume();
        return { done: false, value };
      }
      if (this.#failure) throw this.#failure;
      if (this.#over) return { done: true, value: undefined };
      await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #tooLarge(maxBytes: number): GatewayError {
    const failure = new GatewayError({ code: 'upstream_response_too_large', maxBytes });
    this.end(failure);
    return failure;
  }

  #claim(): void {
    if (this.#claimed) throw new TypeError('the response body has been taken');
    this.#claimed = true;
  }

  #watchBody(): NodeJS.Timeout | undefined {
    const { idleTimeoutMs, bytesTimeoutMs = idleTimeoutMs || Infinity } = this.#request;
    const totalLeftMs = this.#watch.totalLeftMs();
    const leftMs = Math.min(totalLeftMs, bytesTimeoutMs);
    if (leftMs === Infinity) return undefined;
    const phase = totalLeftMs <= bytesTimeoutMs ? 'total' : 'body';
    return setTimeout(() => this.end(new GatewayError({ code: 'upstream_timeout', phase })), leftMs);
  }

  /** Silence is watched by the wire. */
  #watchTotal(): void {
    const leftMs = this.#watch.totalLeftMs();
    if (leftMs === Infinity) return;
    const end = () => this.end(new GatewayError({ code: 'upstream_timeout', phase: 'total' }));
    this.#totalTimer = setTimeout(end, leftMs);
  }

  onGone(signal: AbortSignal): void {
    this.end(leaveFailure(signal));
  }

  onHeadersTimeout(): void {
    const { headersTimeoutMs, totalTimeoutMs = Infinity } = this.#request;
    const begun = this.#controller === undefined ? 'connect' : 'headers';
    const phase = totalTimeoutMs <= headersTimeoutMs ? 'total' : begun;
    this.end(new GatewayError({ code: 'upstream_timeout', phase }));
  }
}

function fieldOf(fields: Fields | undefined, name: string): string | undefined {
  const value = fields?.[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** A silent agent is a stalled stream, and a body that comes too late. */
function asBodyTimeout(failure: GatewayError): GatewayError {
  if (failure.failure.code !== 'upstream_stalled') return failure;
  return new GatewayError({ code: 'upstream_timeout', phase: 'body' }, { cause: failure.cause });
}
