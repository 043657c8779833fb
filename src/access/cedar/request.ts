import type { PermissionOperation } from '../../protocol/permission-operations.ts';
import type { AgentFacts } from '../authorize.ts';
import type { Principal } from '../principal.ts';
import type { Cedar } from './load-cedar.ts';
import type { ConditionPolicy } from './policy.ts';

/** What a condition is asked about. */
export interface Asked {
  principal: Principal;
  operation: PermissionOperation;
  agent: AgentFacts;
}

type AuthorizationCall = Parameters<Cedar['statefulIsAuthorized']>[0];
type Attributes = AuthorizationCall['entities'][number]['attrs'];

/** What Cedar is told: no more than the condition can look at, and all of it as data. */
export interface CedarRequest {
  operation: PermissionOperation;
  /** An id that is compared with the condition's; elsewhere one for all. */
  agentId: string;
  principal: Attributes;
  agent: Attributes;
}

/** Equal requests, as JSON, have equal verdicts of one condition. Undefined: a text of it is none that Cedar takes. */
export function requestFor(policy: ConditionPolicy, asked: Asked): CedarRequest | undefined {
  const principal = attributesOf(policy.principal, factsOfPrincipal(asked.principal));
  const agent = attributesOf(policy.agent, factsOfAgent(asked.agent));
  const isText = [principal, agent].every((attributes) =>
    Object.values(attributes).every((value) => isWellFormed(value)),
  );
  if (!isText) return undefined;
  return {
    operation: policy.onAction ? asked.operation : 'send',
    agentId: policy.onAgentId ? asked.agent.agentId : '-',
    principal,
    agent,
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
): Attributes {
  const present = names.filter((name) => facts[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, facts[name]])) as Attributes; // Texts, lists and records of them.
}

/** Half a character cannot be told in UTF-8; made whole, two texts would be one. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !/\p{Cs}/u.test(value);
  return Object.values(value as object).every(isWellFormed);
}
