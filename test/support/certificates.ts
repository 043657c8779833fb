import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** A certificate and its key, both PEM. */
export interface Issued {
  certificate: string;
  privateKey: string;
}

/** A certificate authority that lives as long as the test. */
export interface Authority {
  /** What trusts it: PEM. */
  certificate: string;
  /** A certificate for servers and clients alike. Default: `localhost` and `127.0.0.1`, valid for a day. */
  issue(options?: { commonName?: string; hosts?: readonly string[]; expired?: boolean }): Promise<Issued>;
}

const dayMs = 86_400_000;

/** Elliptic keys: one of RSA takes longer to make than the rest of a test. */
const strong = { keyType: 'ec', algorithm: 'sha256' } as const;

export async function createAuthority(commonName = 'Test authority'): Promise<Authority> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    ...strong,
    ...validity(dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });

  return {
    certificate: made.cert,

    async issue({ commonName = 'agent', hosts = ['localhost', '127.0.0.1'], expired = false } = {}) {
      const issued = await generate([{ name: 'commonName', value: commonName }], {
        ...strong,
        ...validity(expired ? -dayMs : dayMs),
        ca: { key: made.private, cert: made.cert },
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'keyUsage', digitalSignature: true },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          { name: 'subjectAltName', altNames: hosts.map(altName) },
        ],
      });
      return { certificate: issued.cert, privateKey: issued.private };
    },
  };
}

/** A certificate that signs itself, for a client or a server at 127.0.0.1. @param notAfterDate default: in a year */
export async function selfSigned(commonName: string, notAfterDate?: Date): Promise<Issued> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    ...strong,
    ...(notAfterDate !== undefined && { notAfterDate }),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [altName('127.0.0.1')] },
    ],
  });
  return { certificate: made.cert, privateKey: made.private };
}

/** From two days ago to `untilMs` from now, so that one that has expired was good once. */
function validity(untilMs: number): { notBeforeDate: Date; notAfterDate: Date } {
  const nowMs = Date.now();
  return { notBeforeDate: new Date(nowMs - 2 * dayMs), notAfterDate: new Date(nowMs + untilMs) };
}

function altName(host: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host };
}
