import { type Failure, factsOf } from '../failure.ts';

/**
 * The `WWW-Authenticate` value of a refusal (RFC 6750 §3, RFC 9728 §5.1), or undefined where none is due.
 * A missing token gets no error code, as RFC 6750 §3.1 asks.
 */
export function challengeFor(failure: Failure, resourceMetadataUrl: string): string | undefined {
  const params = [`resource_metadata="${resourceMetadataUrl}"`];
  if (failure.code === 'token_invalid') {
    params.unshift('error="invalid_token"', `error_description="${failure.problem}"`);
  } else if (failure.code === 'scope_missing') {
    params.unshift('error="insufficient_scope"', `scope="${failure.scope}"`);
  } else if (factsOf(failure.code).httpStatus !== 401) {
    return undefined;
  }
  return `Bearer ${params.join(', ')}`;
}
