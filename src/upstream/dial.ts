import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { connect as connectTls, createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

export interface DialTarget {
  /** The IP address to connect to; the only thing that decides where bytes go. */
  address: string;
  port: number;
  /** The URL's host, a name or a literal: what the certificate must prove. */
  host: string;
  secure: boolean;
}

/** Opens one connection, ready for HTTP. Rejects with the raw error; the signal ends the attempt, not the socket. */
export type Dial = (target: DialTarget, signal: AbortSignal) => Promise<Socket>;

const tcpKeepAliveMs = 60_000;

/**
 * Dials with `net` and `tls`. TLS is 1.2 at least and the certificate is always verified, whatever
 * `NODE_TLS_REJECT_UNAUTHORIZED` says.
 *
 * @param ca PEM certificates trusted beside the well-known authorities, that is Node's bundled ones.
 *   When none is given Node's own default holds, `NODE_EXTRA_CA_CERTS` included.
 */
export function createDial(ca: readonly string[] = []): Dial {
  let secureContext: SecureContext | undefined;

  // Made at the first TLS connection: reading the authorities costs milliseconds a plain start does not need.
  function context(): SecureContext {
    secureContext ??= createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca.length > 0 && { ca: [...rootCertificates, ...ca] }),
    });
    return secureContext;
  }

  return (target, signal) =>
    new Promise((resolve, reject) => {
      const socket = target.secure ? openTls(target, context()) : openTcp(target);
      addAbortSignal(signal, socket);
      socket.setNoDelay(true).setKeepAlive(true, tcpKeepAliveMs);
      socket.once(target.secure ? 'secureConnect' : 'connect', () => resolve(socket));
      // Stays on, so that no error between here and the HTTP client's own listeners is unhandled.
      socket.on('error', reject);
    });
}

function openTcp({ address, port }: DialTarget): Socket {
  return connectTcp({ host: address, port });
}

function openTls({ address, port, host }: DialTarget, secureContext: SecureContext): Socket {
  return connectTls({
    host: address,
    port,
    // SNI carries names only (RFC 6066 §3); without one the certificate is checked against the address.
    servername: isIP(host) === 0 ? host : '',
    secureContext,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  });
}
