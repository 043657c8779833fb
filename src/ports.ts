/** The outside world as narrow types. Each has its adapters elsewhere; nothing here does I/O. */

export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

/** A new unguessable id, safe in headers and URLs. */
export type NewId = () => string;

/** One line an event. Fields never hold tokens, secrets or message parts. */
export interface Log {
  write(
    level: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    fields?: Readonly<Record<string, unknown>>,
  ): void;
}

/**
 * Secrets by name, write-only for people: no route reads one back.
 * Names are chosen by the caller and never reused for another value, so a cached secret is never stale.
 */
export interface Secrets {
  /** Durable when the promise resolves. */
  put(name: string, value: string): Promise<void>;
  /** As `put`, of a name that is not there yet. False, and nothing is changed, where it is. */
  create(name: string, value: string): Promise<boolean>;
  get(name: string): Promise<string | undefined>;
  /** Deleting an absent name succeeds. */
  delete(name: string): Promise<void>;
  /** Every name that begins with `prefix`, with the time it was put. */
  list(prefix: string): Promise<readonly { name: string; createdAtMs: number }[]>;
}

export interface UpstreamRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: URL;
  /** Exactly what is sent, beside `host`, `content-length` and connection management. */
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /**
   * Over HTTP/2 (RFC 9113), in clear text by prior knowledge: what gRPC needs. Not every adapter has it. Default: HTTP/1.1.
   */
  http2?: true;
  /**
   * Who waits for the answer, such as the Request being served: when its signal fires the call ends, at any phase, the
   * response body included. The signal is not read at once, because a Request makes it only when asked.
   */
  caller?: { readonly signal: AbortSignal };
  /** From here to the response headers, connecting included. */
  headersTimeoutMs: number;
  /** Longest silence between two pieces of the response body. 0: any. */
  idleTimeoutMs: number;
  /** From asking for `bytes` to all of them: a drip slower than any use is not silence. Default: `idleTimeoutMs`. */
  bytesTimeoutMs?: number;
  /**
   * From here to the end of the answer, however it is read: not for a stream, which may go on for ever. Default: only the
   * other two limits.
   */
  totalTimeoutMs?: number;
  /** How this connection differs from others. Default: in nothing. */
  connection?: ConnectionOptions;
}

/** What one agent's connections need beside the gateway's own rules. Equal options share kept connections; others never do. */
export interface ConnectionOptions {
  /** Default: the gateway's. */
  connectTimeoutMs?: number;
  /** PEM certificates of authorities trusted beside the gateway's own. */
  caCertificates?: string;
  /** What the gateway proves itself with in TLS (RFC 8446 §4.4.2), in PEM. */
  clientCertificate?: { certificate: string; privateKey: string };
}

/** The response body is taken at most once, by `bytes` or `chunks`; if by neither, `close` must be called. */
export interface UpstreamResponse {
  status: number;
  /** Values of a repeated header are joined by `, `. */
  header(name: string): string | undefined;
  /** A field that came after the body (RFC 9110 §6.5), once that has been read. Those of HTTP/1.1 need not be told. */
  trailer(name: string): string | undefined;
  /**
   * @throws GatewayError `upstream_response_too_large`, `upstream_response_invalid`, `upstream_reset`,
   *   `upstream_timeout` phase body or total
   */
  bytes(maxBytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Pulled, so a slow reader slows the agent. Leaving the loop early closes the connection, or the call's stream on it.
   * @throws GatewayError `upstream_reset`, `upstream_stalled`, `upstream_response_invalid`
   */
  chunks(): AsyncIterable<Uint8Array>;
  /** Ends the upstream connection, or the call's stream on it, at once. Safe to call twice. */
  close(): void;
}

/**
 * The one way out: every fetch made on someone's word (agents, cards, token endpoints, issuers) passes here, so the
 * rules on schemes, ports and addresses hold for all. Redirects are never followed: a 3xx is an answer like another.
 *
 * @throws GatewayError `upstream_address_refused`, `upstream_unreachable`, `upstream_tls_failed`,
 *   `upstream_timeout`, `upstream_reset`, `upstream_response_invalid`, `credential_unavailable` problem `key` for a
 *   client certificate that cannot be used, `shutting_down`, `caller_left` when the signal fires
 */
export interface Upstream {
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  /**
   * Whether the rules let the gateway call this URL, as far as its text tells (scheme, userinfo, port, literal
   * address, allow and deny lists). Does not resolve names; `send` checks the resolved address again.
   * Answers the broken rule, or undefined.
   */
  refusal(url: URL): string | undefined;
  /**
   * As `refusal`; of a name that breaks no rule by its text, its addresses are judged too, and nothing is connected. All
   * that resolving shows (an address that is refused, none at all, no answer in time) is the one rule `address`: who chose
   * the name is to learn nothing of the names and addresses behind the gateway. How long it takes may still tell.
   *
   * What it answers is true now: a name may lead elsewhere when it is called, and `send` judges it then.
   * @throws GatewayError `shutting_down`
   */
  check(url: URL): Promise<string | undefined>;
}
