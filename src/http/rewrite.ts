import { grantingScopes } from '../access/authorize.ts';
import { GatewayError } from '../failure.ts';
import { parseAgentCard } from '../protocol/card-parse.ts';
import { isRecord } from '../protocol/json.ts';
import type { Operation } from '../protocol/operations.ts';
import type { Protocol } from '../protocol/protocols.ts';
import type { Agent } from '../registry/agent.ts';
import type { Admission } from './admission.ts';
import { cardFor, cardText } from './cards.ts';
import type { Services } from './services.ts';

/**
 * Results that may name what only the gateway may know: extended cards name the backend; push configurations repeat
 * the tenant the gateway put in.
 */
export function needsRewriting(operation: Operation, agent: Agent): boolean {
  if (operation.capability === 'extendedAgentCard') return true;
  const hasTenant = agent.card.supportedInterfaces.some(({ tenant }) => tenant !== undefined);
  return hasTenant && operation.capability === 'pushNotifications';
}

/**
 * The result as JSON, as its caller speaks.
 * @throws GatewayError `upstream_response_invalid` for an extended card that is none, `signing_unavailable`
 */
export async function rewriteResult(
  result: unknown,
  operation: Operation,
  spoken: Protocol,
  admission: Admission,
  services: Services,
): Promise<string> {
  if (operation.capability !== 'extendedAgentCard') return JSON.stringify(withoutTenant(result));
  return extendedCardText(result, spoken, admission, services);
}

/**
 * An extended card as its caller may see it, in the layout its caller reads, and signed.
 * @throws GatewayError as {@link rewriteResult}
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

/**
 * A push configuration, or a list of them, without its tenant; in 0.3 the configuration is a member, and the list bare.
 * The specification puts no numbers there to lose.
 */
export function withoutTenant(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(withoutTenant);
  if (!isRecord(result)) return result;
  const { tenant: _, ...rest } = result;
  for (const inner of ['configs', 'pushNotificationConfig'])
    if (Object.hasOwn(rest, inner)) rest[inner] = withoutTenant(rest[inner]);
  return rest;
}
