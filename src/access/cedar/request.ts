import type { PermissionOperation } from '../../protocol/permission-operations.ts';
import type { AgentFacts } from '../authorize.ts';
import type { Principal } from '../principal.ts';
import type { Cedar } from './load-cedar.ts';
import type { ConditionPolicy } from './policy.ts';

type AuthorizationCall = Parameters<Cedar['statefulIsAuthorized']>[0];
export type Attributes = AuthorizationCall['entities'][number]['attrs'];

/** What Cedar is told: no more than the condition can look at, and all of it as data. */
export interface CedarRequest {
  operation: PermissionOperation;
  /** An id that is compared with the condition's; elsewhere one for all. */
  agentId: string;
  principal: Attributes;
  agent: Attributes;
}

/** Of a principal what the condition can look at. Undefined: a text of it is none that Cedar takes. */
export function principalFor(policy: ConditionPolicy, principal: Principal): Attributes | undefined {
  return attributesOf(policy.principal, factsOfPrincipal(principal));
}

/** Of an agent and an operation what the condition can look at. Undefined as for {@link principalFor}. */
export function objectFor(
  policy: ConditionPolicy,
  operation: PermissionOperation,
  agent: AgentFacts,
): Omit<CedarRequest, 'principal'> | undefined {
  const attributes = attributesOf(policy.agent, factsOfAgent(agent));
  if (attributes === undefined) return undefined;
  return {
    operation: policy.onAction ? operation : 'send',
    agentId: policy.onAgentId ? agent.agentId : '-',
    agent: attributes,
  };
}

/** @param preparsedPolicySetId under which the condition's policy is prepared */
export function authorizationCall(request: CedarRequest, preparsedPolicySetId: string): AuthorizationCall {
  // A condition cannot name a principal, so that one id does for all.
  const principal = { type: 'Principal', id: 'caller' };
  const resource = { type: 'Agent', id: request.agentId };
  return {
    principal,
    action: { type: 'Action', id: request.operation },
    resource,
    context: {},
    preparsedPolicySetId,
    entities: [
      { uid: principal, attrs: request.principal, parents: [] },
      { uid: resource, attrs: request.agent, parents: [] },
    ],
  };
}

/**
 * Groups and the client as permissions may be given to them: of another issuer than the first they bear its alias or are
 * absent, so that nobody's group passes for that of another issuer.
 */
function factsOfPrincipal({ issuer, subject, tenant, grantees, scopes }: Principal) {
  const named = (kind: string) =>
    grantees.filter((grantee) => grantee.startsWith(kind)).map((grantee) => grantee.slice(kind.length));
  return { issuer, subject, clientId: named('client:')[0], tenant, groups: named('group:'), scopes };
}

function factsOfAgent({ agentId, tags, owner }: AgentFacts) {
  return {
    agentId,
    tags,
    owner: owner && { issuer: owner.issuer, subject: owner.subject },
  };
}

function attributesOf<Name extends string>(
  names: readonly Name[],
  facts: Readonly<Record<Name, unknown>>,
): Attributes | undefined {
  const present = names.filter((name) => facts[name] !== undefined);
  if (!present.every((name) => isWellFormed(facts[name]))) return undefined;
  return Object.fromEntries(present.map((name) => [name, facts[name]])) as Attributes; // Texts, lists and records of them.
}

/** Half a character cannot be told in UTF-8; made whole, two texts would be one. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !/\p{Cs}/u.test(value);
  return Object.values(value as object).every(isWellFormed);
}
