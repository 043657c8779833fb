import { sendRaw } from './gateway.ts';

/** An answer read from the socket. */
export interface RawAnswer {
  status: number;
  /** Status line and headers. */
  head: string;
  body: string;
}

/**
 * A request as an attacker writes it: nothing is escaped or checked, and only `Host` and `Connection: close` are added
 * where they are not given.
 */
export function rawRequest(line: string, headers: readonly string[] = [], body = ''): string {
  const added = ['host: gateway.test', 'connection: close'].filter((header) => {
    const name = header.slice(0, header.indexOf(':') + 1);
    return !headers.some((given) => given.toLowerCase().startsWith(name));
  });
  return [`${line} HTTP/1.1`, ...added, ...headers, '', body].join('\r\n');
}

/** Sends a raw request and reads the first answer; status 0 where the connection just ended. */
export async function exchange(url: string, request: string | Uint8Array): Promise<RawAnswer> {
  const text = await sendRaw(url, request);
  const end = text.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
  return { status, head: text.slice(0, end), body: end === -1 ? '' : text.slice(end + 4) };
}

/** The ErrorInfo of an answer in any binding's shape, read from the body or, chunked or not, from the socket. */
export function errorInfo(text: string): { reason: string; metadata: Record<string, string> } | undefined {
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  if (json === '') return undefined;
  const body = JSON.parse(json) as ErrorBody & { error?: ErrorBody };
  const { details, data } = body.error ?? body; // HTTP+JSON of 0.3 wraps nothing.
  const info = details ?? (Array.isArray(data) ? data : undefined);
  return info?.[0] === undefined ? undefined : { reason: info[0].reason, metadata: info[0].metadata };
}

interface ErrorBody {
  details?: ErrorInfo[];
  data?: ErrorInfo[];
}

interface ErrorInfo {
  reason: string;
  metadata: Record<string, string>;
}
