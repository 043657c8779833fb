import { FunctionError } from '../lambda/function-error.ts';
import type { LocalFunction } from '../lambda/function-pool.ts';
import { evaluatePolicy } from '../policy-evaluation.ts';
import { type BaseEvent, headerOf } from './event.ts';
import { GatewayRefusal } from './gateway-response.ts';
import type { Authorizer } from './model.ts';

/** What an integration's event says about the caller, as texts. */
export type AuthorizerContext = Record<string, string>;

interface Verdict {
  policyDocument: unknown;
  context: AuthorizerContext;
}

interface Cached {
  verdict: Verdict;
  untilMs: number;
}

/** API Gateway's limit on the whole of an authorizer's answer is not documented; of a policy it takes 8 KB. */
const maxPolicyBytes = 8 * 1024;

/**
 * A REQUEST authorizer: asks the function once for each value of its identity sources and keeps the policy, which is
 * then evaluated for each method ARN. So a policy must serve every path, and what it allows holds until it expires.
 *
 * @throws GatewayRefusal UNAUTHORIZED, ACCESS_DENIED, AUTHORIZER_FAILURE, AUTHORIZER_CONFIGURATION_ERROR
 */
export function createAuthorizer(
  authorizer: Authorizer,
  localFunction: LocalFunction,
  nowMs: () => number,
): (event: BaseEvent, methodArn: string) => Promise<AuthorizerContext> {
  const cache = new Map<string, Cached>();
  return async (event, methodArn) => {
    const values = authorizer.identitySources.map((source) => identityValue(source, event));
    // Not asked at all: whoever brings nothing costs nothing.
    if (values.some((value) => value === undefined || value === ''))
      throw new GatewayRefusal('UNAUTHORIZED', 'identity source missing');
    const key = JSON.stringify(values);
    const known = cache.get(key);
    const isFresh = known !== undefined && nowMs() < known.untilMs;
    const verdict = isFresh ? known.verdict : await ask(localFunction, event, methodArn);
    if (!isFresh && authorizer.ttlSeconds > 0)
      cache.set(key, { verdict, untilMs: nowMs() + authorizer.ttlSeconds * 1000 });
    requireAllowed(verdict, methodArn);
    return verdict.context;
  };
}

function identityValue(source: string, event: BaseEvent): string | undefined {
  const [, kind, name = ''] = /^method\.request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  if (kind === 'header') return headerOf(event, name);
  if (kind === 'querystring') return event.queryStringParameters?.[name];
  throw new TypeError(`identity source ${source} is not emulated`);
}

async function ask(localFunction: LocalFunction, event: BaseEvent, methodArn: string): Promise<Verdict> {
  try {
    const answer = await localFunction.invoke({ type: 'REQUEST', methodArn, ...event });
    if (answer.mode === 'buffered') return parseVerdict(JSON.parse(answer.body.toString()));
    answer.close();
    throw misconfigured('a streamed answer');
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    // The one word by which an authorizer says that the caller is at fault.
    if (error.message === 'Unauthorized') throw new GatewayRefusal('UNAUTHORIZED', 'by the authorizer');
    throw new GatewayRefusal('AUTHORIZER_FAILURE', `${error.errorType}: ${error.message}`);
  }
}

function parseVerdict(answer: unknown): Verdict {
  if (typeof answer !== 'object' || answer === null) throw misconfigured('no object');
  const { principalId, policyDocument, context = {} } = answer as Record<string, unknown>; // Any object is.
  if (typeof principalId !== 'string') throw misconfigured('principalId is no text');
  const policyBytes = Buffer.byteLength(JSON.stringify(policyDocument) ?? '');
  if (policyBytes > maxPolicyBytes) throw misconfigured(`a policy of ${policyBytes} bytes`);
  if (typeof context !== 'object' || context === null || Array.isArray(context))
    throw misconfigured('context is no object');
  const texts = Object.entries(context).map(([name, value]): [string, string] => {
    if (!['string', 'number', 'boolean'].includes(typeof value))
      throw misconfigured(`context.${name} is no text, number or boolean`);
    return [name, String(value)];
  });
  return { policyDocument, context: { principalId, ...Object.fromEntries(texts) } };
}

function requireAllowed({ policyDocument }: Verdict, methodArn: string): void {
  let decision: ReturnType<typeof evaluatePolicy>;
  try {
    decision = evaluatePolicy(policyDocument, methodArn);
  } catch (error) {
    throw misconfigured(error instanceof Error ? error.message : String(error));
  }
  if (decision === 'allow') return;
  const isExplicit = decision === 'explicit_deny';
  throw new GatewayRefusal('ACCESS_DENIED', decision, {
    ...(isExplicit && {
      publicMessage: 'User is not authorized to access this resource with an explicit deny',
    }),
  });
}

function misconfigured(problem: string): GatewayRefusal {
  return new GatewayRefusal('AUTHORIZER_CONFIGURATION_ERROR', `authorizer answered with ${problem}`);
}
