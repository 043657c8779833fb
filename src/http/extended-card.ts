import { GatewayError } from '../failure.ts';
import { parseAgentCard } from '../protocol/card-parse.ts';
import type { Protocol } from '../protocol/protocols.ts';
import type { Agent } from '../registry/agent.ts';
import type { Admission } from './admission.ts';
import { cardFor, cardText } from './cards.ts';
import type { Services } from './services.ts';

/**
 * An extended card as its caller may see it, in the layout its caller reads, and signed: the agent's own names the backend.
 * @throws GatewayError `upstream_response_invalid` for one that is none, or is not signed as the agent's registration asks;
 *   `signing_unavailable`
 */
export async function extendedCardText(
  result: unknown,
  { protocolVersion, protocolBinding }: Protocol,
  { agent, permissions }: Admission,
  services: Services,
): Promise<string> {
  const parsed = parseAgentCard(await judged(result, agent, services));
  if (!parsed.ok) throw new GatewayError({ code: 'upstream_response_invalid', problem: 'card' });
  const scopes = permissions.map(({ scope }) => scope);
  const card = await cardFor(agent, scopes, services, parsed.value.card);
  const { signed } = await services.cardSigning.current();
  return signed(cardText(card, protocolVersion, protocolBinding));
}

/** What counts of it. */
async function judged(result: unknown, agent: Agent, { judgeGivenCard }: Services): Promise<unknown> {
  try {
    return await judgeGivenCard(agent, result);
  } catch (cause) {
    if (!(cause instanceof GatewayError) || cause.failure.code !== 'card_untrusted') throw cause;
    throw new GatewayError({ code: 'upstream_response_invalid', problem: 'signature' }, { cause });
  }
}
