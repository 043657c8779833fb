import {
  type Grants,
  grantingPermissions,
  grantsOf,
  sendsMessage,
  takingMessage,
} from '../access/authorize.ts';
import type { Permission } from '../access/permission.ts';
import { permissionsOf } from '../access/permissions-of.ts';
import type { Principal } from '../access/principal.ts';
import type { Caller, CallFacts } from '../backends/request.ts';
import { GatewayError } from '../failure.ts';
import type { EffectiveLimits } from '../limits/effective.ts';
import type { Operation } from '../protocol/operations.ts';
import { type PermissionOperation, permissionOperations } from '../protocol/permission-operations.ts';
import type { Forward } from '../proxy/forward.ts';
import type { Agent } from '../registry/agent.ts';
import { agentOf, builtInAgent } from './directory.ts';
import { principalOf } from './principal.ts';
import type { Call, CallNote } from './route.ts';
import type { Services } from './services.ts';

/** A principal let through to an agent, and what it may do there. */
export interface Admission {
  principal: Principal;
  agent: Agent;
  /** Those of the principal's that grant anything of the agent, by scope; none where the agent needs none. */
  permissions: readonly Permission[];
  granted: Grants['granted'];
  /** How much it may do there. */
  limits: EffectiveLimits;
  /** Where calls to the agent go. */
  forward: Forward;
  /** When it was found to be so. */
  judgedAtMs: number;
}

/** What a call asks for, as a verdict needs it. */
export interface AskedFor {
  operation: Pick<Operation, 'permission' | 'capability'>;
  /** It is a message that brings a push configuration of its own. */
  bringsPush: boolean;
  /** The skill its message names. @throws GatewayError `member_refused` for one that several readers would read differently */
  skillId(): string | undefined;
}

/** What a built-in agent does not offer its card does not declare. */
const everyOperation: Grants['granted'] = new Map(permissionOperations.map((operation) => [operation, []]));

/**
 * Authenticates a request and authorizes it for an agent, before anything of its body is read.
 * @throws GatewayError those of the authenticator and of {@link admitTo}
 */
export async function admit(call: Call, services: Services): Promise<Admission> {
  const principal = await principalOf(call, services);
  return admitTo(call.params.agentId ?? '', principal, call.note, services);
}

/**
 * Authorizes a principal for an agent. Notes the permission that denies the agent, if one does.
 *
 * @throws GatewayError `agent_forbidden` for an unknown agent and a forbidden one alike, `agent_inactive` only to who
 *   may call it
 */
export async function admitTo(
  agentId: string,
  principal: Principal,
  note: CallNote,
  services: Services,
): Promise<Admission> {
  const judgedAtMs = services.clock.nowMs();
  const builtIn = builtInAgent(agentId, services);
  if (builtIn !== undefined) {
    const forward = builtIn.forwardFor(principal, note);
    const limits = services.limiter.limitsOf([], agentId);
    const { agent } = builtIn;
    return { principal, agent, permissions: [], granted: everyOperation, limits, forward, judgedAtMs };
  }
  const [agent, permissions] = await Promise.all([
    agentOf(agentId, services),
    permissionsOf(principal, services.store.permissions, services.conditions),
  ]);
  const grants = grantsOf(permissions, agent);
  const { granted, deniedBy } = grants;
  if (deniedBy !== undefined) note.rule = deniedBy;
  if (agent === undefined || granted.size === 0) throw new GatewayError({ code: 'agent_forbidden' });
  if (agent.status !== 'active') throw new GatewayError({ code: 'agent_inactive', status: agent.status });
  const { forward, limiter } = services;
  const granting = grantingPermissions(grants);
  const limits = limiter.limitsOf(granting, agentId);
  return { principal, agent, permissions: granting, granted, limits, forward, judgedAtMs };
}

/**
 * Whether the admitted principal may do this with the agent, and whether the published card declares it (A2A §3.3.4):
 * what is not declared is refused even where the agent would do it. Notes the permission by which it may.
 *
 * @throws GatewayError `operation_forbidden`, `skill_forbidden`, `operation_unsupported`, `push_unsupported`, and those of
 *   `skillId`
 */
export function permit(
  { note }: Pick<Call, 'note'>,
  { agent, granted }: Pick<Admission, 'agent' | 'granted'>,
  asked: AskedFor,
): void {
  const { operation, bringsPush } = asked;
  const [rule] = heldFor(operation.permission, agent, granted, asked);
  if (bringsPush) heldFor('push', agent, granted, asked);
  const { capabilities } = agent.card;
  if (
    (bringsPush || operation.capability === 'pushNotifications') &&
    capabilities.pushNotifications !== true
  ) {
    throw new GatewayError({ code: 'push_unsupported' });
  }
  if (operation.capability !== undefined && capabilities[operation.capability] !== true) {
    throw new GatewayError({ code: 'operation_unsupported', capability: operation.capability });
  }
  if (rule !== undefined) note.rule = rule.scope;
}

/** The permissions by which this may be done. None: it is every principal's. */
function heldFor(
  needed: PermissionOperation,
  { agentId }: Agent,
  granted: Grants['granted'],
  { skillId }: Pick<AskedFor, 'skillId'>,
): readonly Permission[] {
  const granting = granted.get(needed);
  if (granting === undefined) throw new GatewayError({ code: 'operation_forbidden', operation: needed });
  if (granting.length === 0 || !sendsMessage(needed)) return granting;
  // The message is looked into only where it matters: most permissions name no skills.
  const free = takingMessage(granting, agentId, undefined);
  if (free.length > 0) return free;
  const skill = skillId();
  const taking = takingMessage(granting, agentId, skill);
  if (taking.length > 0) return taking;
  throw new GatewayError({ code: 'skill_forbidden', problem: skill === undefined ? 'missing' : 'other' });
}

/**
 * Whether what was permitted to an admitted principal still is: it is not revoked, the agent is the same and active, and the
 * operation and the skill are granted. Does not ask what the agent's card declares by now, nor whether the token has expired.
 *
 * @throws GatewayError as `admit` and `permit` would
 */
export async function permitAgain(
  { principal, agent }: Pick<Admission, 'principal' | 'agent'>,
  asked: Pick<AskedFor, 'skillId'> & { operation: Pick<Operation, 'permission'> },
  services: Services,
): Promise<void> {
  await services.revocations.check(principal);
  const now = await admitTo(agent.agentId, principal, {}, services);
  // One registered again under the same id is another.
  if (now.agent.createdAtMs !== agent.createdAtMs) throw new GatewayError({ code: 'agent_forbidden' });
  heldFor(asked.operation.permission, now.agent, now.granted, asked);
}

/** What of a call its agent's backend may be told, or be presented with. */
export function factsOf(call: Call, { agent, principal }: Admission): CallFacts {
  return { agentId: agent.agentId, requestId: call.requestId, caller: callerOf(call, principal) };
}

/** Who sent a request, with the token the authenticator has just verified. */
export function callerOf({ request }: Call, principal: Principal): Caller {
  const authorization = request.headers.get('authorization') ?? '';
  return { principal, token: authorization.slice(authorization.indexOf(' ') + 1).trim() };
}
