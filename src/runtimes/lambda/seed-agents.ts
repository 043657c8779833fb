import type { Agent, Owner } from '../../registry/agent.ts';
import type { AgentChange, GivenAuth } from '../../registry/registration.ts';
import type { Registry } from '../../registry/registry.ts';
import type { AgentStore } from '../../store/port.ts';
import { SeedError } from './seed-error.ts';
import type { SeedAgent, SeedAuth } from './seed-properties.ts';

export interface AgentSeedDeps {
  agents: AgentStore;
  registry: Registry;
  /** The text of a secret of the account. */
  readSecret(arn: string): Promise<string>;
}

/**
 * Registers an agent, or changes what of it differs. Its secret is read again where credentials or addresses differ, or
 * where told; its status stays what an administrator made it.
 *
 * @throws SeedError for an agent of another owner; GatewayError as the registry
 */
export async function putAgent(
  deps: AgentSeedDeps,
  given: SeedAgent,
  owner: Owner,
  renewsSecret: boolean,
): Promise<void> {
  const agent = await deps.agents.get(given.agentId);
  if (agent === undefined) {
    const authConfig = await givenAuth(given.authConfig, deps);
    await deps.registry.register({ ...given, authConfig, owner, status: 'active' });
    return;
  }
  if (!isOwned(agent, owner)) throw new SeedError('exists with another owner, and is not taken over');
  const change: AgentChange = {
    ...differences(agent, given),
    ...(needsAuth(agent, given, renewsSecret) && { authConfig: await givenAuth(given.authConfig, deps) }),
  };
  if (Object.keys(change).length > 0) await deps.registry.update(agent, change, 'admin');
}

/** Deletes an agent and its secret. Answers false where it belongs to somebody else by now. */
export async function removeAgent(
  { agents, registry }: AgentSeedDeps,
  { agentId }: SeedAgent,
  owner: Owner,
): Promise<boolean> {
  const agent = await agents.get(agentId);
  if (agent === undefined) return true;
  if (!isOwned(agent, owner)) return false;
  await registry.remove(agent);
  return true;
}

function isOwned({ owner }: Agent, { issuer, subject }: Owner): boolean {
  return owner.issuer === issuer && owner.subject === subject;
}

function differences(agent: Agent, given: SeedAgent): AgentChange {
  return {
    ...(agent.agentCardUrl !== given.agentCardUrl && { agentCardUrl: given.agentCardUrl }),
    ...(agent.backendUrl !== given.backendUrl && { backendUrl: given.backendUrl ?? null }),
    ...(JSON.stringify(agent.tags) !== JSON.stringify(given.tags) && { tags: given.tags }),
    ...(agent.publicCard !== given.publicCard && { publicCard: given.publicCard }),
  };
}

function needsAuth(agent: Agent, given: SeedAgent, renewsSecret: boolean): boolean {
  if (!isSameAuth(agent.authConfig, given.authConfig)) return true;
  // The registry lets no secret follow an agent to another address unless it is given again.
  const moves = agent.agentCardUrl !== given.agentCardUrl || agent.backendUrl !== given.backendUrl;
  return given.authConfig.type !== 'none' && (renewsSecret || moves);
}

function isSameAuth(kept: Agent['authConfig'], given: SeedAuth): boolean {
  if (kept.type === 'none' || given.type === 'none') return kept.type === given.type;
  const partsOf = ({ tokenUrl, clientId, scopes }: typeof kept | typeof given) =>
    JSON.stringify([tokenUrl, clientId, scopes]);
  return partsOf(kept) === partsOf(given);
}

async function givenAuth(auth: SeedAuth, { readSecret }: AgentSeedDeps): Promise<GivenAuth> {
  if (auth.type === 'none') return auth;
  const { clientSecretArn, ...rest } = auth;
  try {
    return { ...rest, clientSecret: await readSecret(clientSecretArn) };
  } catch (cause) {
    throw new SeedError('its client secret cannot be read', { cause });
  }
}
