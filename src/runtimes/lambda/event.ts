import { fail, ok, type Result } from '../../failure.ts';
import { canonicalTarget } from '../../http/path.ts';
import { isRecord } from '../../protocol/json.ts';
import { hopByHop } from './hop-by-hop.ts';

/**
 * An event of a REST API's Lambda proxy integration (payload format 1.0), as far as it is read. What an authorizer left in
 * `requestContext.authorizer` is not: the core judges the token itself.
 */
export interface ProxyEvent {
  httpMethod: string;
  /** Without the stage, with the base path of a custom domain; percent-encoding untouched. */
  path: string;
  /** The last value of each; so is `queryStringParameters`. */
  headers: Readonly<Record<string, string>> | null;
  multiValueHeaders: Readonly<Record<string, readonly string[]>> | null;
  /** Percent-decoded by API Gateway; so are the multiple ones. */
  queryStringParameters: Readonly<Record<string, string>> | null;
  multiValueQueryStringParameters: Readonly<Record<string, readonly string[]>> | null;
  body: string | null;
  isBase64Encoded: boolean;
  requestContext: { stage: string; path: string };
}

/** An event as it arrives: any member may be missing or be something else. */
type GivenEvent = Partial<Record<keyof ProxyEvent, unknown>>;

export interface RequestOptions {
  /** The setting: origin of the URL, and the base path of a custom domain. */
  publicUrl: string;
  /** Fires when the caller is gone. */
  signal: AbortSignal;
}

/** What a Request can carry and a caller can mean; Request itself refuses CONNECT, TRACE and TRACK. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const allow = [...methods].join(', ');

/** What AWS says of a caller and a connection; to the core it is a caller's text like any other. */
const edgeHeaders = /^(?:x-amz|cloudfront-)/;

/**
 * The Request an event stands for. Its target is checked as it would be on a socket, before URL parsing can hide
 * anything in it; its origin is the public URL's whatever `Host` says. Order and spelling of the query are API Gateway's:
 * pairs of one name stand together, encoded anew. The length of the body is the one counted here.
 *
 * Failures: `path_refused`, `method_not_allowed`, `parameter_invalid` naming a header that is none, `body_malformed` for
 * what is not base64. Never throws, whatever the event is.
 */
export function toRequest(event: unknown, { publicUrl, signal }: RequestOptions): Result<Request> {
  const given: GivenEvent = isRecord(event) ? event : {};
  const { httpMethod: method } = given;
  const target = targetOf(given, publicUrl);
  if (!target.ok) return target;
  if (typeof method !== 'string' || !methods.has(method)) return fail({ code: 'method_not_allowed', allow });
  const headers = headersOf(given);
  if (!headers.ok) return headers;
  const body = bodyOf(given);
  if (!body.ok) return body;
  const bytes = method === 'GET' || method === 'HEAD' ? undefined : body.value;
  // Who declares five bytes and sends five million would pass a limit that trusts the HTTP parser to hold them to it.
  headers.value.delete('content-length');
  if (bytes !== undefined) headers.value.set('content-length', String(bytes.length));
  const url = new URL(publicUrl).origin + target.value;
  return ok(new Request(url, { method, headers: headers.value, body: bytes ?? null, signal }));
}

function targetOf(event: GivenEvent, publicUrl: string): Result<string> {
  if (typeof event.path !== 'string') return fail({ code: 'path_refused', rule: 'form' });
  const pairs = pairsOf(event.multiValueQueryStringParameters, event.queryStringParameters);
  const query = pairs === undefined ? undefined : encodedQuery(pairs);
  if (query === undefined) return fail({ code: 'path_refused', rule: 'encoding' });
  const target = servedPath(event.path, event.requestContext, publicUrl) + query;
  const canonical = canonicalTarget(target);
  return canonical.ok ? ok(target) : canonical;
}

/**
 * The path as the routes know it. Under the API's own host the stage stands before it in `requestContext.path` and not in
 * `path`; under a custom domain the base path stands in both, and in the public URL.
 */
function servedPath(path: string, context: unknown, publicUrl: string): string {
  const { stage, path: whole } = isRecord(context) ? context : {};
  if (whole === `/${stage}${path}`) return path;
  const base = new URL(publicUrl).pathname.replace(/\/$/, '');
  if (path === base) return '/';
  return path.startsWith(`${base}/`) ? path.slice(base.length) : path;
}

/** Undefined for half a surrogate pair, which nothing encodes. */
function encodedQuery(pairs: readonly Pair[]): string | undefined {
  if (pairs.length === 0) return '';
  try {
    return `?${pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;
  } catch {
    return undefined;
  }
}

function headersOf(event: GivenEvent): Result<Headers> {
  const pairs = pairsOf(event.multiValueHeaders, event.headers, (name) => name.toLowerCase());
  if (pairs === undefined)
    return fail({ code: 'parameter_invalid', parameter: 'headers', problem: 'not texts' });
  const headers = new Headers();
  for (const [name, value] of pairs) {
    try {
      headers.append(name, value);
    } catch {
      // Line ends, NUL and what is not Latin-1: no HTTP message can carry it, so no caller sent it as it stands.
      return fail({ code: 'parameter_invalid', parameter: name, problem: 'not a header' });
    }
  }
  const isHopByHop = hopByHop(headers.get('connection'));
  for (const name of [...headers.keys()])
    if (isHopByHop(name) || edgeHeaders.test(name)) headers.delete(name);
  return ok(headers);
}

type Pair = readonly [name: string, value: string];

/**
 * All values of each name; of a name that has only a single one, that one. Undefined where a value is not text.
 * @param keyOf what makes two names the same
 */
function pairsOf(
  multiple: unknown,
  single: unknown,
  keyOf = (name: string): string => name,
): Pair[] | undefined {
  const many = Object.entries(isRecord(multiple) ? multiple : {});
  const names = new Set(many.map(([name]) => keyOf(name)));
  const others = Object.entries(isRecord(single) ? single : {}).filter(([name]) => !names.has(keyOf(name)));
  const pairs = [
    ...many.flatMap(([name, values]) => [values].flat().map((value): [string, unknown] => [name, value])),
    ...others,
  ];
  return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string') ? pairs : undefined;
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

function bodyOf({ body, isBase64Encoded }: GivenEvent): Result<Uint8Array<ArrayBuffer> | undefined> {
  if (body === null || body === undefined || body === '') return ok(undefined);
  if (typeof body !== 'string') return fail({ code: 'body_malformed', problem: 'not text' });
  if (isBase64Encoded !== true) return ok(Buffer.from(body, 'utf8'));
  // Buffer takes what it can make out of anything, and that would be another body than the one that was sent.
  if (body.length % 4 !== 0 || !base64.test(body)) return fail({ code: 'body_malformed', problem: 'base64' });
  return ok(Buffer.from(body, 'base64'));
}
