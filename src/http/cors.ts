import type { GatewayConfig } from '../config.ts';

type Answer = () => Promise<Response>;

/** What a page needs to read beside the body. */
const exposedHeaders =
  'ETag, Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, X-Request-Id, A2A-Extensions, X-A2A-Extensions';
const allowedHeaders =
  'Authorization, Content-Type, Accept, A2A-Version, A2A-Extensions, X-A2A-Extensions, If-Match, If-None-Match, Last-Event-ID, Traceparent, Tracestate';
const allowedMethods = 'GET, POST, PUT, PATCH, DELETE';
const preflightMaxAgeSeconds = '600';

/**
 * Cross-origin requests of browsers (Fetch §3.2). A preflight from a listed origin is answered here, without a token,
 * because browsers send none; it tells nothing that is not in the documentation. Answers to other origins carry no CORS
 * headers, so that their pages cannot read them. No cookies are involved: `Allow-Credentials` is never sent.
 */
export function createCors({
  allowOrigins,
}: GatewayConfig['cors']): (request: Request, answer: Answer) => Promise<Response> {
  const listed = new Set(allowOrigins);
  const isAllowed = (origin: string) => listed.has('*') || listed.has(origin);
  if (listed.size === 0) return (_request, answer) => answer();

  return async (request, answer) => {
    const origin = request.headers.get('origin');
    const isPreflight = request.method === 'OPTIONS' && request.headers.has('access-control-request-method');
    if (origin === null || !isAllowed(origin)) return varied(await answer());
    if (isPreflight) return varied(new Response(null, { status: 204, headers: preflightHeaders(origin) }));
    const response = await answer();
    response.headers.set('access-control-allow-origin', origin);
    response.headers.set('access-control-expose-headers', exposedHeaders);
    return varied(response);
  };
}

function preflightHeaders(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': allowedMethods,
    'access-control-allow-headers': allowedHeaders,
    'access-control-max-age': preflightMaxAgeSeconds,
  };
}

/** Caches must not hand one origin the answer of another. */
function varied(response: Response): Response {
  response.headers.append('vary', 'Origin');
  return response;
}
