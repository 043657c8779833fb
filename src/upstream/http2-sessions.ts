import { type ClientHttp2Session, connect as openSession } from 'node:http2';
import type { Socket } from 'node:net';
import { GatewayError } from '../failure.ts';

export interface SessionLimits {
  /** Largest header block of an answer. */
  maxHeaderBytes: number;
  /** A session without a stream is closed after it. Shorter than what usual load balancers allow. Default 15 000. */
  idleSessionMs?: number | undefined;
  /** From the connection to the agent's settings. */
  settingsTimeoutMs: number;
}

/**
 * Streams on a session beside each other; beyond it another session is made. What most servers allow: gRPC's own default
 * and that of proxies.
 */
const maxStreams = 100;

/** Bytes of an answer the agent may send ahead of the reader, by stream. */
const streamWindowBytes = 256 * 1024;

/** Of all streams together, in megabytes: Node refuses new ones above. */
const maxSessionMegabytes = 64;

/** A place for one stream on a session. */
export interface StreamPlace {
  session: ClientHttp2Session;
  /** To be called once, when the stream is over. */
  leave(): void;
}

/** The sessions of connections with equal options, by origin. */
export class Http2Sessions {
  readonly #connect: (url: URL) => Promise<Socket>;
  readonly #limits: SessionLimits;
  readonly #byOrigin = new Map<string, Set<KeptSession>>();
  /** One at a time for an origin, so that calls which come together share it. */
  readonly #opening = new Map<string, Promise<KeptSession>>();
  #left: (() => void) | undefined;
  #isDestroyed = false;

  constructor(connect: (url: URL) => Promise<Socket>, limits: SessionLimits) {
    this.#connect = connect;
    this.#limits = limits;
  }

  /** @throws GatewayError those of the connector */
  async take(url: URL): Promise<StreamPlace> {
    for (;;) {
      const place = this.#placeAt(url.origin);
      if (place !== undefined) return place;
      await (this.#opening.get(url.origin) ?? this.#openAt(url));
    }
  }

  /** No session is kept without a stream from now on. @param left called when none is left */
  leave(left: () => void): void {
    this.#left = left;
    for (const kept of this.#all()) kept.closeIfIdle();
    this.#leaveIfEmpty();
  }

  /** Connections still being made are closed as soon as they are there. */
  destroy(): void {
    this.#isDestroyed = true;
    for (const { session } of this.#all()) session.destroy();
  }

  *#all(): Generator<KeptSession> {
    for (const sessions of this.#byOrigin.values()) yield* sessions;
  }

  #placeAt(origin: string): StreamPlace | undefined {
    for (const kept of this.#byOrigin.get(origin) ?? []) {
      const place = kept.enter();
      if (place !== undefined) return place;
    }
    return undefined;
  }

  #openAt(url: URL): Promise<KeptSession> {
    const opening = this.#open(url).finally(() => this.#opening.delete(url.origin));
    this.#opening.set(url.origin, opening);
    return opening;
  }

  async #open(url: URL): Promise<KeptSession> {
    const socket = await this.#connect(url);
    if (this.#isDestroyed) {
      socket.destroy();
      throw new GatewayError({ code: 'shutting_down' });
    }
    const { origin } = url;
    const session = openSession(origin, {
      createConnection: () => socket,
      settings: {
        enablePush: false,
        initialWindowSize: streamWindowBytes,
        maxHeaderListSize: this.#limits.maxHeaderBytes,
      },
      maxSessionMemory: maxSessionMegabytes,
    });
    await this.#introduced(session);
    const kept = new KeptSession(
      session,
      this.#limits.idleSessionMs ?? 15_000,
      () => this.#left !== undefined,
    );
    const sessions = this.#byOrigin.get(origin) ?? new Set();
    this.#byOrigin.set(origin, sessions.add(kept));
    session.once('close', () => {
      sessions.delete(kept);
      if (sessions.size === 0) this.#byOrigin.delete(origin);
      this.#leaveIfEmpty();
    });
    return kept;
  }

  /**
   * The agent's settings come first (RFC 9113 §3.4) and say how many streams it takes. Where they do not come, it does not
   * speak HTTP/2, and nothing has been sent to it.
   */
  #introduced(session: ClientHttp2Session): Promise<void> {
    return new Promise((resolve, reject) => {
      let cause: unknown = new GatewayError({ code: 'upstream_reset' });
      const fail = (error: unknown) => {
        cause = error;
      };
      const timer = setTimeout(() => {
        fail(new GatewayError({ code: 'upstream_timeout', phase: 'connect' }));
        session.destroy();
      }, this.#limits.settingsTimeoutMs);
      session.once('remoteSettings', () => {
        clearTimeout(timer);
        resolve();
      });
      // Stays on: later, each stream is told by itself.
      session.on('error', fail);
      session.once('close', () => {
        clearTimeout(timer);
        reject(cause);
      });
    });
  }

  #leaveIfEmpty(): void {
    if (this.#byOrigin.size === 0 && this.#opening.size === 0) this.#left?.();
  }
}

class KeptSession {
  readonly session: ClientHttp2Session;
  readonly #idleSessionMs: number;
  readonly #isLeaving: () => boolean;
  #streams = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(session: ClientHttp2Session, idleSessionMs: number, isLeaving: () => boolean) {
    this.session = session;
    this.#idleSessionMs = idleSessionMs;
    this.#isLeaving = isLeaving;
    session.once('close', () => clearTimeout(this.#idleTimer));
  }

  /** Undefined where there is no room, now or ever again. */
  enter(): StreamPlace | undefined {
    const { session } = this;
    if (session.closed || session.destroyed || this.#streams >= this.#room()) return undefined;
    this.#streams++;
    clearTimeout(this.#idleTimer);
    session.ref();
    return { session, leave: () => this.#leave() };
  }

  closeIfIdle(): void {
    if (this.#streams === 0) this.session.close();
  }

  /** One at least: a server that says none at first may say more later, and the stream waits for it. */
  #room(): number {
    const allowed = this.session.remoteSettings?.maxConcurrentStreams ?? maxStreams;
    return Math.max(1, Math.min(allowed, maxStreams));
  }

  #leave(): void {
    this.#streams--;
    if (this.#streams > 0) return;
    if (this.#isLeaving()) this.session.close();
    // Nothing is under way that the process should live for.
    this.session.unref();
    this.#idleTimer = setTimeout(() => this.closeIfIdle(), this.#idleSessionMs).unref();
  }
}
