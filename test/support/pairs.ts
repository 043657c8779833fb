import { generate } from 'selfsigned';

/** A certificate that signs itself, and its key, both in PEM. */
export interface Pair {
  certificate: string;
  privateKey: string;
}

/** For a client or a server at 127.0.0.1. @param notAfterDate default: in a year */
export async function pair(commonName: string, notAfterDate?: Date): Promise<Pair> {
  const { cert, private: privateKey } = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    ...(notAfterDate !== undefined && { notAfterDate }),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  return { certificate: cert, privateKey };
}
