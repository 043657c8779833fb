import type { Principal } from '../access/principal.ts';
import { sha256Hex } from '../protocol/bytes.ts';
import type { Agent } from '../registry/agent.ts';
import type { Holder } from '../store/ports/ownership.ts';
import type { OwnershipMode } from './ownership.ts';

/**
 * Under what keys an owner's tasks at an agent are kept. An agent that was deleted and registered again has another (it has
 * another time), and so has every mode: what was recorded in one is not found in another. A principal whose token names
 * no client or tenant shares with nobody.
 */
export async function holderOf(
  { agentId, createdAtMs }: Pick<Agent, 'agentId' | 'createdAtMs'>,
  principal: Principal,
  mode: OwnershipMode,
): Promise<Holder> {
  const [agentKey, ownerKey] = await Promise.all([
    digestOf(['agent', agentId, createdAtMs]),
    digestOf(['owner', ...sharing(principal, mode)]),
  ]);
  return { agentKey, ownerKey };
}

/** Whoever has these has the same tasks. Of one issuer always: another's subjects, clients and tenants are other ones. */
export function sharing({ issuer, subject, clientId, tenant }: Principal, mode: OwnershipMode): string[] {
  if (mode === 'client' && clientId !== undefined) return [mode, issuer, clientId];
  if (mode === 'tenant' && tenant !== undefined) return [mode, issuer, tenant];
  return [issuer, subject];
}

/** As JSON, so that no two lists of parts are one text. */
function digestOf(parts: readonly unknown[]): Promise<string> {
  return sha256Hex(JSON.stringify(parts));
}
