import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { connect as connectTls, type SecureContext } from 'node:tls';
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
    return openTls(await open(target, signal), target.host, shared, signal);
  };
}

export function openTcp({ address, port }: DialTarget, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host: address, port });
  socket.setNoDelay(true).setKeepAlive(true, tcpKeepAliveMs);
  return opened(socket, 'connect', signal);
}

function openTls(
  socket: Socket,
  host: string,
  secureContext: SecureContext,
  signal: AbortSignal,
): Promise<Socket> {
  const secured = connectTls({
    socket,
    // SNI carries names only (RFC 6066 §3); without one the certificate is checked against the address.
    servername: isIP(host) === 0 ? host : '',
    host,
    secureContext,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  });
  return opened(secured, 'secureConnect', signal);
}

function opened(socket: Socket, event: string, signal: AbortSignal): Promise<Socket> {
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
