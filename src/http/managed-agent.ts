import { adminScope, hasScope, type Principal } from '../access/principal.ts';
import { GatewayError } from '../failure.ts';
import type { Agent } from '../registry/agent.ts';
import type { Writer } from '../registry/approval.ts';
import { callerOf } from './admission.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';

/**
 * The agent a management route is about. One that is somebody else's looks like one that does not exist.
 * @throws GatewayError `agent_not_found`
 */
export async function managedAgent(
  call: Call & { principal: Principal },
  { store }: Pick<Services, 'store'>,
): Promise<Agent> {
  const agent = await store.agents.get(call.params.agentId ?? '', { fresh: true });
  if (agent !== undefined && (hasScope(call.principal, adminScope) || owns(call.principal, agent)))
    return agent;
  throw new GatewayError({ code: 'agent_not_found' });
}

/** As whom a management route's caller writes. */
export function writerOf(call: Call & { principal: Principal }): Writer {
  const { principal } = call;
  return { as: hasScope(principal, adminScope) ? 'admin' : 'owner', caller: callerOf(call, principal) };
}

function owns(principal: Principal, { owner }: Agent): boolean {
  return owner.issuer === principal.issuer && owner.subject === principal.subject;
}
