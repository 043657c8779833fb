import type { CallerLimits, Permission } from '../access/permission.ts';

type Limited = Pick<Permission, keyof CallerLimits | 'agentLimits'>;

/** What of each a caller may have. 0 is nothing at all, undefined as much as comes. */
export type EffectiveLimits = { readonly [Member in keyof Required<CallerLimits>]: number | undefined };

/**
 * How much a caller may do with an agent: of each member the most generous of what its permissions say, where one that says
 * nothing leaves it to the gateway's defaults.
 *
 * @param permissions those that grant the agent; others must not count
 * @param defaults also where the agent needs no permission
 */
export function effectiveLimits(
  permissions: readonly Limited[],
  agentId: string,
  defaults: CallerLimits,
): EffectiveLimits {
  let limits: EffectiveLimits | undefined;
  for (const permission of permissions) {
    const own = ownLimits(permission, agentId, defaults);
    limits = limits === undefined ? own : moreGenerous(limits, own);
  }
  return limits ?? completed(defaults.requestsPerMinute, defaults, {});
}

/** What a permission by itself lets do with an agent. */
function ownLimits(permission: Limited, agentId: string, defaults: CallerLimits): EffectiveLimits {
  const { agentLimits } = permission;
  // An agent may be called `constructor`.
  const isNamed = agentLimits !== undefined && Object.hasOwn(agentLimits, agentId);
  const ofAgent = isNamed ? agentLimits[agentId] : undefined;
  if (typeof ofAgent === 'object') return completed(ofAgent.requestsPerMinute, ofAgent, defaults);
  return completed(ofAgent ?? permission.requestsPerMinute, permission, defaults);
}

/**
 * A burst belongs to its own number of calls: a permission of ten calls has ten at once, and not all that another one's minute
 * has. None at once is none at all, also where a minute is not limited. Each member by name: this is done for every call.
 */
function completed(
  ownPerMinute: number | undefined,
  own: CallerLimits,
  defaults: CallerLimits,
): EffectiveLimits {
  const burst = own.burst ?? defaults.burst;
  const requestsPerMinute = burst === 0 ? 0 : (ownPerMinute ?? defaults.requestsPerMinute);
  return {
    requestsPerMinute,
    burst: requestsPerMinute === undefined ? undefined : Math.min(burst ?? Infinity, requestsPerMinute),
    requestsPerDay: own.requestsPerDay ?? defaults.requestsPerDay,
    maxOpenStreams: own.maxOpenStreams ?? defaults.maxOpenStreams,
    maxBodyBytes: own.maxBodyBytes ?? defaults.maxBodyBytes,
  };
}

function moreGenerous(one: EffectiveLimits, other: EffectiveLimits): EffectiveLimits {
  return {
    requestsPerMinute: larger(one.requestsPerMinute, other.requestsPerMinute),
    burst: larger(one.burst, other.burst),
    requestsPerDay: larger(one.requestsPerDay, other.requestsPerDay),
    maxOpenStreams: larger(one.maxOpenStreams, other.maxOpenStreams),
    maxBodyBytes: larger(one.maxBodyBytes, other.maxBodyBytes),
  };
}

function larger(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other);
}
