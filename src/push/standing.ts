import { grantsOf } from '../access/authorize.ts';
import type { Conditions } from '../access/conditions.ts';
import { permissionsOf } from '../access/permissions-of.ts';
import type { Principal } from '../access/principal.ts';
import type { Agent } from '../registry/agent.ts';
import type { Revocations } from '../revocations/revocations.ts';
import type { KeptPushConfig } from '../store/ports/push.ts';

/** What keeps a webhook from being told: who set it is refused, may not set it any more, or the agent is not active. */
export type Hindrance = 'revoked' | 'forbidden' | 'inactive';

/**
 * Judges a webhook as a call of who set it would be judged now, by what their token told then: groups and scopes that their
 * issuer has taken away since are not known here.
 *
 * @throws GatewayError `store_unavailable`
 */
export type JudgeWebhook = (
  config: Pick<KeptPushConfig, 'agentId' | 'createdAtMs'>,
  setBy: Principal,
) => Promise<{ agent: Agent } | { hindrance: Hindrance }>;

export interface JudgeWebhookDeps {
  agents: { get(agentId: string): Promise<Agent | undefined> };
  permissions: Parameters<typeof permissionsOf>[1];
  conditions: Conditions;
  revocations: Pick<Revocations, 'find'>;
}

export function createWebhookJudge(deps: JudgeWebhookDeps): JudgeWebhook {
  const { agents, permissions, conditions, revocations } = deps;
  return async ({ agentId, createdAtMs }, setBy) => {
    const [revocation, agent, granted] = await Promise.all([
      revocations.find(setBy),
      agents.get(agentId),
      permissionsOf(setBy, permissions, conditions),
    ]);
    if (revocation !== undefined) return { hindrance: 'revoked' };
    // One registered again under the same id is another, and was given nothing.
    const isSame = agent !== undefined && agent.createdAtMs <= createdAtMs;
    if (!isSame || !grantsOf(granted, agent).granted.has('push')) return { hindrance: 'forbidden' };
    return agent.status === 'active' ? { agent } : { hindrance: 'inactive' };
  };
}
