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

/** The ErrorInfo of an answer in either binding's shape, read from the body or, chunked or not, from the socket. */
export function errorInfo(body: string): { reason: string; metadata: Record<string, string> } | undefined {
  const json = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1);
  if (json === '') return undefined;
  const { error } = JSON.parse(json) as { error?: { details?: ErrorInfo[]; data?: ErrorInfo[] } };
  const info = (error?.details ?? error?.data)?.[0];
  return info === undefined ? undefined : { reason: info.reason, metadata: info.metadata };
}

interface ErrorInfo {
  reason: string;
  metadata: Record<string, string>;
}
