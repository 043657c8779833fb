import { depthProblem, textProblem } from './bounds.ts';
import type { Cedar } from './load-cedar.ts';
import {
  type AgentAttribute,
  agentAttributes,
  type PrincipalAttribute,
  principalAttributes,
  schema,
} from './schema.ts';

/** The name of the one policy of a set; Cedar's messages say it. */
const policyId = 'condition';
const maxProblemChars = 300;

/** A condition as the policy it stands for, and on what its verdict can depend. */
export interface ConditionPolicy {
  policies: { staticPolicies: Record<string, string> };
  principal: readonly PrincipalAttribute[];
  agent: readonly AgentAttribute[];
  onAction: boolean;
  onAgentId: boolean;
}

/**
 * Reads a condition. It is one expression: a text that ends it and begins anything else, be it a clause or a policy, is
 * refused, and so is one that names a principal as an entity. Does not look at types: {@link typeProblem} does.
 *
 * @returns the policy, or what is wrong with the text
 */
export function readCondition(condition: string, cedar: Cedar): ConditionPolicy | { problem: string } {
  const unread = textProblem(condition);
  if (unread !== undefined) return { problem: unread };
  // On lines of its own, so that a comment at its end ends before the brace.
  const text = `permit(principal, action, resource) when {\n${condition}\n};`;
  const answer = cedar.policyToJson(text);
  if (answer.type === 'failure') return { problem: wordsOf(answer.errors) };
  const { conditions, ...head } = answer.json;
  const [clause, ...others] = conditions;
  if (JSON.stringify(head) !== bareHead || clause?.kind !== 'when' || others.length > 0)
    return { problem: 'not one expression' };
  const tooDeep = depthProblem(clause.body);
  if (tooDeep !== undefined) return { problem: tooDeep };
  // Entities and attributes are looked for in the text of the parsed expression: a name too many costs little, and none
  // is missed, however it is written.
  const parsed = JSON.stringify(clause.body);
  if (parsed.includes('"type":"Principal"'))
    return { problem: 'names a principal as an entity: compare principal.issuer and principal.subject' };
  return {
    policies: { staticPolicies: { [policyId]: text } },
    principal: principalAttributes.filter((name) => parsed.includes(`"${name}"`)),
    agent: agentAttributes.filter((name) => parsed.includes(`"${name}"`)),
    onAction: parsed.includes('"Var":"action"'),
    onAgentId: parsed.includes('"type":"Agent"'),
  };
}

/** A policy for everybody, everything and every agent, without annotations. */
const bareHead = JSON.stringify({
  effect: 'permit',
  principal: { op: 'All' },
  action: { op: 'All' },
  resource: { op: 'All' },
});

/** What Cedar's strict validation says against a policy: a misspelled attribute, one that may be absent, no truth value. */
export function typeProblem({ policies }: ConditionPolicy, cedar: Cedar): string | undefined {
  const answer = cedar.validate({ schema, policies, validationSettings: { mode: 'strict' } });
  if (answer.type === 'failure') return wordsOf(answer.errors);
  const found = [...answer.validationErrors, ...answer.validationWarnings].map(({ error }) => error);
  return found.length === 0 ? undefined : wordsOf(found);
}

/** The first of Cedar's messages, with its help. */
function wordsOf([error]: readonly { message: string; help: string | null }[]): string {
  const words = [error?.message ?? 'refused', error?.help ?? ''].filter((part) => part !== '').join('; ');
  return Array.from(words.replace(/[\p{C}\s]+/gu, ' '))
    .slice(0, maxProblemChars)
    .join('');
}
