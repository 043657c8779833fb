import type { AgentStore } from '../../store/port.ts';

/** The same agents; `wake` is called after every write that won. Reads are passed on. */
export function wakingAgents(agents: AgentStore, wake: (agentId: string) => void): AgentStore {
  const waking = async (agentId: string, write: Promise<boolean>): Promise<boolean> => {
    const won = await write;
    if (won) wake(agentId);
    return won;
  };
  return {
    get: (agentId, options) => agents.get(agentId, options),
    create: (agent, audited) => waking(agent.agentId, agents.create(agent, audited)),
    replace: (agent, expectedRevision, audited) =>
      waking(agent.agentId, agents.replace(agent, expectedRevision, audited)),
    delete: (agentId, expectedRevision, audited) =>
      waking(agentId, agents.delete(agentId, expectedRevision, audited)),
    list: (filter, page) => agents.list(filter, page),
    ids: (filter, page) => agents.ids(filter, page),
  };
}
