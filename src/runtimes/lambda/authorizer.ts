import { createAuthenticator } from '../../access/authenticate.ts';
import type { AgentFacts, VisibleAgents } from '../../access/authorize.ts';
import type { Conditions } from '../../access/conditions.ts';
import { type InvokePolicy, invokePolicy } from '../../access/invoke-policy.ts';
import { openConditions } from '../../access/open-conditions.ts';
import { permissionsOf } from '../../access/permissions-of.ts';
import type { Principal } from '../../access/principal.ts';
import { unconditional } from '../../access/unconditional.ts';
import type { Settings } from '../../config.ts';
import { factsOf, GatewayError } from '../../failure.ts';
import type { Clock, Log, Upstream } from '../../ports.ts';
import { isRecord } from '../../protocol/json.ts';
import { createRevocations } from '../../revocations/revocations.ts';
import type { Store } from '../../store/port.ts';
import { directoryRoutes, edgeRoutes } from './edge-routes.ts';

/** What API Gateway is told of a token, and keeps for it. */
export interface AuthorizerAnswer {
  principalId: string;
  policyDocument: InvokePolicy;
  /** For access logs only: nothing decides by it. */
  context: Record<string, string>;
}

export interface AuthorizerDeps {
  settings: Pick<Settings, 'issuers' | 'agentsPath' | 'search' | 'permissions'>;
  store: Pick<Store, 'agents' | 'permissions' | 'revocations'>;
  upstream: Upstream;
  clock: Clock;
  log: Log;
}

/** More agents than this fill a policy anyway, whatever their ids. */
const maxResolvedAgents = 50;
const maxContextChars = 256;

/**
 * The Lambda authorizer of a REST API, of type REQUEST with the Authorization header for its identity source. Verifies
 * the token as the core does and answers what {@link invokePolicy} makes of its permissions.
 *
 * @throws Error `Unauthorized`, by which API Gateway knows to answer 401, for a token that is missing or not valid; an
 *   Error with another text, for which it answers 500 AUTHORIZER_FAILURE, for all else. One permission that cannot be
 *   read is reason enough: a policy made of the others would be kept, and refuse what is granted. What is thrown holds
 *   a failure's code alone, because Lambda logs it; its cause is logged here.
 */
export function createAuthorizer(deps: AuthorizerDeps): (event: unknown) => Promise<AuthorizerAnswer> {
  const authenticator = createAuthenticator({ ...deps, issuers: deps.settings.issuers });
  const conditions = openConditions(deps.settings.permissions, deps.log);
  const revocations = createRevocations({ ...deps, store: deps.store.revocations });

  return async (event) => {
    const request = isRecord(event) ? event : {};
    try {
      const principal = await authenticator.authenticate(authorizationOf(request));
      await revocations.check(principal);
      return await answerFor(principal, String(request.methodArn), { ...deps, conditions });
    } catch (thrown) {
      throw refusal(thrown, request, deps.log);
    }
  };
}

async function answerFor(
  principal: Principal,
  methodArn: string,
  { store, settings, conditions }: AuthorizerDeps & { conditions: Conditions },
): Promise<AuthorizerAnswer> {
  const given = await permissionsOf(principal, store.permissions, conditions);
  const permissions = await unconditional(given, (visible) => factsCovered(visible, store));
  const policyDocument = await invokePolicy(principal, permissions, methodArn, {
    routes: hasSearch(settings) ? [...edgeRoutes, ...directoryRoutes] : edgeRoutes,
    agentsPath: settings.agentsPath,
    agentsCovered: (visible) => agentsCovered(visible, store),
  });
  const { issuer, subject, clientId } = principal;
  return {
    principalId: contextText(subject),
    policyDocument,
    context: {
      issuer: contextText(issuer),
      subject: contextText(subject),
      ...(clientId !== undefined && { clientId: contextText(clientId) }),
    },
  };
}

/** As the functions behind the edge decide it; a directory that is absent must look like any unknown agent here too. */
function hasSearch({ search }: AuthorizerDeps['settings']): boolean {
  return search.enabled && search.s3Vectors.vectorBucketName !== undefined;
}

async function agentsCovered(
  visible: VisibleAgents,
  { agents }: AuthorizerDeps['store'],
): Promise<string[] | 'too many'> {
  const agentIds: string[] = [];
  let after: string | undefined;
  do {
    const page = await agents.ids(
      { status: 'active', ...visible },
      { size: maxResolvedAgents, ...(after !== undefined && { after }) },
    );
    agentIds.push(...page.items);
    if (Math.max(page.totalSize, agentIds.length) > maxResolvedAgents) return 'too many';
    after = page.next;
  } while (after !== undefined);
  return agentIds;
}

/** Agents as conditions look at them. Of too many the gate lets the core ask. */
async function factsCovered(
  visible: VisibleAgents,
  store: AuthorizerDeps['store'],
): Promise<AgentFacts[] | 'too many'> {
  const agentIds = await agentsCovered(visible, store);
  if (agentIds === 'too many') return agentIds;
  const agents = await Promise.all(agentIds.map((agentId) => store.agents.get(agentId)));
  return agents.filter((agent) => agent !== undefined);
}

/**
 * The one Authorization value, under any spelling of the name; null for none. API Gateway gives every header twice,
 * the last value and the list of all.
 *
 * @throws GatewayError `token_invalid` for several: which of them another reader takes is not known here
 */
function authorizationOf({ headers, multiValueHeaders }: Record<string, unknown>): string | null {
  const last = valuesOf(headers);
  const all = valuesOf(multiValueHeaders);
  const [value = null] = new Set([...all, ...last]);
  const isOne = last.length <= 1 && all.length <= 1 && new Set([...all, ...last]).size <= 1;
  if (isOne && (value === null || typeof value === 'string')) return value;
  throw new GatewayError({ code: 'token_invalid', problem: 'malformed' });
}

function valuesOf(headers: unknown): unknown[] {
  return Object.entries(isRecord(headers) ? headers : {})
    .filter(([name]) => name.toLowerCase() === 'authorization')
    .flatMap(([, value]) => value);
}

function refusal(thrown: unknown, { requestContext }: Record<string, unknown>, log: Log): Error {
  const error =
    thrown instanceof GatewayError ? thrown : new GatewayError({ code: 'internal' }, { cause: thrown });
  const { failure, cause } = error;
  const requestId = isRecord(requestContext) ? requestContext.requestId : undefined;
  log.write(factsOf(failure.code).logLevel, 'refused', { requestId, failure, cause });
  const isToken = failure.code === 'token_missing' || failure.code === 'token_invalid';
  return new Error(isToken ? 'Unauthorized' : `Authorizer failed: ${failure.code}`);
}

/** An access log is made of lines: what ends, hides or turns one is left out. Never empty. */
function contextText(text: string): string {
  const visible = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
  return Array.from(visible).slice(0, maxContextChars).join('') || '-';
}
