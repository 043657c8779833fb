import { adminScope } from '../access/principal.ts';
import type { Changer } from '../audit/audit.ts';
import { type AuthConfig, borrowsFrom, type GivenAuth } from '../backends/auth-config.ts';
import type { Caller } from '../backends/request.ts';
import { GatewayError } from '../failure.ts';
import type { Agent } from './agent.ts';
import type { AgentChange } from './registration.ts';

/** Who asks for a write. */
export interface Writer extends Changer {
  /** An administrator, or the owner of the agent. */
  as: 'admin' | 'owner';
  /** Absent where nobody calls: agents that a stack brings. */
  caller?: Caller;
}

/**
 * Whether an owner's change waits for an administrator. What was approved was where the agent is, its tags, who may read
 * its card, whose signatures of it count, how much of the gateway it may take and whom its tasks are kept from. Credentials
 * are the owner's own and go to the origin that was approved, so they may be rotated at will, unless callers' tokens are
 * part of them. So may the authorities that vouch for who gets them, unless what is presented is lent.
 */
export function needsApproval({ authConfig: before }: Agent, change: AgentChange): boolean {
  const { agentCardUrl, backendUrl, backend, limits, tags, publicCard, cardSignatures, ownership } = change;
  const { authConfig, caCertificates } = change;
  const approved = [agentCardUrl, backendUrl, backend, limits, tags, publicCard, cardSignatures, ownership];
  if (approved.some((member) => member !== undefined)) return true;
  const isLent = borrowsFrom('gateway', before) || borrowsFrom('caller', before);
  if (caCertificates !== undefined && isLent) return true;
  return authConfig !== undefined && [authConfig, before].some((auth) => borrowsFrom('caller', auth));
}

/**
 * Keeps owners from making the gateway speak in its own name: with such a credential a card's address is a request that
 * the gateway signs, and who chooses it chooses what is asked for.
 *
 * @param presented what the card is about to be fetched with, if it is
 * @throws GatewayError `scope_missing`
 */
export function checkLending({ as }: Writer, presented: AuthConfig | GivenAuth | undefined): void {
  if (as === 'owner' && presented !== undefined && borrowsFrom('gateway', presented))
    throw new GatewayError({ code: 'scope_missing', scope: adminScope });
}

/**
 * For whom a card is fetched with what an agent presents: for who brought it with this very request, or, once an
 * administrator has approved it, for whoever asks. What waits for approval may name any token endpoint: that of an agent
 * which an administrator merely looks at must not be sent an administrator's token.
 *
 * @param brings whether the credentials come with this request
 */
export function callerFor(
  { caller }: Writer,
  { status }: Pick<Agent, 'status'>,
  brings: boolean,
): Caller | undefined {
  return brings || status === 'active' ? caller : undefined;
}
