import type { Principal } from '../access/principal.ts';
import type { NamedIds } from '../protocol/named-ids.ts';
import type { Agent } from '../registry/agent.ts';
import type { Holder, SeenTask } from '../store/ports/ownership.ts';

/** Whose a task or context is at an agent: of who made it, of all with the same client or tenant, or as the agent says. */
export const ownershipModes = ['principal', 'client', 'tenant', 'backend'] as const;
export type OwnershipMode = (typeof ownershipModes)[number];

/** Whose tasks and contexts are at an agent. */
export function ownershipOf({ ownership = 'principal' }: Pick<Agent, 'ownership'>): OwnershipMode {
  return ownership;
}

/** What an answer, an event or a webhook shows. */
export interface Shown {
  tasks: readonly ShownTask[];
  contextIds: readonly string[];
}

/** As it is kept, but for a status that has no date, or one the gateway does not believe. */
export type ShownTask = Omit<SeenTask, 'statusAtMs'> & Partial<Pick<SeenTask, 'statusAtMs'>>;

/**
 * Keeps callers apart whom an agent cannot tell from one another (A2A §3.1.4, §3.3.2, §13.1). Not to be asked about an agent
 * that does so itself (`backend`): nothing of it is checked, and nothing recorded.
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
   * Records for the holder what an answer, an event or a webhook shows. To be awaited before anyone sees it; undefined where
   * it is no news.
   *
   * @throws GatewayError `upstream_response_invalid` problem `owner` for what is another's, `id_length` for an id too long
   *   to be named again, `store_unavailable`
   */
  learn(holder: Holder, shown: Shown): Promise<void> | undefined;
}
