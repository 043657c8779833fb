import type { Clock, Secrets } from '../ports.ts';
import type { AgentStore } from '../store/port.ts';
import { secretPrefix } from './registry.ts';

/** A registration under way has put its secret but not yet its agent; nothing younger is touched. */
const graceMs = 60 * 60_000;

/** Deletes secrets that no agent refers to: what a crash between two writes leaves behind. Answers how many. */
export async function sweepSecrets(deps: {
  agents: AgentStore;
  secrets: Secrets;
  clock: Clock;
}): Promise<number> {
  const oldest = deps.clock.nowMs() - graceMs;
  const left = await deps.secrets.list(secretPrefix);
  let swept = 0;
  for (const { name, createdAtMs } of left) {
    if (createdAtMs >= oldest) continue;
    const agentId = name.slice(secretPrefix.length).split('/', 1)[0] ?? '';
    const agent = await deps.agents.get(agentId);
    if (agent !== undefined && agent.authConfig.secretName === name) continue;
    await deps.secrets.delete(name);
    swept++;
  }
  return swept;
}
