import { type Plan, planFor } from '../bridge/plan.ts';
import { GatewayError } from '../failure.ts';
import type { Protocol } from '../protocol/protocols.ts';
import type { Agent } from '../registry/agent.ts';
import { nothingServedReason } from '../registry/card-check.ts';

/**
 * How a call in the caller's protocol goes to the agent.
 * @throws GatewayError `agent_not_servable` for an agent that speaks nothing the gateway does; such a one is not active
 */
export function planned(caller: Protocol, { card }: Agent): Plan {
  const plan = planFor(caller, card);
  if (plan === undefined)
    throw new GatewayError({ code: 'agent_not_servable', problem: nothingServedReason });
  return plan;
}
