import { adminScope, hasScope, type Principal } from '../access/principal.ts';
import { actorOf, type Changer } from '../audit/audit.ts';
import { GatewayError } from '../failure.ts';
import type { Agent } from '../registry/agent.ts';
import { agentView } from '../registry/agent-view.ts';
import type { Writer } from '../registry/approval.ts';
import { callerOf } from './admission.ts';
import { revisionTag } from './precondition.ts';
import { json } from './respond.ts';
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

/** An agent as it is now, with its entity tag. */
export function agentAnswer(
  call: Call,
  agent: Agent,
  status = 200,
  headers: Record<string, string> = {},
): Response {
  return json(call, agentView(agent), status, { etag: revisionTag(agent.revision), ...headers });
}

/** As whom a management route's caller writes. */
export function writerOf(call: Call & { principal: Principal }): Writer {
  const { principal } = call;
  const as = hasScope(principal, adminScope) ? 'admin' : 'owner';
  return { as, ...changerOf(call), caller: callerOf(call, principal) };
}

/** As whom the trail of changes names a management route's caller. */
export function changerOf({ requestId, principal }: Call & { principal: Principal }): Changer {
  return { requestId, by: actorOf(principal) };
}

function owns(principal: Principal, { owner }: Agent): boolean {
  return owner.issuer === principal.issuer && owner.subject === principal.subject;
}
