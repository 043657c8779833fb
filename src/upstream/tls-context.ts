import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type Failure, GatewayError } from '../failure.ts';
import type { ConnectionOptions } from '../ports.ts';
import { evidenceOf } from './failures.ts';

type ClientCertificate = NonNullable<ConnectionOptions['clientCertificate']>;

export interface TlsOptions {
  /**
   * PEM certificates trusted beside Node's own authorities. Default none: then those of `NODE_EXTRA_CA_CERTS` are trusted
   * too, which Node itself drops where any are given.
   */
  authorities?: readonly string[];
  clientCertificate?: ClientCertificate | undefined;
}

/**
 * What TLS connections with equal options share. TLS is 1.2 at least.
 *
 * @throws GatewayError `credential_unavailable` problem `key` for a client certificate that is none or has another key,
 *   `upstream_tls_failed` for an authority that is no certificate. Neither tells what was read.
 */
export function createTlsContext({ authorities = [], clientCertificate }: TlsOptions): SecureContext {
  const context = readable({ code: 'credential_unavailable', problem: 'key' }, () =>
    createSecureContext({ minVersion: 'TLSv1.2', ...(clientCertificate && checked(clientCertificate)) }),
  );
  for (const pem of authorities) trust(context, pem);
  return context;
}

/** Node takes an empty text for nothing at all, and would call as nobody. Whether the two fit it does check. */
function checked({ certificate, privateKey }: ClientCertificate): { cert: string; key: string } {
  new X509Certificate(certificate);
  createPrivateKey(privateKey);
  return { cert: certificate, key: privateKey };
}

/**
 * Option `ca` would replace Node's authorities, and reading them again with it costs 24 ms and 1 MB a context; what the
 * option does inside costs less than 1 ms. It takes a text without certificates for an empty list, so that is judged here.
 */
function trust({ context }: SecureContext, pem: string): void {
  readable({ code: 'upstream_tls_failed' }, () => new X509Certificate(pem));
  context.addCACert(pem);
}

/** The reason stays, by its code alone: what Node's message quotes is not ours to promise. */
function readable<T>(failure: Failure, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new GatewayError(failure, { cause: new Error(`not usable PEM: ${evidenceOf(error).code}`) });
  }
}
