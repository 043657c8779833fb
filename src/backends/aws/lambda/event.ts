import { toBase64 } from '../../../protocol/bytes.ts';
import type { OutgoingRequest } from '../../request.ts';
import type { TargetCall } from '../../target.ts';

/**
 * A request as the event a function gets behind a function URL (payload format 2.0). The function's own name for itself
 * is the host of its card's interface, as the gateway reaches it.
 */
export function httpEvent(
  { method, url, headers, body }: OutgoingRequest,
  { requestId, nowMs }: Pick<TargetCall, 'requestId' | 'nowMs'>,
): object {
  const rawPath = url.pathname;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: url.search.slice(1),
    headers: { ...lowercased(headers), host: url.host },
    ...(url.search !== '' && { queryStringParameters: queryOf(url) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'a2a-gateway',
      domainName: url.hostname,
      domainPrefix: 'a2a-gateway',
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        // The function learns of no caller: all it gets is the gateway's.
        sourceIp: '0.0.0.0',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: accessLogTime(nowMs),
      timeEpoch: nowMs,
    },
    ...bodyOf(body),
  };
}

function lowercased(headers: OutgoingRequest['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Repeated parameters are joined by a comma. */
function queryOf({ searchParams }: URL): Record<string, string> {
  const names = [...new Set(searchParams.keys())];
  return Object.fromEntries(names.map((name) => [name, searchParams.getAll(name).join(',')]));
}

function bodyOf(body: OutgoingRequest['body']): { body?: string; isBase64Encoded: boolean } {
  if (body === undefined) return { isBase64Encoded: false };
  if (typeof body === 'string') return { body, isBase64Encoded: false };
  return { body: toBase64(body), isBase64Encoded: true };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Such as `12/Mar/2020:19:03:58 +0000`. */
function accessLogTime(nowMs: number): string {
  const [date = '', time = ''] = new Date(nowMs).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}
