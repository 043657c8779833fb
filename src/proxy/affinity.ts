import type { Principal } from '../access/principal.ts';
import type { CallIds } from '../protocol/call-ids.ts';
import type { Agent } from '../registry/agent.ts';

export interface Affinity {
  /** Where the conversation or task is. `isBound`: it lives there alone (a known task), so no other place can answer. */
  place(call: {
    agent: Agent;
    principal: Principal | undefined;
    ids: CallIds;
  }): Promise<{ place: string | undefined; isBound: boolean }>;
  learn(call: { agent: Agent; principal: Principal | undefined }, place: string, ids: CallIds): Promise<void>;
}
