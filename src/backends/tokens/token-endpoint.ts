import { GatewayError } from '../../failure.ts';
import type { Clock, ConnectionOptions, Upstream, UpstreamResponse } from '../../ports.ts';
import { credentialUnavailable } from '../credential-unavailable.ts';
import { type BackendToken, type ExpectedToken, oauthErrorOf, parseTokenAnswer } from './token-answer.ts';

const maxAnswerBytes = 64 * 1_024;
const timeoutMs = 10_000;

export interface TokenRequest extends ExpectedToken {
  tokenUrl: string;
  /** What the client authenticates itself with in headers, if it does. */
  headers: Readonly<Record<string, string>>;
  form: Readonly<Record<string, string>>;
  connection?: ConnectionOptions | undefined;
}

/**
 * Asks a token endpoint once (RFC 6749 §3.2). Redirects are a refusal: following would carry the client's secret to an
 * address nobody registered.
 *
 * @throws GatewayError `credential_unavailable`, problem `token_endpoint`, `token_refused` or `token_answer`; its cause
 *   tells nothing of the answer but its status and a registered `error` code
 */
export async function fetchToken(
  request: TokenRequest,
  { upstream, clock }: { upstream: Upstream; clock: Clock },
): Promise<BackendToken> {
  const askedAtMs = clock.nowMs();
  const response = await sent(request, upstream);
  if (response.status !== 200) throw await refusalOf(response);
  const text = await textOf(response);
  try {
    return parseTokenAnswer(text, askedAtMs, request);
  } catch (cause) {
    throw credentialUnavailable('token_answer', cause);
  }
}

async function sent(
  { tokenUrl, headers, form, connection }: TokenRequest,
  upstream: Upstream,
): Promise<UpstreamResponse> {
  try {
    return await upstream.send({
      method: 'POST',
      url: new URL(tokenUrl),
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: new URLSearchParams(form).toString(),
      headersTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      totalTimeoutMs: timeoutMs,
      ...(connection !== undefined && { connection }),
    });
  } catch (cause) {
    throw credentialUnavailable('token_endpoint', cause);
  }
}

async function textOf(response: UpstreamResponse): Promise<string> {
  try {
    return new TextDecoder().decode(await response.bytes(maxAnswerBytes));
  } catch (cause) {
    const isTooLarge = cause instanceof GatewayError && cause.failure.code === 'upstream_response_too_large';
    throw credentialUnavailable(isTooLarge ? 'token_answer' : 'token_endpoint', cause);
  }
}

/** A server that says it is at fault is as good as one that does not answer. */
async function refusalOf(response: UpstreamResponse): Promise<GatewayError> {
  const { status } = response;
  // The status tells enough where the body cannot be read.
  const text = await textOf(response).catch(() => '');
  const cause = new Error(['the token endpoint answered', status, oauthErrorOf(text) ?? ''].join(' ').trim());
  return credentialUnavailable(status >= 500 ? 'token_endpoint' : 'token_refused', cause);
}
