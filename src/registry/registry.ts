import { isNothing, type SecretValues, secretText, separated } from '../backends/auth-config.ts';
import { credentialPlacesOf, locationOf } from '../backends/backend-config.ts';
import { GatewayError } from '../failure.ts';
import type { NewId, Secrets } from '../ports.ts';
import { subjectOf, withCard, withServableStatus, withStatus } from './accepted-card.ts';
import type { Agent, AgentStatus } from './agent.ts';
import { type AgentWriteDeps, createReplace, toldOf, won } from './agent-write.ts';
import { callerFor, checkLending, needsApproval, type Writer } from './approval.ts';
import { isServable, nothingServedReason } from './card-check.ts';
import { type CardFetchDeps, fetchedCard } from './card-fetch.ts';
import { checkGiven, withSigning } from './given-check.ts';
import { type AgentChange, changedMembers, type Registration, withoutOptional } from './registration.ts';

/** Which agents exist. Each write is durable when its promise resolves. */
export interface Registry {
  /**
   * Fetches and checks an agent's card and answers the agent as it would be registered; writes nothing.
   * @throws GatewayError `agent_exists`, `card_unavailable`, `card_invalid`, `card_untrusted`,
   *   `parameter_invalid`
   */
  check(registration: Registration): Promise<Agent>;
  /** As `check`, then writes. @throws GatewayError as `check` */
  register(registration: Registration): Promise<Agent>;
  /**
   * Changes an agent; its card is fetched again where its address or pin changes, and taken as its next version. What an
   * administrator approved was this address, these tags and who may read the card: an owner who changes one of them waits
   * for approval again.
   * @throws GatewayError as `check`, and `precondition_failed`
   */
  update(agent: Agent, change: AgentChange, by: Writer): Promise<Agent>;
  /** @throws GatewayError `agent_not_servable`, `precondition_failed` */
  setStatus(agent: Agent, status: AgentStatus, by: Writer, reason?: string): Promise<Agent>;
  /** Deletes an agent and its secret. @throws GatewayError `precondition_failed` */
  remove(agent: Agent, by: Writer): Promise<void>;
}

export interface RegistryDeps extends CardFetchDeps, AgentWriteDeps {
  secrets: Secrets;
}

/** An agent about to be written, with secrets that are not kept yet. */
interface Draft {
  agent: Agent;
  secrets: SecretValues;
}

export function createRegistry(deps: RegistryDeps): Registry {
  const { agents, secrets, clock } = deps;
  const replace = createReplace(deps);

  async function build(registration: Registration): Promise<Draft> {
    const { agentId, tags, owner, publicCard, by } = registration;
    checkLending(by, registration.authConfig);
    checkGiven(registration, deps.upstream);
    if ((await agents.get(agentId, { fresh: true })) !== undefined)
      throw new GatewayError({ code: 'agent_exists' });
    const nowMs = clock.nowMs();
    const given = withSigning(registration.authConfig, registration.backend);
    const { auth, secrets } = separated(given, newSecretName(agentId, deps.newId));
    const described = {
      agentId,
      agentCardUrl: locationOf(registration).agentCardUrl,
      ...changedMembers({}, registration),
      authConfig: auth,
    };
    const acceptedBy = subjectOf(by);
    const agent: Agent = {
      ...described,
      // An id used again goes on counting: an ETag of the agent before it never matches.
      revision: nowMs,
      tags,
      owner,
      publicCard,
      ...(await fetchedCard(described, deps, { secrets, caller: by.caller })),
      cardVersion: 1,
      cardAcceptedAtMs: nowMs,
      ...(acceptedBy !== undefined && { cardAcceptedBy: acceptedBy }),
      status: 'active',
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    const told =
      by.as === 'owner' ? pending(agent, by, nowMs) : withStatus(agent, 'active', { by: acceptedBy, nowMs });
    return { agent: withServableStatus(told, nowMs), secrets };
  }

  /** The secrets first: a crash in between leaves some nobody refers to, never an agent without its own. */
  async function storeSecrets({ agent, secrets: values }: Draft): Promise<void> {
    const { secretName } = agent.authConfig;
    if (secretName !== undefined) await secrets.put(secretName, secretText(values));
  }

  async function dropSecret({ authConfig: { secretName } }: Agent): Promise<void> {
    if (secretName !== undefined) await secrets.delete(secretName);
  }

  return {
    check: async (registration) => (await build(registration)).agent,

    async register(registration) {
      const draft = await build(registration);
      const { agent } = draft;
      await storeSecrets(draft);
      const deed = { action: 'agent.register', by: registration.by } as const;
      const isWritten = await toldOf(deps, deed, { agentId: agent.agentId, after: agent }, (audited) =>
        agents.create(agent, audited),
      );
      if (isWritten) return agent;
      await dropSecret(agent);
      throw new GatewayError({ code: 'agent_exists' });
    },

    async update(before, change, by) {
      const draft = changedDraft(before, change, deps.newId);
      const { agent: changed } = draft;
      checkGiven({ ...changed, authConfig: change.authConfig ?? before.authConfig }, deps.upstream);
      const brings = change.authConfig !== undefined;
      const isMoved = isElsewhere(before, changed);
      checkLending(by, change.authConfig ?? (isMoved ? before.authConfig : undefined));
      const presenting = {
        secrets: brings ? draft.secrets : undefined,
        caller: callerFor(by, before, brings),
      };
      const nowMs = clock.nowMs();
      const renewed = isMoved
        ? withCard(changed, await fetchedCard(changed, deps, presenting), by, nowMs)
        : changed;
      const isWithdrawn = by.as === 'owner' && isApproved(renewed) && needsApproval(before, change);
      const agent = isWithdrawn ? pending(renewed, by, nowMs) : renewed;
      const deed = { action: 'agent.update', by } as const;
      if (!brings) return won(await replace(before, agent, deed));
      await storeSecrets({ agent, secrets: draft.secrets });
      const written = await replace(before, agent, deed);
      // A write that failed without an answer may have been done: both secrets stay, and the sweep finds the idle one.
      await dropSecret(written === undefined ? agent : before);
      return won(written);
    },

    async setStatus(before, status, by, reason) {
      if (status === 'active' && !isServable(before.card)) {
        throw new GatewayError({ code: 'agent_not_servable', problem: nothingServedReason });
      }
      const because = status === 'active' ? undefined : reason;
      const change = { reason: because, by: subjectOf(by), nowMs: clock.nowMs() };
      const deed = { action: 'agent.setStatus', by } as const;
      return won(await replace(before, withStatus(before, status, change), deed));
    },

    async remove(agent, by) {
      const { agentId, revision } = agent;
      const deed = { action: 'agent.delete', by } as const;
      const isGone = await toldOf(deps, deed, { agentId, before: agent }, (audited) =>
        agents.delete(agentId, revision, audited),
      );
      if (!isGone) throw new GatewayError({ code: 'precondition_failed' });
      await dropSecret(agent);
    },
  };
}

/** Whether the card must be fetched again: it, or what it must agree with, is somewhere else, or others vouch for it. */
function isElsewhere(before: Agent, after: Agent): boolean {
  const placeOf = ({ agentCardUrl, backendUrl, backend, cardSignatures }: Agent) =>
    JSON.stringify([agentCardUrl, backendUrl, backend, cardSignatures]);
  return placeOf(before) !== placeOf(after);
}

function changedDraft(before: Agent, change: AgentChange, newId: NewId): Draft {
  const members = changedMembers(before, change);
  const given =
    change.authConfig === undefined
      ? { auth: before.authConfig, secrets: {} }
      : separated(withSigning(change.authConfig, members.backend), newSecretName(before.agentId, newId));
  const described = { agentCardUrl: change.agentCardUrl ?? before.agentCardUrl, ...members };
  const agent: Agent = {
    ...withoutOptional(before),
    ...members,
    agentCardUrl: locationOf(described).agentCardUrl,
    tags: change.tags ?? before.tags,
    owner: change.owner ?? before.owner,
    publicCard: change.publicCard ?? before.publicCard,
    authConfig: given.auth,
  };
  // A secret given for one backend must not follow the agent to another without whoever knows it saying so again.
  const known = new Set(credentialPlacesOf(before));
  const moves = credentialPlacesOf(agent).some((place) => !known.has(place));
  if (moves && !isNothing(before.authConfig) && change.authConfig === undefined) {
    throw new GatewayError({
      code: 'parameter_invalid',
      parameter: 'authConfig',
      problem: 'required: the backend moves',
    });
  }
  return { agent, secrets: given.secrets };
}

/** Also of one that was taken out since: who puts it back takes it for what was approved. */
function isApproved({ status }: Agent): boolean {
  return status === 'active' || status === 'inactive';
}

function pending(agent: Agent, by: Writer, nowMs: number): Agent {
  return withStatus(agent, 'pending', { reason: 'waits for an administrator', by: subjectOf(by), nowMs });
}

/** Ours to choose, and never used twice: a cached secret cannot be stale. */
function newSecretName(agentId: string, newId: NewId): string {
  return `${secretPrefix}${agentId}/${newId()}`;
}

/** Where agents' secrets are kept. */
export const secretPrefix = 'agents/';
