import { GatewayError } from '../failure.ts';
import type { Clock } from '../ports.ts';
import type { AgentStore } from '../store/port.ts';
import type { Agent } from './agent.ts';

/** Writes an agent as it is to be over the one that was read. Undefined when another write came first. */
export type Replace = (before: Agent, changed: Agent) => Promise<Agent | undefined>;

export function createReplace({ agents, clock }: { agents: AgentStore; clock: Clock }): Replace {
  return async (before, changed) => {
    const after = { ...changed, revision: before.revision + 1, updatedAtMs: clock.nowMs() };
    return (await agents.replace(after, before.revision)) ? after : undefined;
  };
}

/** @throws GatewayError `precondition_failed` */
export function won(written: Agent | undefined): Agent {
  if (written === undefined) throw new GatewayError({ code: 'precondition_failed' });
  return written;
}
