import { type Context, substitute } from './context.ts';
import type { GatewayResponse } from './model.ts';

/** Answers API Gateway gives in its own name, with their default status. */
const defaultStatus = {
  ACCESS_DENIED: 403,
  AUTHORIZER_CONFIGURATION_ERROR: 500,
  AUTHORIZER_FAILURE: 500,
  DEFAULT_4XX: 400,
  DEFAULT_5XX: 500,
  INTEGRATION_FAILURE: 504,
  INTEGRATION_TIMEOUT: 504,
  MISSING_AUTHENTICATION_TOKEN: 403,
  REQUEST_TOO_LARGE: 413,
  THROTTLED: 429,
  UNAUTHORIZED: 401,
} as const;

export type ResponseType = keyof typeof defaultStatus;

const defaultMessage: Partial<Record<ResponseType, string>> = {
  ACCESS_DENIED: 'User is not authorized to access this resource',
  INTEGRATION_TIMEOUT: 'Endpoint request timed out',
  MISSING_AUTHENTICATION_TOKEN: 'Missing Authentication Token',
  REQUEST_TOO_LARGE: 'Request Too Long',
  THROTTLED: 'Too Many Requests',
  UNAUTHORIZED: 'Unauthorized',
};

/** Ends a request with one of API Gateway's own answers. `detail` is for the log alone. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly type: ResponseType;
  readonly detail: string;
  /** Where it is not the type's own. */
  readonly status: number | undefined;
  readonly publicMessage: string | undefined;

  constructor(type: ResponseType, detail: string, more: { status?: number; publicMessage?: string } = {}) {
    super(`${type}: ${detail}`);
    this.type = type;
    this.detail = detail;
    this.status = more.status;
    this.publicMessage = more.publicMessage;
  }
}

export interface RenderedResponse {
  status: number;
  headers: [string, string][];
  body: string;
}

const defaultTemplates = { 'application/json': '{"message":$context.error.messageString}' };

/**
 * The answer as the API customises it: the response of the type, else DEFAULT_4XX or DEFAULT_5XX, else AWS's own. A
 * template knows `$context` variables and nothing else of AWS's template language.
 *
 * @param accept picks among templates of several content types; without a match the first one counts
 * @throws TypeError for a header value that is neither a static `'…'` text nor a `context.` variable
 */
export function renderGatewayResponse(
  { type, status, publicMessage }: Pick<GatewayRefusal, 'type' | 'status' | 'publicMessage'>,
  responses: ReadonlyMap<string, GatewayResponse>,
  context: Context,
  accept = '*/*',
): RenderedResponse {
  const ownStatus = status ?? defaultStatus[type];
  const fallback = responses.get(ownStatus < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const custom = responses.get(type) ?? fallback;
  const message = publicMessage ?? defaultMessage[type] ?? 'Internal server error';
  context.set('error.message', message);
  context.set('error.messageString', JSON.stringify(message));
  context.set('error.responseType', type);
  const templates = Object.entries(
    custom !== undefined && Object.keys(custom.templates).length > 0 ? custom.templates : defaultTemplates,
  );
  const [contentType = 'application/json', template = ''] =
    templates.find(([mediaType]) => accept.includes(mediaType)) ?? templates[0] ?? [];
  return {
    // The fallback's status counts for the types it stands in for.
    status: custom?.statusCode ?? ownStatus,
    headers: [
      ['content-type', contentType],
      ...Object.entries(custom?.headers ?? {}).map(([name, value]): [string, string] => [
        name,
        headerValue(value, context),
      ]),
    ],
    body: substitute(template, context, ''),
  };
}

function headerValue(value: string, context: Context): string {
  const [, text] = /^'(.*)'$/s.exec(value) ?? [];
  if (text !== undefined) return text;
  const [, name] = /^context\.(.+)$/.exec(value) ?? [];
  if (name !== undefined) return context.get(name) ?? '';
  throw new TypeError(`gateway response header ${value} is neither '…' nor context.…`);
}
