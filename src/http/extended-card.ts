import { grantingScopes } from '../access/authorize.ts';
import { GatewayError } from '../failure.ts';
import { parseAgentCard } from '../protocol/card-parse.ts';
import type { Protocol } from '../protocol/protocols.ts';
import type { Admission } from './admission.ts';
import { cardFor, cardText } from './cards.ts';
import type { Services } from './services.ts';

/**
 * An extended card as its caller may see it, in the layout its caller reads, and signed: the agent's own names the backend.
 * @throws GatewayError `upstream_response_invalid` for one that is none, `signing_unavailable`
 */
export async function extendedCardText(
  result: unknown,
  { protocolVersion, protocolBinding }: Protocol,
  { agent, permissions }: Admission,
  services: Services,
): Promise<string> {
  const parsed = parseAgentCard(result);
  if (!parsed.ok) throw new GatewayError({ code: 'upstream_response_invalid', problem: 'card' });
  const scopes = grantingScopes(permissions, agent);
  const card = await cardFor(agent, scopes, services, parsed.value.card);
  const { signed } = await services.cardSigning.current();
  return signed(cardText(card, protocolVersion, protocolBinding));
}
