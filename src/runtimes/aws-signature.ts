import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { OutgoingRequest } from '../backends/request.ts';
import type { AwsCredentials } from './aws-credentials.ts';

export interface SigningScope {
  region: string;
  service: string;
}

/** Headers that sign a request at this time. */
export async function signatureOf(
  { method, url, headers, body }: OutgoingRequest,
  { region, service }: SigningScope,
  credentials: AwsCredentials,
  nowMs: number,
): Promise<Readonly<Record<string, string>>> {
  const signer = new SignatureV4({
    region,
    service,
    credentials: keysOf(credentials),
    sha256: Sha256,
    // S3 alone takes the path as it is on the wire; for all others it is encoded once more.
    uriEscapePath: !service.startsWith('s3'),
  });
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    headers: { ...headers, host: url.host },
    ...(body !== undefined && { body }),
  };
  // The library leaves some headers out that others change on the way; between the gateway and AWS nobody does.
  const signableHeaders = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const signed = await signer.sign(request, { signingDate: new Date(nowMs), signableHeaders });
  return Object.fromEntries(
    added.flatMap((name) => (signed.headers[name] ? [[name, signed.headers[name]]] : [])),
  );
}

const added = ['authorization', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token'];

function keysOf({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

function queryOf({ searchParams }: URL): Record<string, string[]> {
  const names = new Set(searchParams.keys());
  return Object.fromEntries([...names].map((name) => [name, searchParams.getAll(name)]));
}

/** SHA-256, keyed or not, as the library asks for it. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): never {
    throw new TypeError('a hash is used once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
