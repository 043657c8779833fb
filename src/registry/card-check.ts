import { fail, ok, type Result } from '../failure.ts';
import { parseUrl } from '../parse-url.ts';
import type { Upstream } from '../ports.ts';
import type { AgentCard, AgentInterface } from '../protocol/card.ts';
import type { ParsedCard } from '../protocol/card-parse.ts';
import { offers } from '../protocol/card-publish.ts';
import { grpcPlaces, isOnHostOf } from '../protocol/grpc-target.ts';
import { spokenProtocols } from '../protocol/protocols.ts';

const nothingServed = 'the card offers no interface the gateway serves';

/** Why an agent without any of them is not active. */
export const nothingServedReason = `${nothingServed}: JSONRPC, HTTP+JSON or GRPC of 1.0 or 0.3`;

/** Whether a stored reason is that one, also as a gateway put it that served less. */
export function isNothingServed(reason: string | undefined): boolean {
  return reason?.startsWith(nothingServed) ?? false;
}

export function isServable(card: AgentCard): boolean {
  return spokenProtocols.some((served) => offers(card, served) !== undefined);
}

/**
 * Checks that every interface stays where the credential may go: on an origin of the backend (for gRPC, which has a port
 * of its own, on its host), at an address the gateway may call. An older endpoint beside the 1.0 interfaces
 * that does not is dropped with a warning, since the agent can do without; anything else refuses the card.
 * Failures: `card_invalid`.
 */
export function checkInterfaces(
  { card, generation }: Pick<ParsedCard, 'card' | 'generation'>,
  origins: readonly string[],
  upstream: Upstream,
): Result<{ card: AgentCard; warnings: string[] }> {
  const supportedInterfaces: AgentInterface[] = [];
  const warnings: string[] = [];
  for (const [index, entry] of card.supportedInterfaces.entries()) {
    const problem = problemWith(entry, origins, upstream);
    if (problem === undefined) supportedInterfaces.push(entry);
    else if (generation === '1.0' && entry.protocolVersion.startsWith('0.')) {
      warnings.push(`/url: ${problem}; this endpoint dropped`);
    } else return fail({ code: 'card_invalid', path: pathOf(index, generation), problem });
  }
  return ok({ card: { ...card, supportedInterfaces }, warnings });
}

/** Where the fetched card names the interface: in the 0.3 layout the first is the card's own `url`. */
function pathOf(index: number, generation: ParsedCard['generation']): string {
  if (generation === '1.0') return `/supportedInterfaces/${index}/url`;
  return index === 0 ? '/url' : '/additionalInterfaces';
}

function problemWith(
  entry: AgentInterface,
  origins: readonly string[],
  upstream: Upstream,
): string | undefined {
  if (entry.protocolBinding === 'GRPC') {
    const isOnHost = origins.some((origin) => isOnHostOf(origin, entry));
    return isOnHost
      ? refusalOf(grpcPlaces([entry], origins), upstream)
      : 'must be on the host of the backend';
  }
  const url = parseUrl(entry.url);
  if (url === undefined) return 'must be an absolute URL';
  if (!origins.includes(url.origin))
    return 'must be on the origin of backendUrl, or of agentCardUrl where none is given';
  return refusalOf([url], upstream);
}

function refusalOf(urls: readonly URL[], upstream: Upstream): string | undefined {
  const rule = urls.map((url) => upstream.refusal(url)).find((found) => found !== undefined);
  return rule === undefined ? undefined : `refused: ${rule}`;
}
