import type { CallerLimits, Permission } from '../access/permission.ts';

type Limited = Pick<Permission, keyof CallerLimits | 'agentLimits'>;

/**
 * How much a caller may do with an agent: of each member the most generous of what its permissions say, where one that says
 * nothing leaves it to the gateway's defaults. Absent members are unlimited, 0 is nothing at all.
 *
 * @param permissions those that grant the agent; others must not count
 * @param defaults also where the agent needs no permission
 */
export function effectiveLimits(
  permissions: readonly Limited[],
  agentId: string,
  defaults: CallerLimits,
): CallerLimits {
  if (permissions.length === 0) return withWholeBurst(defaults);
  return permissions
    .map((permission) => withWholeBurst({ ...defaults, ...ownLimits(permission, agentId) }))
    .reduce(moreGenerous);
}

const members = ['requestsPerMinute', 'requestsPerDay', 'maxOpenStreams', 'maxBodyBytes', 'burst'] as const;

/** What a permission itself says of an agent. */
function ownLimits(permission: Limited, agentId: string): CallerLimits {
  const { agentLimits = {} } = permission;
  // An agent may be called `constructor`.
  const ofAgent = Object.hasOwn(agentLimits, agentId) ? agentLimits[agentId] : undefined;
  if (typeof ofAgent === 'object') return pickLimits(ofAgent);
  const own = pickLimits(permission);
  return ofAgent === undefined ? own : { ...own, requestsPerMinute: ofAgent };
}

function pickLimits(from: CallerLimits): CallerLimits {
  const limits: CallerLimits = {};
  for (const member of members) {
    if (from[member] !== undefined) limits[member] = from[member];
  }
  return limits;
}

/**
 * A burst belongs to its own number of calls: a permission of ten calls has ten at once, and not all that another one's minute
 * has.
 */
function withWholeBurst({ burst, ...limits }: CallerLimits): CallerLimits {
  const { requestsPerMinute } = limits;
  if (requestsPerMinute === undefined) return limits;
  return { ...limits, burst: Math.min(burst ?? requestsPerMinute, requestsPerMinute) };
}

function moreGenerous(one: CallerLimits, other: CallerLimits): CallerLimits {
  const limits: CallerLimits = {};
  for (const member of members) {
    const [first, second] = [one[member], other[member]];
    if (first !== undefined && second !== undefined) limits[member] = Math.max(first, second);
  }
  return limits;
}
