import { operations } from '../protocol/operations.ts';
import type { PermissionOperation } from '../protocol/permission-operations.ts';
import type { VisibleAgents } from './authorize.ts';
import { isAgentPattern, isSingleAgent, type Permission, patternCovers } from './permission.ts';
import { adminScope, hasScope, type Principal, registerScope } from './principal.ts';

/** An IAM policy that allows calls of one API Gateway stage and says nothing else. */
export interface InvokePolicy {
  Version: '2012-10-17';
  Statement: [{ Effect: 'Allow'; Action: 'execute-api:Invoke'; Resource: string[] }];
}

/** A route that is no agent's, or that every agent has: who may call it is told by scopes alone. */
export interface ScopedRoute {
  method: string;
  /** As in the route table: `{name}` stands for one segment, `/agents` for the setting `agentsPath`. */
  path: string;
  access: 'principal' | 'manager' | 'admin';
}

export interface InvokePolicyOptions {
  routes: readonly ScopedRoute[];
  /** Default `/agents`. */
  agentsPath?: string;
  /** Largest policy, as JSON. Default {@link maxPolicyBytes}. */
  maxPolicyBytes?: number;
  /** Ids of the active agents that these patterns cover. Whatever it throws passes. */
  agentsCovered(visible: VisibleAgents): Promise<readonly string[] | 'too many'>;
}

/** AWS names no limit for REST APIs. For WebSocket APIs the whole answer, of which this is a part, may have 8 KiB. */
export const maxPolicyBytes = 7_000;
/** API Gateway takes no longer resource in an authorizer's policy. */
const maxResourceChars = 512;

/**
 * What API Gateway may let a principal call, for every path of the stage, because the answer is kept for the token and
 * not for the path. An early gate: it allows all the core would permit and as little more as IAM can say, and the core
 * decides again. Does not look at the token's expiry, at agents' capabilities, nor at who owns an agent.
 *
 * A `*` of IAM spans slashes, so verbs are always spelled out: a resource that began with one would match any path
 * that ends like a permitted one. An agent id, and a glob whose only `*` is its end, are exact. Other globs and tags
 * become the active agents they cover. When that makes the policy too large, or they cover too many, it allows the
 * granted verbs on every agent instead.
 *
 * An agent that is denied is left out where it would be named. A glob that is open at its end goes on allowing it, and so
 * does an id of an agent that is denied by its tag: of these the core alone keeps the caller away.
 *
 * @param methodArn of the request at hand; only its stage is used
 * @throws TypeError for a method ARN of no API stage; RangeError when not even the coarse policy fits, which takes a
 *   path of the agents, or a stage, of unusual length; what `agentsCovered` throws
 */
export async function invokePolicy(
  principal: Principal,
  permissions: readonly Permission[],
  methodArn: string,
  options: InvokePolicyOptions,
): Promise<InvokePolicy> {
  const { agentsPath = '/agents' } = options;
  const stage = stageOf(methodArn);
  const scoped = scopedResources(principal, options.routes, agentsPath);
  const grants = verbsByPattern(permissions);
  const denied = permissions.flatMap(({ deniedAgents = [] }) => deniedAgents).filter(isAgentPattern);
  const exact = await exactResources(grants, denied, agentsPath, options);
  if (exact !== undefined) {
    const policy = policyOf(stage, [...scoped, ...exact]);
    if (fits(policy, options)) return policy;
  }
  const granted = new Set([...grants.values()].flatMap((verbs) => [...verbs]));
  const policy = policyOf(stage, [...scoped, ...[...granted].map((verb) => `${verb}${agentsPath}/*`)]);
  if (fits(policy, options)) return policy;
  throw new RangeError('the least policy is larger than allowed');
}

/**
 * The verbs that grants on an agent may need: JSON-RPC is always POST and names its operation in the body; HTTP+JSON
 * has a verb, or several, an operation.
 */
export function verbsFor(granted: readonly PermissionOperation[]): Set<string> {
  const verbs = new Set(granted.length > 0 ? ['POST'] : []);
  for (const { permission, rest } of operations) {
    // Whoever may do anything may read the card.
    if (!granted.includes(permission) && (permission !== 'card' || granted.length === 0)) continue;
    for (const verb of [rest.method, ...(rest.alsoMethods ?? [])]) verbs.add(verb);
  }
  return verbs;
}

/** What stands in ARNs; above all no wildcard, which would widen every resource. */
const stageArn = /^(arn:aws[a-z-]*:execute-api:[a-z0-9-]+:\d{12}:[a-z0-9]+\/[\w-]{1,128})\/[A-Z]+(?:\/|$)/;

function stageOf(methodArn: string): string {
  const stage = stageArn.exec(methodArn)?.[1];
  if (stage === undefined) throw new TypeError('not the ARN of a method of an API stage');
  return stage;
}

/** A parameter's `*` spans slashes: `/admin/agents/*` is all below, which holds nothing for administrators alone. */
function scopedResources(principal: Principal, routes: readonly ScopedRoute[], agentsPath: string): string[] {
  return routes
    .filter(({ access }) => mayUse(principal, access))
    .map(({ method, path }) => {
      const served = path.replace(/^\/agents(?=\/|$)/, () => agentsPath);
      return method + served.replace(/\{\w+(?:\.\.\.)?\}/g, '*');
    });
}

function mayUse(principal: Principal, access: ScopedRoute['access']): boolean {
  if (access === 'principal' || hasScope(principal, adminScope)) return true;
  return access === 'manager' && hasScope(principal, registerScope);
}

type Verbs = ReadonlySet<string>;

/** A stored pattern is checked again: a text that is none, such as one with a slash or `?`, grants nothing here. */
function verbsByPattern(permissions: readonly Permission[]): ReadonlyMap<string, Verbs> {
  const grants = new Map<string, Set<string>>();
  for (const { allowedAgents, operations: granted } of permissions) {
    const verbs = verbsFor(granted);
    if (verbs.size === 0) continue;
    for (const pattern of allowedAgents.filter(isAgentPattern)) {
      grants.set(pattern, new Set([...verbs, ...(grants.get(pattern) ?? [])]));
    }
  }
  return grants;
}

/** Undefined: the patterns cover too many agents. */
async function exactResources(
  grants: ReadonlyMap<string, Verbs>,
  denied: readonly string[],
  agentsPath: string,
  { agentsCovered }: InvokePolicyOptions,
): Promise<Set<string> | undefined> {
  const resources = new Set<string>();
  for (const [pattern, verbs] of grants) {
    if (isSingleAgent(pattern) && denied.some((one) => patternCovers(one, { agentId: pattern, tags: [] })))
      continue;
    for (const resource of resourcesOf(pattern, verbs, agentsPath)) resources.add(resource);
  }
  for (const { patterns, verbs } of unresolved(grants)) {
    const agentIds = await agentsCovered({ patterns, deniedPatterns: [...new Set(denied)] });
    if (agentIds === 'too many') return undefined;
    for (const agentId of agentIds.filter(isSingleAgent)) {
      for (const resource of agentResources(agentId, verbs, agentsPath)) resources.add(resource);
    }
  }
  return resources;
}

/** A head and stars, which say no more than one: what follows `/agents/` begins with the head. */
const openEnded = /^([a-z0-9-]*)\*+$/;

function resourcesOf(pattern: string, verbs: Verbs, agentsPath: string): string[] {
  const head = openEnded.exec(pattern)?.[1];
  if (head !== undefined) return [...verbs].map((verb) => `${verb}${agentsPath}/${head}*`);
  return isSingleAgent(pattern) ? agentResources(pattern, verbs, agentsPath) : [];
}

/** IAM knows no tags, and `*-prod` in it would match `other/x-prod`. */
function needsResolving(pattern: string): boolean {
  return !isSingleAgent(pattern) && !openEnded.test(pattern);
}

/** The agent's own path takes JSON-RPC only. */
function agentResources(agentId: string, verbs: Verbs, agentsPath: string): string[] {
  const path = `${agentsPath}/${agentId}`;
  return [`POST${path}`, ...[...verbs].map((verb) => `${verb}${path}/*`)];
}

/** Patterns to be resolved, by the verbs they grant: a look-up for each set of verbs rather than each pattern. */
function unresolved(grants: ReadonlyMap<string, Verbs>): Iterable<{ patterns: string[]; verbs: Verbs }> {
  const groups = new Map<string, { patterns: string[]; verbs: Verbs }>();
  for (const [pattern, verbs] of grants) {
    if (!needsResolving(pattern)) continue;
    const key = [...verbs].sort().join();
    const group = groups.get(key) ?? { patterns: [], verbs };
    group.patterns.push(pattern);
    groups.set(key, group);
  }
  return groups.values();
}

/** In a fixed order, so that equal grants make equal policies. */
function policyOf(stage: string, resources: readonly string[]): InvokePolicy {
  const Resource = [...new Set(resources)].sort().map((resource) => `${stage}/${resource}`);
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource }],
  };
}

function fits(policy: InvokePolicy, options: InvokePolicyOptions): boolean {
  const { Resource } = policy.Statement[0];
  if (Resource.some((resource) => resource.length > maxResourceChars)) return false;
  // Everything in it is ASCII, so characters are bytes.
  return JSON.stringify(policy).length <= (options.maxPolicyBytes ?? maxPolicyBytes);
}
