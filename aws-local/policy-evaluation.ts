/** IAM's evaluation of one identity policy, as far as an authorizer's answer needs it. */

export type Decision = 'allow' | 'explicit_deny' | 'implicit_deny';

/**
 * Whether a policy lets `execute-api:Invoke` be done on a resource: a matching Deny wins, then a matching Allow, else
 * nothing is allowed. `*` in an action or resource is any run of characters, slashes and the empty run included; `?` is
 * one character. Resources are compared by case, actions are not. Does not know policy variables (`${…}`): they are
 * text. Does not look at the version, and so not at what a version allows.
 *
 * @throws TypeError for what is no policy, and for members that would change the answer and are not evaluated here:
 *   NotAction, NotResource, Condition, principals. Guessing would make a test pass that API Gateway fails.
 */
export function evaluatePolicy(policy: unknown, resource: string): Decision {
  const statements = listOf(membersOf(policy, 'policy').Statement).map(parseStatement);
  const matching = statements.filter(
    ({ actions, resources }) =>
      actions.some((pattern) => wildcardMatches(pattern.toLowerCase(), 'execute-api:invoke')) &&
      resources.some((pattern) => wildcardMatches(pattern, resource)),
  );
  if (matching.some(({ effect }) => effect === 'Deny')) return 'explicit_deny';
  return matching.length > 0 ? 'allow' : 'implicit_deny';
}

interface Statement {
  effect: 'Allow' | 'Deny';
  actions: readonly string[];
  resources: readonly string[];
}

const evaluated: ReadonlySet<string> = new Set(['Sid', 'Effect', 'Action', 'Resource']);

function parseStatement(value: unknown): Statement {
  const members = membersOf(value, 'statement');
  const other = Object.keys(members).find((name) => !evaluated.has(name));
  if (other !== undefined) throw new TypeError(`a statement with ${other} is not evaluated`);
  const { Effect: effect } = members;
  if (effect !== 'Allow' && effect !== 'Deny') throw new TypeError('a statement has Effect Allow or Deny');
  return { effect, actions: textsOf(members.Action), resources: textsOf(members.Resource) };
}

function membersOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`not a ${name}`);
  return value as Record<string, unknown>; // Any object is.
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function textsOf(value: unknown): string[] {
  return listOf(value).map((text) => {
    if (typeof text === 'string' && text !== '') return text;
    throw new TypeError('Action and Resource are texts or lists of them');
  });
}

/**
 * Whether a whole text fits a pattern of `*` and `?`. No regular expression is made of it: on a mismatch only the last
 * star takes one character more, so the steps are at most the product of both lengths.
 */
export function wildcardMatches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  let index = 0;
  while (index < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      resumeAt = index;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[index])) {
      at++;
      index++;
    } else if (star !== -1) {
      at = star + 1;
      index = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
