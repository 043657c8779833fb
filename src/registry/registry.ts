import { GatewayError, unwrap } from '../failure.ts';
import type { Clock, NewId, Secrets, Upstream } from '../ports.ts';
import { defaultCardLimits } from '../protocol/card/limits.ts';
import { cardWarningText } from '../protocol/card/warning.ts';
import { type CardDiff, cardDiff } from '../protocol/card-json.ts';
import { parseAgentCardText } from '../protocol/card-text.ts';
import type { AgentStore } from '../store/port.ts';
import type { Agent, AgentStatus } from './agent.ts';
import { checkInterfaces, isServable, nothingServedReason } from './card-check.ts';
import { type CardLimits, fetchCard } from './card-source.ts';
import {
  type AgentChange,
  backendOrigin,
  type GivenAuth,
  type Registration,
  secretNameOf,
  storedAuth,
} from './registration.ts';

/** Which agents exist. Each write is durable when its promise resolves. */
export interface Registry {
  /**
   * Fetches and checks an agent's card and answers the agent as it would be registered; writes nothing.
   * @throws GatewayError `agent_exists`, `card_unavailable`, `card_invalid`, `parameter_invalid`
   */
  check(registration: Registration): Promise<Agent>;
  /** As `check`, then writes. @throws GatewayError as `check` */
  register(registration: Registration): Promise<Agent>;
  /**
   * Changes an agent; its card is fetched again where its address or pin changes. What an administrator approved was
   * this address, these tags and who may read the card: an owner who changes one of them waits for approval again.
   * @throws GatewayError as `check`, and `precondition_failed`
   */
  update(agent: Agent, change: AgentChange, by: 'admin' | 'owner'): Promise<Agent>;
  /** Fetches the card again and keeps it. @throws GatewayError as `update` */
  sync(agent: Agent): Promise<{ agent: Agent; diff: CardDiff }>;
  /** @throws GatewayError `agent_not_servable`, `precondition_failed` */
  setStatus(agent: Agent, status: AgentStatus, reason?: string): Promise<Agent>;
  /** Deletes an agent and its secret. @throws GatewayError `precondition_failed` */
  remove(agent: Agent): Promise<void>;
}

export interface RegistryDeps {
  agents: AgentStore;
  secrets: Secrets;
  upstream: Upstream;
  clock: Clock;
  newId: NewId;
  limits: CardLimits;
}

export function createRegistry(deps: RegistryDeps): Registry {
  const { agents, secrets, clock } = deps;

  async function build(registration: Registration): Promise<Agent> {
    const { agentId, agentCardUrl, backendUrl, authConfig, tags, owner, publicCard } = registration;
    checkUrls(registration, deps.upstream);
    if ((await agents.get(agentId, { fresh: true })) !== undefined)
      throw new GatewayError({ code: 'agent_exists' });
    const nowMs = clock.nowMs();
    return {
      agentId,
      // An id used again goes on counting: an ETag of the agent before it never matches.
      revision: nowMs,
      agentCardUrl,
      ...(backendUrl !== undefined && { backendUrl }),
      authConfig: storedAuth(authConfig, newSecretName(agentId, deps.newId)),
      tags,
      owner,
      publicCard,
      ...(await fetchedCard(registration, deps)),
      ...initialStatus(registration.status),
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
  }

  /** The secret first: a crash in between leaves one nobody refers to, never an agent without its secret. */
  async function storeSecret(agent: Agent, given: GivenAuth): Promise<void> {
    const name = secretNameOf(agent.authConfig);
    if (name !== undefined && given.type !== 'none') await secrets.put(name, given.clientSecret);
  }

  async function dropSecret(agent: Agent): Promise<void> {
    const name = secretNameOf(agent.authConfig);
    if (name !== undefined) await secrets.delete(name);
  }

  /** Undefined when another write came first. */
  async function replaced(before: Agent, changed: Agent): Promise<Agent | undefined> {
    const after = { ...changed, revision: before.revision + 1, updatedAtMs: clock.nowMs() };
    return (await agents.replace(after, before.revision)) ? after : undefined;
  }

  async function write(before: Agent, changed: Agent): Promise<Agent> {
    return won(await replaced(before, changed));
  }

  return {
    check: async (registration) => withServableStatus(await build(registration)),

    async register(registration) {
      const agent = withServableStatus(await build(registration));
      await storeSecret(agent, registration.authConfig);
      if (await agents.create(agent)) return agent;
      await dropSecret(agent);
      throw new GatewayError({ code: 'agent_exists' });
    },

    async update(before, change, by) {
      const changed = applyChange(before, change, deps.newId);
      checkUrls({ ...changed, authConfig: change.authConfig ?? { type: 'none' } }, deps.upstream);
      const moved = changed.agentCardUrl !== before.agentCardUrl || changed.backendUrl !== before.backendUrl;
      const renewed = moved
        ? withServableStatus({ ...changed, ...(await fetchedCard(changed, deps)) })
        : changed;
      const after = by === 'owner' && needsApproval(change) ? withdrawn(renewed) : renewed;
      if (change.authConfig === undefined) return write(before, after);
      await storeSecret(after, change.authConfig);
      const written = await replaced(before, after);
      // A write that failed without an answer may have been done: both secrets stay, and the sweep finds the idle one.
      await dropSecret(written === undefined ? after : before);
      return won(written);
    },

    async sync(before) {
      const fetched = withServableStatus({ ...before, ...(await fetchedCard(before, deps)) });
      const agent = await write(before, fetched);
      return { agent, diff: cardDiff(before.card, agent.card) };
    },

    async setStatus(before, status, reason) {
      if (status === 'active' && !isServable(before.card)) {
        throw new GatewayError({ code: 'agent_not_servable', problem: nothingServedReason });
      }
      const { statusReason: _, ...rest } = before;
      const because = status === 'active' ? undefined : reason;
      return write(before, { ...rest, status, ...(because !== undefined && { statusReason: because }) });
    },

    async remove(agent) {
      if (!(await agents.delete(agent.agentId, agent.revision)))
        throw new GatewayError({ code: 'precondition_failed' });
      await dropSecret(agent);
    },
  };
}

function won(written: Agent | undefined): Agent {
  if (written === undefined) throw new GatewayError({ code: 'precondition_failed' });
  return written;
}

type FetchedCard = Pick<Agent, 'card' | 'cardWarnings' | 'cardFetchedAtMs'>;

async function fetchedCard(
  agent: { agentCardUrl: string; backendUrl?: string | undefined },
  { upstream, clock, limits }: RegistryDeps,
): Promise<FetchedCard> {
  const bytes = await fetchCard(upstream, agent.agentCardUrl, limits);
  const parsed = unwrap(
    parseAgentCardText(bytes, { ...defaultCardLimits, maxCardBytes: limits.maxCardBytes }),
  );
  const { card, warnings } = unwrap(checkInterfaces(parsed, backendOrigin(agent), upstream));
  return {
    card,
    cardWarnings: [...parsed.warnings.map(cardWarningText), ...warnings],
    cardFetchedAtMs: clock.nowMs(),
  };
}

/** Addresses given by the one who registers; the card's own are checked with the card. */
function checkUrls(
  given: { agentCardUrl: string; backendUrl?: string | undefined; authConfig: GivenAuth },
  upstream: Upstream,
): void {
  const { agentCardUrl, backendUrl, authConfig } = given;
  const tokenUrl = authConfig.type === 'none' ? undefined : authConfig.tokenUrl;
  for (const [parameter, text] of Object.entries({
    agentCardUrl,
    backendUrl,
    'authConfig.tokenUrl': tokenUrl,
  })) {
    const rule = text === undefined ? undefined : upstream.refusal(new URL(text));
    if (rule !== undefined) {
      throw new GatewayError({ code: 'parameter_invalid', parameter, problem: `refused: ${rule}` });
    }
  }
}

function applyChange(before: Agent, change: AgentChange, newId: NewId): Agent {
  const { backendUrl, ...rest } = before;
  const pin = change.backendUrl === undefined ? backendUrl : (change.backendUrl ?? undefined);
  const after: Agent = {
    ...rest,
    ...(pin !== undefined && { backendUrl: pin }),
    agentCardUrl: change.agentCardUrl ?? before.agentCardUrl,
    tags: change.tags ?? before.tags,
    owner: change.owner ?? before.owner,
    publicCard: change.publicCard ?? before.publicCard,
    authConfig:
      change.authConfig === undefined
        ? before.authConfig
        : storedAuth(change.authConfig, newSecretName(before.agentId, newId)),
  };
  // A secret given for one backend must not follow the agent to another without whoever knows it saying so again.
  const moves = backendOrigin(after) !== backendOrigin(before);
  if (moves && before.authConfig.type !== 'none' && change.authConfig === undefined) {
    throw new GatewayError({
      code: 'parameter_invalid',
      parameter: 'authConfig',
      problem: 'required: the backend moves',
    });
  }
  return after;
}

/** Credentials are the owner's own and go to the origin that was approved, so they may be rotated at will. */
function needsApproval({ agentCardUrl, backendUrl, tags, publicCard }: AgentChange): boolean {
  return [agentCardUrl, backendUrl, tags, publicCard].some((member) => member !== undefined);
}

function withdrawn(agent: Agent): Agent {
  return agent.status === 'active' ? { ...agent, ...initialStatus('pending') } : agent;
}

function initialStatus(status: 'active' | 'pending'): Pick<Agent, 'status' | 'statusReason'> {
  return status === 'active' ? { status } : { status, statusReason: 'waits for an administrator' };
}

/**
 * An active agent of which nothing can be served is not active. Once something can, the reason is gone; that it serves
 * again is for an administrator to say.
 */
function withServableStatus(agent: Agent): Agent {
  const { statusReason, ...rest } = agent;
  if (isServable(agent.card)) return statusReason === nothingServedReason ? rest : agent;
  return agent.status === 'active'
    ? { ...rest, status: 'inactive', statusReason: nothingServedReason }
    : agent;
}

/** Ours to choose, and never used twice: a cached secret cannot be stale. */
function newSecretName(agentId: string, newId: NewId): string {
  return `${secretPrefix}${agentId}/${newId()}`;
}

/** Where agents' secrets are kept. */
export const secretPrefix = 'agents/';
