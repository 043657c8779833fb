import { type Failure, GatewayError } from '../failure.ts';
import type { ConnectionOptions, Upstream, UpstreamRequest, UpstreamResponse } from '../ports.ts';

export interface CardLimits {
  maxCardBytes: number;
  /** The whole fetch, redirects included. */
  cardTimeoutMs: number;
}

/** What a card is asked for with. */
export const cardHeaders: Readonly<Record<string, string>> = {
  accept: 'application/json, application/a2a+json',
  'a2a-version': '1.0',
  'user-agent': 'a2a-gateway',
};

const maxRedirects = 3;

/** How a card is asked for. */
export interface CardRequest {
  cardUrl: string;
  connection?: ConnectionOptions | undefined;
  /** Sends the request with the agent's credential and takes its answer out of what a platform wrapped it in. */
  send?: ((request: UpstreamRequest) => Promise<UpstreamResponse>) | undefined;
}

/** A card as it came. */
export interface FetchedDocument {
  bytes: Uint8Array;
  /** Of where it came from, which redirects may have led to. */
  origin: string;
}

/**
 * Fetches an agent card: without credentials and following at most three redirects, each checked like the first
 * address; or with the credential, and then following none.
 *
 * @throws GatewayError `card_unavailable`, telling what went wrong in one stable word
 */
export async function fetchCard(
  upstream: Upstream,
  request: CardRequest,
  limits: CardLimits,
): Promise<FetchedDocument> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(unavailable('timeout')), limits.cardTimeoutMs);
  try {
    return await follow(upstream, request, limits, deadline);
  } catch (error) {
    if (error instanceof GatewayError) throw asCardProblem(error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function follow(
  upstream: Upstream,
  { cardUrl, connection, send }: CardRequest,
  limits: CardLimits,
  caller: { readonly signal: AbortSignal },
): Promise<FetchedDocument> {
  let url = new URL(cardUrl);
  for (let redirects = 0; redirects <= (send === undefined ? maxRedirects : 0); redirects++) {
    const response = await (send ?? upstream.send)({
      method: 'GET',
      url,
      headers: cardHeaders,
      caller,
      headersTimeoutMs: limits.cardTimeoutMs,
      idleTimeoutMs: limits.cardTimeoutMs,
      ...(connection !== undefined && { connection }),
    });
    if (response.status === 200)
      return { bytes: await response.bytes(limits.maxCardBytes), origin: url.origin };
    response.close();
    url = redirectTarget(response, url);
  }
  throw unavailable('redirects');
}

function redirectTarget(response: UpstreamResponse, from: URL): URL {
  const location = response.header('location');
  const isRedirect = [301, 302, 303, 307, 308].includes(response.status) && location !== undefined;
  if (!isRedirect) throw unavailable(`status_${response.status}`);
  try {
    return new URL(location, from);
  } catch (cause) {
    throw unavailable('redirect', cause);
  }
}

function unavailable(problem: string, cause?: unknown): GatewayError {
  return new GatewayError({ code: 'card_unavailable', problem }, { cause });
}

/** What the one who registers is told; the address behind a refusal or a failure stays in the log. */
function asCardProblem(error: GatewayError): GatewayError {
  return error.failure.code === 'card_unavailable' ? error : unavailable(wordFor(error.failure), error);
}

function wordFor(failure: Failure): string {
  switch (failure.code) {
    case 'upstream_address_refused':
      return failure.rule;
    case 'upstream_timeout':
      return 'timeout';
    case 'upstream_response_too_large':
      return 'too_large';
    default:
      return failure.code.replace(/^upstream_/, '');
  }
}
