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
    create: (agent) => waking(agent.agentId, agents.create(agent)),
    replace: (agent, expectedRevision) => waking(agent.agentId, agents.replace(agent, expectedRevision)),
    delete: (agentId, expectedRevision) => waking(agentId, agents.delete(agentId, expectedRevision)),
    list: (filter, page) => agents.list(filter, page),
    ids: (filter, page) => agents.ids(filter, page),
  };
}
