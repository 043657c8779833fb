import { assumedPrincipal, type DescribedPrincipal } from '../access/assumed-principal.ts';
import { type Consideration, considered } from '../access/considered.ts';
import { permissionsOf } from '../access/permissions-of.ts';
import type { Principal } from '../access/principal.ts';
import { type CallerLimit, factsOf, GatewayError, metadataOf, reasonOf, unwrap } from '../failure.ts';
import type { EffectiveLimits } from '../limits/effective.ts';
import { type Operation, type OperationName, operationOf } from '../protocol/operations.ts';
import { type PermissionOperation, permissionOperations } from '../protocol/permission-operations.ts';
import type { Agent } from '../registry/agent.ts';
import { isReservedAgentId } from '../registry/registration-schema.ts';
import { type Admission, admitTo, permit } from './admission.ts';
import { isCardPublic } from './cards.ts';
import { agentOf } from './directory.ts';
import type { CallNote } from './route.ts';
import type { Services } from './services.ts';

/** Who asks for what of whom. */
export interface CallInQuestion {
  who: { token: string } | { principal: DescribedPrincipal };
  agentId: string;
  /** As permissions name it, or as A2A does. */
  operation: PermissionOperation | OperationName;
  /** Which the message names. */
  skillId?: string | undefined;
}

/** What would become of a call, and why. */
export interface Explanation {
  decision: 'allow' | 'deny';
  /** What its caller would be told: the reason of the ErrorInfo. */
  reason?: string;
  /** The permission that decided; absent where none did. */
  rule?: { scope: string; effect: 'allow' | 'deny' };
  /** In the order in which calls meet them; none after the one that failed. */
  checks: Check[];
  agentStatus: Agent['status'] | 'unknown';
  /** How much the principal may do with the agent; what is absent is not limited. Absent: it may not call it. */
  limits?: EffectiveLimits;
  /** Absent: there is none, because its token is not valid. */
  principal?: Omit<Principal, 'expiresAtSeconds' | 'tokenId' | 'issuedAtSeconds'>;
  /** Each that is given to the principal, and what it says by itself. */
  permissions: { scope: string; says: Consideration }[];
}

export interface Check {
  check: CheckName;
  passed: boolean;
  /** Of one that failed, and its evidence. */
  reason?: string;
  metadata?: Record<string, string>;
}

/** `publicCard` alone lets through what others have refused; cards are not in the `limits` of an agent. */
type CheckName = 'token' | 'revocation' | 'agent' | 'limits' | 'operation' | 'openStreams' | 'publicCard';

/** What is known so far; each check adds to it. */
interface Findings {
  principal?: Principal;
  admission?: Admission;
}

/**
 * Says what would become of a call by asking what decides calls, as far as it can be told without a body: not whether its
 * tasks are the caller's, and not what the agent makes of it. Of limits only whether they allow anything at all: a question
 * does not count, and what others have used up is another's a moment later.
 *
 * @throws GatewayError what would keep calls from being decided at all, such as `store_unavailable`
 */
export async function explain(asked: CallInQuestion, services: Services): Promise<Explanation> {
  const note: CallNote = {};
  const findings: Findings = {};
  const checks: Check[] = [];
  for (const [check, run] of checksOf(asked, note, findings, services)) {
    const refusal = await refusalOf(run);
    checks.push({ check, passed: refusal === undefined, ...refusal });
    if (refusal !== undefined) break;
  }
  const agent = await agentOf(asked.agentId, services);
  if (asked.operation === 'card' && agent !== undefined && isCardPublic(agent) && !isAllowed(checks))
    checks.push({ check: 'publicCard', passed: true });
  return {
    ...verdictOf(checks, note),
    ...(findings.admission !== undefined && { limits: findings.admission.limits }),
    ...(await groundsOf(asked, agent, findings.principal, services)),
    checks,
  };
}

type RunningCheck = readonly [check: CheckName, run: () => Promise<void> | void];

function checksOf(
  { who, agentId, operation, skillId }: CallInQuestion,
  note: CallNote,
  findings: Findings,
  services: Services,
): readonly RunningCheck[] {
  const needs = needsOf(operation);
  const asked = { operation: needs, bringsPush: false, skillId: () => skillId };
  const isLimited = operation !== 'card' && !isReservedAgentId(agentId);
  const limitsCheck = (check: CheckName, ...limits: CallerLimit[]): RunningCheck => [
    check,
    () => allowAnything(known(findings.admission).limits, limits),
  ];
  return [
    [
      'token',
      async () => {
        findings.principal = await principalIn(who, services);
      },
    ],
    ['revocation', () => services.revocations.check(known(findings.principal))],
    [
      'agent',
      async () => {
        findings.admission = await admitTo(agentId, known(findings.principal), note, services);
      },
    ],
    ...(isLimited ? [limitsCheck('limits', 'requestsPerDay', 'requestsPerMinute')] : []),
    ['operation', () => permit({ note }, known(findings.admission), asked)],
    ...(needs.streams ? [limitsCheck('openStreams', 'maxOpenStreams')] : []),
  ];
}

/** @throws GatewayError `limit_exceeded` by the first of these that allows nothing at all */
function allowAnything(limits: EffectiveLimits, asked: readonly CallerLimit[]): void {
  const allowed = { ...limits, discoveryPerMinute: undefined };
  const limit = asked.find((name) => allowed[name] === 0);
  if (limit !== undefined) throw new GatewayError({ code: 'limit_exceeded', limit, allowed: 0 });
}

function known<T>(found: T | undefined): T {
  if (found === undefined) throw new TypeError('a check before has failed');
  return found;
}

async function principalIn(
  who: CallInQuestion['who'],
  { authenticator, config, clock }: Services,
): Promise<Principal> {
  if ('token' in who) return authenticator.authenticate(`Bearer ${who.token}`);
  return unwrap(assumedPrincipal(who.principal, config.issuers, clock.nowMs()));
}

type Needs = Pick<Operation, 'permission' | 'capability' | 'streams'>;

/** What an operation of permissions stands for, where all that it is needed for needs the same of the card. */
const needed: Readonly<Partial<Record<PermissionOperation, Pick<Needs, 'capability' | 'streams'>>>> = {
  stream: { capability: 'streaming', streams: true },
  push: { capability: 'pushNotifications', streams: false },
};

function needsOf(operation: CallInQuestion['operation']): Needs {
  const permission = permissionOperations.find((name) => name === operation);
  if (permission === undefined) return operationOf(operation as OperationName); // There are but these two.
  return { permission, streams: false, ...needed[permission] };
}

/** Undefined where the check has passed. @throws what is no verdict on the call */
async function refusalOf(run: RunningCheck[1]): Promise<Omit<Check, 'check' | 'passed'> | undefined> {
  try {
    await run();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || !isVerdict(thrown)) throw thrown;
    return { reason: reasonOf(thrown.failure), metadata: metadataOf(thrown.failure) };
  }
}

function isVerdict({ failure }: GatewayError): boolean {
  return (
    factsOf(failure.code).httpStatus < 500 ||
    failure.code === 'agent_inactive' ||
    failure.code === 'issuer_unavailable'
  );
}

function isAllowed(checks: readonly Check[]): boolean {
  return checks.at(-1)?.passed === true;
}

function verdictOf(
  checks: readonly Check[],
  { rule }: CallNote,
): Pick<Explanation, 'decision' | 'reason' | 'rule'> {
  const decision = isAllowed(checks) ? 'allow' : 'deny';
  const reason = decision === 'deny' ? checks.at(-1)?.reason : undefined;
  // A card that is public is so whatever a permission says; and what only grants has not refused what fails otherwise.
  const last = checks.at(-1)?.check;
  const isByRule = decision === 'allow' ? last !== 'publicCard' : last === 'agent';
  const decided = isByRule ? rule : undefined;
  return {
    decision,
    ...(reason !== undefined && { reason }),
    ...(decided !== undefined && { rule: { scope: decided, effect: decision } }),
  };
}

async function groundsOf(
  { operation, skillId }: CallInQuestion,
  agent: Agent | undefined,
  principal: Principal | undefined,
  { store, conditions }: Services,
): Promise<Pick<Explanation, 'agentStatus' | 'principal' | 'permissions'>> {
  const agentStatus = agent?.status ?? 'unknown';
  if (principal === undefined) return { agentStatus, permissions: [] };
  const question = { agent, operation: needsOf(operation).permission, skillId };
  const permissions = await permissionsOf(principal, store.permissions, conditions);
  const { expiresAtSeconds: _, tokenId: __, issuedAtSeconds: ___, ...shown } = principal;
  return {
    agentStatus,
    principal: shown,
    permissions: permissions.map((permission) => ({
      scope: permission.scope,
      says: considered(permission, question),
    })),
  };
}
