import type { ChangeTrail } from '../audit/audit.ts';
import { GatewayError } from '../failure.ts';
import type { Clock } from '../ports.ts';
import type { AgentStore } from '../store/port.ts';
import type { Audited } from '../store/ports/audit.ts';
import type { Agent } from './agent.ts';
import { agentView } from './agent-view.ts';
import type { Writer } from './approval.ts';

export interface AgentWriteDeps {
  agents: AgentStore;
  changeTrail: ChangeTrail;
  clock: Clock;
}

/** As the trail of changes names what was done to an agent. */
export type AgentAction =
  | 'agent.register'
  | 'agent.update'
  | 'agent.setStatus'
  | 'agent.delete'
  | 'card.sync'
  | 'card.approve'
  | 'card.reject'
  | 'card.rollBack';

/** Who does what to an agent. */
export interface AgentDeed {
  action: AgentAction;
  by: Writer;
}

/** Writes an agent as it is to be over the one that was read. Undefined when another write came first. */
export type Replace = (before: Agent, changed: Agent, deed: AgentDeed) => Promise<Agent | undefined>;

export function createReplace(deps: AgentWriteDeps): Replace {
  const { agents, clock } = deps;
  return async (before, changed, deed) => {
    const after = { ...changed, revision: before.revision + 1, updatedAtMs: clock.nowMs() };
    const isWritten = await toldOf(deps, deed, { agentId: after.agentId, before, after }, (audited) =>
      agents.replace(after, before.revision, audited),
    );
    return isWritten ? after : undefined;
  };
}

/** Makes a write of an agent that the trail of changes tells of. Answers what the write does. */
export function toldOf(
  { changeTrail }: Pick<AgentWriteDeps, 'changeTrail'>,
  { action, by: { requestId, by } }: AgentDeed,
  { agentId, before, after }: { agentId: string; before?: Agent; after?: Agent },
  write: (audited: Audited) => Promise<boolean>,
): Promise<boolean> {
  const change = {
    ...{ requestId, by, action, target: agentId, agentId },
    ...(before !== undefined && { before: agentView(before) }),
    ...(after !== undefined && { after: agentView(after) }),
  };
  return changeTrail.change(change, write);
}

/** @throws GatewayError `precondition_failed` */
export function won(written: Agent | undefined): Agent {
  if (written === undefined) throw new GatewayError({ code: 'precondition_failed' });
  return written;
}
