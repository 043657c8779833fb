import { fail, ok, type Result } from '../failure.ts';
import type { ServedVersion } from '../protocol/version.ts';

/**
 * Which agent a gRPC call is for. A path cannot say, because the service fixes it: the message's `tenant` does (A2A
 * §8.3.2), which 0.3 does not have, or the authority that was called.
 */

/** The settings this is decided by. */
export interface GrpcAuthorities {
  /** Whether callers are served over gRPC. */
  enabled: boolean;
  /** `host:port` */
  publicAuthority?: string | undefined;
  /** Whether each agent has an authority of its own below it. */
  agentAuthorities: boolean;
}

/** Where a caller finds an agent over gRPC: what a card says of it. */
export interface GrpcPlace {
  /** `host:port`. */
  url: string;
  tenant?: string;
}

/** The place of an agent in a version; undefined where it has none there. */
export function grpcPlaceOf(
  agentId: string,
  version: ServedVersion,
  { enabled, publicAuthority, agentAuthorities }: GrpcAuthorities,
): GrpcPlace | undefined {
  if (!enabled || publicAuthority === undefined) return undefined;
  if (agentAuthorities) return { url: `${agentId}.${publicAuthority}` };
  return version === '1.0' ? { url: publicAuthority, tenant: agentId } : undefined;
}

/**
 * The agent that a call names by the authority it came to, by its `tenant`, or by both alike. An authority that is not
 * below the public one names none: what stands before the gateway may call it by another name. Ports are not compared,
 * for the same reason. Does not check that there is such an agent.
 * Failures: `parameter_invalid` for a tenant that is missing or says otherwise than the authority.
 *
 * @param authority the call's `:authority`
 */
export function agentNamedBy(
  authority: string,
  tenant: unknown,
  { publicAuthority, agentAuthorities }: GrpcAuthorities,
): Result<string> {
  const invalid = (problem: string) => fail({ code: 'parameter_invalid', parameter: 'tenant', problem });
  if (tenant !== undefined && tenant !== null && typeof tenant !== 'string') return invalid('type');
  const byTenant = tenant === '' ? undefined : (tenant ?? undefined);
  const byAuthority = agentAuthorities
    ? labelBefore(hostOf(publicAuthority ?? ''), hostOf(authority))
    : undefined;
  if (byAuthority === undefined) return byTenant === undefined ? invalid('missing') : ok(byTenant);
  return byTenant === undefined || byTenant === byAuthority ? ok(byAuthority) : invalid('authority');
}

/** The one label that stands before `parent` in `host`; DNS takes upper and lower case for the same. */
function labelBefore(parent: string, host: string): string | undefined {
  if (parent === '' || !host.endsWith(`.${parent}`)) return undefined;
  const label = host.slice(0, -parent.length - 1);
  return label.includes('.') || label === '' ? undefined : label;
}

function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, '').toLowerCase();
}
