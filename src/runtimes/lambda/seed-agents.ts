import type { Changer } from '../../audit/audit.ts';
import {
  type AuthConfig,
  type GivenAuth,
  isNothing,
  partsOf,
  separated,
  shownAuth,
} from '../../backends/auth-config.ts';
import { authSchema } from '../../backends/auth-schema.ts';
import { locationOf } from '../../backends/backend-config.ts';
import { isRecord } from '../../protocol/json.ts';
import type { Agent, Owner } from '../../registry/agent.ts';
import { withSigning } from '../../registry/given-check.ts';
import type { AgentChange } from '../../registry/registration.ts';
import { createRegistry, type Registry, type RegistryDeps } from '../../registry/registry.ts';
import type { AgentStore } from '../../store/port.ts';
import { SeedError } from './seed-error.ts';
import { type SeedAgent, secretArns } from './seed-properties.ts';

/** Agents of stacks. */
export interface AgentSeed {
  /**
   * Registers an agent, or changes what of it differs. Its secret is read again where credentials or addresses differ, or
   * where told; its status stays what an administrator made it.
   *
   * @throws SeedError for an agent of another owner; GatewayError as the registry
   */
  put(given: SeedAgent, stack: StackChanger, renewsSecret: boolean): Promise<void>;
  /** Deletes an agent and its secret. Answers false where it belongs to somebody else by now. */
  remove(given: SeedAgent, stack: StackChanger): Promise<boolean>;
}

/** A stack, which owns the agents it makes, in one of CloudFormation's requests. */
export interface StackChanger extends Changer {
  by: Owner;
}

/** The text of a secret of the account. */
export type ReadSecret = (arn: string) => Promise<string>;

export interface AgentSeedDeps extends RegistryDeps {
  readSecret: ReadSecret;
}

export function createAgentSeed(deps: AgentSeedDeps): AgentSeed {
  const parts = { ...deps, registry: createRegistry(deps) };
  return {
    put: (given, stack, renewsSecret) => putAgent(parts, given, stack, renewsSecret),
    remove: (given, stack) => removeAgent(parts, given, stack),
  };
}

interface AgentSeedParts {
  agents: AgentStore;
  registry: Registry;
  readSecret: ReadSecret;
}

async function putAgent(
  deps: AgentSeedParts,
  given: SeedAgent,
  stack: StackChanger,
  renewsSecret: boolean,
): Promise<void> {
  const { by: owner } = stack;
  const by = { as: 'admin', ...stack } as const;
  const agent = await deps.agents.get(given.agentId);
  if (agent === undefined) {
    const authConfig = await givenAuth(given.authConfig, deps);
    await deps.registry.register({ ...given, authConfig, owner, by });
    return;
  }
  if (!isOwned(agent, owner)) throw new SeedError('exists with another owner, and is not taken over');
  const change: AgentChange = {
    ...differences(agent, given),
    ...(needsAuth(agent, given, renewsSecret) && { authConfig: await givenAuth(given.authConfig, deps) }),
  };
  if (Object.keys(change).length > 0) await deps.registry.update(agent, change, by);
}

async function removeAgent(
  { agents, registry }: AgentSeedParts,
  { agentId }: SeedAgent,
  stack: StackChanger,
): Promise<boolean> {
  const agent = await agents.get(agentId);
  if (agent === undefined) return true;
  if (!isOwned(agent, stack.by)) return false;
  await registry.remove(agent, { as: 'admin', ...stack });
  return true;
}

function isOwned({ owner }: Agent, { issuer, subject }: Owner): boolean {
  return owner.issuer === issuer && owner.subject === subject;
}

/** Members that say where an agent is: the registry lets no secret follow it elsewhere unless it is given again. */
const placeMembers = ['backendUrl', 'backend'] as const;
const otherMembers = ['caCertificates', 'deadlines', 'limits', 'ownership'] as const;

function differences(agent: Agent, given: SeedAgent): AgentChange {
  const { agentCardUrl } = locationOf(given);
  return {
    ...(agent.agentCardUrl !== agentCardUrl && { agentCardUrl }),
    ...Object.fromEntries(
      [...placeMembers, ...otherMembers]
        .filter((name) => !isSame(agent[name], given[name]))
        .map((name) => [name, given[name] ?? null]),
    ),
    ...(!isSame(agent.tags, given.tags) && { tags: given.tags }),
    ...(agent.publicCard !== given.publicCard && { publicCard: given.publicCard }),
  };
}

function needsAuth(agent: Agent, given: SeedAgent, renewsSecret: boolean): boolean {
  if (!isSameAuth(agent.authConfig, withSigning(given.authConfig, given.backend))) return true;
  const moves =
    agent.agentCardUrl !== locationOf(given).agentCardUrl ||
    placeMembers.some((name) => !isSame(agent[name], given[name]));
  return !isNothing(agent.authConfig) && (renewsSecret || moves);
}

/** Whether they agree in all but their secrets. */
function isSameAuth(kept: AuthConfig, given: GivenAuth): boolean {
  const { secrets: _, ...shown } = shownAuth(kept);
  const { auth } = separated(
    withSecrets(given, () => ''),
    '',
  );
  const { secrets: __, ...wanted } = shownAuth(auth);
  return isSame(shown, wanted);
}

/** As JSON, whatever the order of members. */
function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** Undefined for what is undefined. */
function canonical(value: unknown): string | undefined {
  const inOrder = (member: unknown) =>
    isRecord(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member;
  return JSON.stringify(value, (_, member) => inOrder(member));
}

/** Credentials with each secret in the place of its address. */
function withSecrets(given: GivenAuth, secretAt: (arn: string) => string): GivenAuth {
  const filled = structuredClone(given);
  for (const { prefix, kind } of partsOf(filled)) {
    // A part other than the chosen one is an object below it: `partsOf` found it there.
    const members = prefix === '' ? filled : (filled[prefix.slice(0, -1)] as Record<string, unknown>);
    for (const name of Object.keys(kind.secrets)) {
      const arn = members[secretArns.member(name)];
      if (typeof arn === 'string') members[name] = secretAt(arn);
      delete members[secretArns.member(name)];
    }
  }
  return filled;
}

const auth = authSchema();

/** Credentials with their secrets, judged as a registration's are. @throws SeedError, which quotes none */
async function givenAuth(given: GivenAuth, { readSecret }: AgentSeedParts): Promise<GivenAuth> {
  const read = new Map<string, string>();
  withSecrets(given, (arn) => {
    read.set(arn, '');
    return '';
  });
  try {
    for (const arn of read.keys()) read.set(arn, await readSecret(arn));
  } catch (cause) {
    throw new SeedError('its secret cannot be read', { cause });
  }
  const { data, error } = auth.safeParse(withSecrets(given, (arn) => read.get(arn) ?? ''));
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new SeedError(`authConfig.${issue?.path.join('.')}: ${issue?.message}`);
}
