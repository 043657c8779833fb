import { aws_apigateway as apigateway } from 'aws-cdk-lib';
import { challengeFor } from '../src/access/challenge.ts';
import { type Failure, factsOf } from '../src/failure.ts';
import { restErrorBody } from '../src/protocol/errors.ts';
import type { A2AGatewayProps } from './props.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number;
}

/** Lambda takes no larger event, and a request is one: tighter than API Gateway's own 10 MB. */
const maxEventBytes = 6 * 1024 * 1024;

const edgeProblem = 'refused before it was read';

/**
 * What API Gateway answers in its own name, in the shape and where possible the words of the core. A response cannot tell
 * one route from another, so JSON-RPC endpoints get this shape too, with statuses that speak of HTTP itself.
 */
const answers: Readonly<Record<string, Answer>> = {
  UNAUTHORIZED: answerOf({ code: 'token_missing' }),
  // The very bytes of the core, or the two would tell unknown agents from forbidden ones.
  ACCESS_DENIED: answerOf({ code: 'agent_forbidden' }),
  MISSING_AUTHENTICATION_TOKEN: answerOf({ code: 'route_not_found' }),
  RESOURCE_NOT_FOUND: answerOf({ code: 'route_not_found' }),
  // No method takes AWS signatures, and no method takes keys: whoever gets these met no route, and API Gateway took the
  // token for a signature.
  INVALID_SIGNATURE: answerOf({ code: 'route_not_found' }),
  EXPIRED_TOKEN: answerOf({ code: 'route_not_found' }),
  INVALID_API_KEY: answerOf({ code: 'route_not_found' }),
  // Why it failed is not known here. An issuer's keys are what it fetches from outside, so that is likeliest; to a caller
  // a store that does not answer and a function that is throttled mean the same.
  AUTHORIZER_FAILURE: answerOf({ code: 'issuer_unavailable' }),
  AUTHORIZER_CONFIGURATION_ERROR: answerOf({ code: 'issuer_unavailable' }),
  THROTTLED: throttled(),
  QUOTA_EXCEEDED: throttled(),
  REQUEST_TOO_LARGE: answerOf({ code: 'body_too_large', maxBodyBytes: maxEventBytes }),
  UNSUPPORTED_MEDIA_TYPE: answerOf({ code: 'media_type_unsupported', expected: 'application/json' }),
  BAD_REQUEST_BODY: answerOf({ code: 'body_malformed', problem: edgeProblem }),
  BAD_REQUEST_PARAMETERS: answerOf({ code: 'parameter_invalid', parameter: 'request', problem: edgeProblem }),
  INTEGRATION_TIMEOUT: answerOf({ code: 'upstream_timeout', phase: 'deadline' }),
  INTEGRATION_FAILURE: answerOf({ code: 'gateway_unavailable' }),
  WAF_FILTERED: answerOf({ code: 'request_filtered' }),
  API_CONFIGURATION_ERROR: answerOf({ code: 'internal' }),
  DEFAULT_4XX: answerOf({ code: 'request_refused' }),
  DEFAULT_5XX: answerOf({ code: 'internal' }),
};

/** @param publicUrl as the settings have it: the challenge says where the metadata is */
export function addGatewayResponses(
  api: apigateway.RestApi,
  props: A2AGatewayProps,
  publicUrl: string,
): void {
  const challenge = challengeFor(
    { code: 'token_missing' },
    `${publicUrl}/.well-known/oauth-protected-resource`,
  );
  for (const [type, answer] of Object.entries(answers)) {
    api.addGatewayResponse(`Response-${type}`, {
      type: apigateway.ResponseType.of(type),
      statusCode: String(answer.status),
      responseHeaders: {
        'x-request-id': 'context.requestId',
        'cache-control': "'no-store'",
        ...(answer.retryAfterSeconds !== undefined && { 'retry-after': `'${answer.retryAfterSeconds}'` }),
        ...(answer.status === 401 && { 'www-authenticate': `'${challenge}'` }),
        ...crossOriginHeaders(props),
      },
      templates: { 'application/json': template(answer.body) },
    });
  }
}

function answerOf(failure: Failure): Answer {
  const { httpStatus, retryable } = factsOf(failure.code);
  return {
    status: httpStatus,
    body: restErrorBody(failure),
    // As the core does.
    ...(httpStatus === 503 && retryable && { retryAfterSeconds: 5 }),
  };
}

function throttled(): Answer {
  return { ...answerOf({ code: 'request_throttled' }), retryAfterSeconds: 1 };
}

/** A template is text but for what begins with `$`, which is replaced. */
function template(body: string): string {
  if (body.includes('$') || body.includes('#'))
    throw new TypeError(`a gateway response would not be ${body}`);
  return body;
}

/**
 * So that a page can read why it was refused. A response cannot compare origins: where several are listed it says `*`,
 * which shows the fixed text of an error to any page and lets none use a token it has not got.
 */
function crossOriginHeaders({ corsAllowOrigins = [] }: A2AGatewayProps): Record<string, string> {
  const [origin] = corsAllowOrigins;
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': `'${corsAllowOrigins.length === 1 ? origin : '*'}'`,
    'access-control-expose-headers': "'Retry-After, WWW-Authenticate, X-Request-Id'",
  };
}
