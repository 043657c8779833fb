import type { Principal } from '../access/principal.ts';
import type { Agent } from '../registry/agent.ts';
import type { Holder, Taken } from '../store/ports/ownership.ts';

/** Whose a task or context is at an agent: of who made it, of all with the same client or tenant, or as the agent says. */
export const ownershipModes = ['principal', 'client', 'tenant', 'backend'] as const;
export type OwnershipMode = (typeof ownershipModes)[number];

/** Every id a request names, wherever it stands (A2A §3.4). */
export interface NamedIds {
  /** Of the message, of what it refers to, of its webhook, of the path. */
  taskIds: readonly string[];
  contextIds: readonly string[];
}

/**
 * Keeps callers apart whom an agent cannot tell from one another (A2A §3.1.4, §3.3.2, §13.1). For agents that do so
 * themselves (`backend`) nothing is checked and nothing recorded.
 */
export interface Ownership {
  holderOf(agent: Agent, principal: Principal): Promise<Holder>;
  /**
   * Lets a request pass whose tasks are all the holder's. Contexts nobody has become the holder's, if the request may bring
   * one (`claims`). To be asked before the agent is.
   *
   * @throws GatewayError `task_not_found` for a task of another and for one that never was alike, `context_refused` for a
   *   context of another, `store_unavailable`
   */
  check(holder: Holder, named: NamedIds, options: { claims: boolean }): Promise<void>;
  /**
   * Records for the holder what an answer, an event or a webhook shows. To be awaited before anyone sees it.
   *
   * @throws GatewayError `upstream_response_invalid` problem `owner` for what is another's, `store_unavailable`
   */
  learn(holder: Holder, shown: Taken): Promise<void>;
}
