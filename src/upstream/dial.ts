import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { GatewayError } from '../failure.ts';
import { invalidAnswer } from './failures.ts';
import { createTlsContext, type TlsOptions } from './tls-context.ts';

export interface DialTarget {
  /**
   * The only thing that decides where bytes go: the IP address to connect to, or a name where a proxy resolves it.
   */
  address: string;
  port: number;
  /** The URL's host, a name or a literal: what the certificate must prove. */
  host: string;
  secure: boolean;
  /** What TLS is to agree on (RFC 7301). Default: HTTP/1.1. */
  http2?: true;
}

/**
 * Opens one connection, ready for HTTP. Rejects with the raw error, or with a GatewayError that says it better; the
 * signal ends the attempt, not the socket.
 */
export type Dial = (target: DialTarget, signal: AbortSignal) => Promise<Socket>;

const tcpKeepAliveMs = 60_000;

/**
 * Dials with TLS where the target wants it. The certificate is always verified, whatever `NODE_TLS_REJECT_UNAUTHORIZED`
 * says.
 *
 * @param open what carries the bytes, TLS or not
 */
export function createDial(tls: TlsOptions = {}, open: Dial = openTcp): Dial {
  let secureContext: SecureContext | undefined;

  // Made at the first TLS connection: a start, and an agent without TLS, need none.
  function context(): SecureContext {
    secureContext ??= createTlsContext(tls);
    return secureContext;
  }

  return async (target, signal) => {
    if (!target.secure) return open(target, signal);
    const shared = context();
    const socket = await openTls(await open(target, signal), target, shared, signal);
    // Most who cannot speak it end the handshake; who does not negotiate at all is not guessed about.
    if (!target.http2 || socket.alpnProtocol === 'h2') return socket;
    socket.destroy();
    throw new GatewayError(invalidAnswer('http2'));
  };
}

export function openTcp({ address, port }: DialTarget, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host: address, port });
  socket.setNoDelay(true).setKeepAlive(true, tcpKeepAliveMs);
  return opened(socket, 'connect', signal);
}

function openTls(
  socket: Socket,
  { host, http2 }: DialTarget,
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const secured = connectTls({
    socket,
    // SNI carries names only (RFC 6066 §3); without one the certificate is checked against the address.
    servername: isIP(host) === 0 ? host : '',
    host,
    secureContext,
    rejectUnauthorized: true,
    ALPNProtocols: [http2 ? 'h2' : 'http/1.1'],
  });
  return opened(secured, 'secureConnect', signal);
}

function opened<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  addAbortSignal(signal, socket);
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve(socket));
    // Stays on, so that no error between here and the HTTP client's own listeners is unhandled. Ends the socket itself: a TLS
    // alert after the handshake does not, and the end that follows would then hide it.
    socket.on('error', (error) => {
      socket.destroy();
      reject(error);
    });
  });
}
