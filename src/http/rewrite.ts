import { grantingScopes } from '../access/authorize.ts';
import { GatewayError } from '../failure.ts';
import { cardJson } from '../protocol/card-json.ts';
import { parseAgentCard } from '../protocol/card-parse.ts';
import { isRecord } from '../protocol/json.ts';
import type { Operation } from '../protocol/operations.ts';
import type { Agent } from '../registry/agent.ts';
import type { Admission } from './admission.ts';
import { cardFor } from './cards.ts';
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

/** The result as JSON. @throws GatewayError `upstream_response_invalid` for an extended card that is none */
export async function rewriteResult(
  result: unknown,
  operation: Operation,
  { agent, permissions }: Admission,
  services: Services,
): Promise<string> {
  if (operation.capability !== 'extendedAgentCard') return JSON.stringify(withoutTenant(result));
  const parsed = parseAgentCard(result);
  if (!parsed.ok) throw new GatewayError({ code: 'upstream_response_invalid', problem: 'card' });
  return cardJson(await cardFor(agent, grantingScopes(permissions, agent), services, parsed.value.card));
}

/** A push configuration, or a list of them, without its tenant. The specification puts no numbers there to lose. */
function withoutTenant(result: unknown): unknown {
  if (!isRecord(result)) return result;
  const { tenant: _, ...rest } = result;
  return Array.isArray(rest.configs) ? { ...rest, configs: rest.configs.map(withoutTenant) } : rest;
}
