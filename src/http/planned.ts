import { type Plan, planFor } from '../bridge/plan.ts';
import { GatewayError } from '../failure.ts';
import type { Protocol } from '../protocol/protocols.ts';
import type { Agent } from '../registry/agent.ts';
import { nothingServedReason } from '../registry/card-check.ts';
import type { Call } from './route.ts';

/**
 * How a call goes to the agent.
 *
 * @param here the protocol it has here; where a runtime has translated it, what its caller speaks decides
 * @throws GatewayError `agent_not_servable` for an agent that speaks nothing the gateway does; such a one is not active
 */
export function planned({ spoken }: Call, here: Protocol, { card }: Agent): Plan {
  const plan = planFor(spoken ?? here, card);
  if (plan === undefined)
    throw new GatewayError({ code: 'agent_not_servable', problem: nothingServedReason });
  const isHere =
    plan.protocolBinding === here.protocolBinding && plan.protocolVersion === here.protocolVersion;
  return plan.isTransparent === isHere ? plan : { ...plan, isTransparent: isHere };
}
