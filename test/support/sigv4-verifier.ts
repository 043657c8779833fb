import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * AWS Signature Version 4 from the side of the one who receives it, written from the published algorithm ("Create a
 * signed AWS API request", IAM User Guide) and nothing else: it works on what was on the wire.
 */

/** A request as it was received. */
export interface WireRequest {
  method: string;
  /** The request target, letter for letter. */
  target: string;
  /** Names and values in turn, as received. */
  rawHeaders: readonly string[];
  body: Uint8Array;
}

export interface Verifying {
  /** Secrets by access key. */
  keys: Readonly<Record<string, { secretAccessKey: string; sessionToken?: string; expiresAtMs?: number }>>;
  region: string;
  service: string;
  nowMs: number;
  /** Whether headers may be left out of the signature. Default: only those of the connection. */
  allowUnsigned?: boolean;
}

export type Verdict =
  | 'valid'
  | 'missing'
  | 'scope'
  | 'key'
  | 'session'
  | 'expired'
  | 'skew'
  | 'body'
  | 'unsigned'
  | 'signature';

const maxSkewMs = 300_000;
/** What HTTP clients add by themselves. */
const ofConnection = new Set([
  'authorization',
  'connection',
  'content-length',
  'accept-encoding',
  'transfer-encoding',
]);

export function verifySigV4(request: WireRequest, options: Verifying): Verdict {
  const headers = headersOf(request.rawHeaders);
  const given = partsOf(headers.get('authorization') ?? '');
  const date = headers.get('x-amz-date') ?? '';
  if (given === undefined || !/^\d{8}T\d{6}Z$/.test(date)) return 'missing';
  const { accessKeyId, scope, signedHeaders, signature } = given;
  if (scope !== `${date.slice(0, 8)}/${options.region}/${options.service}/aws4_request`) return 'scope';
  const key = Object.hasOwn(options.keys, accessKeyId) ? options.keys[accessKeyId] : undefined;
  if (key === undefined) return 'key';
  if ((key.sessionToken ?? '') !== (headers.get('x-amz-security-token') ?? '')) return 'session';
  if ((key.expiresAtMs ?? Number.POSITIVE_INFINITY) <= options.nowMs) return 'expired';
  if (Math.abs(timeOf(date) - options.nowMs) > maxSkewMs) return 'skew';
  const bodyHash = sha256(request.body);
  if ((headers.get('x-amz-content-sha256') ?? bodyHash) !== bodyHash) return 'body';
  const unsigned = [...headers.keys()].filter(
    (name) => !signedHeaders.includes(name) && !ofConnection.has(name),
  );
  if (!signedHeaders.includes('host') || (options.allowUnsigned !== true && unsigned.length > 0))
    return 'unsigned';
  const canonical = [
    request.method,
    canonicalPath(request.target.split('?', 1)[0] ?? '', options.service),
    canonicalQuery(request.target),
    ...signedHeaders.map((name) => `${name}:${headers.get(name) ?? ''}`),
    '',
    signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const signingKey = scope
    .split('/')
    .reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${key.secretAccessKey}`);
  const expected = hmac(signingKey, text);
  const found = Buffer.from(signature, 'hex');
  return found.length === expected.length && timingSafeEqual(found, expected) ? 'valid' : 'signature';
}

interface Given {
  accessKeyId: string;
  scope: string;
  signedHeaders: string[];
  signature: string;
}

function partsOf(authorization: string): Given | undefined {
  const [, accessKeyId, scope, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  if (accessKeyId === undefined || scope === undefined || names === undefined || signature === undefined)
    return undefined;
  return { accessKeyId, scope, signedHeaders: names.split(';'), signature };
}

/** Trimmed, runs of spaces as one; values of one name joined by commas. */
function headersOf(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    const value = (raw[at + 1] ?? '').trim().replace(/ +/g, ' ');
    headers.set(name, headers.has(name) ? `${headers.get(name)},${value}` : value);
  }
  return headers;
}

/** S3 takes the path as it is; all others remove what is redundant in it and encode it once more. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return path;
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(encoded(Buffer.from(segment)));
  }
  return kept.length === 0 ? '/' : `/${kept.join('/')}${path.endsWith('/') ? '/' : ''}`;
}

function canonicalQuery(target: string): string {
  const at = target.indexOf('?');
  if (at === -1 || at === target.length - 1) return '';
  const pairs = target
    .slice(at + 1)
    .split('&')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [encoded(decoded(name)), encoded(decoded(value.join('=')))] as const;
    });
  return pairs
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** Percent-decoded to bytes; `+` is a plus. */
function decoded(text: string): Buffer {
  return Buffer.from(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

/** Every byte but the unreserved ones of RFC 3986 §2.3. */
function encoded(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += /[A-Za-z0-9._~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function timeOf(date: string): number {
  return Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
