import { LRUCache } from 'lru-cache';
import type { Log } from '../../ports.ts';
import type { ConditionalPermission, Conditions } from '../conditions.ts';
import { createEngine, type Prepared } from './engine.ts';
import type { Cedar } from './load-cedar.ts';
import { readCondition, typeProblem } from './policy.ts';
import { authorizationCall, type CedarRequest, requestFor } from './request.ts';

/** Of all verdicts that are kept, in characters of what they are about. */
const maxVerdictChars = 4_000_000;

/**
 * Conditions in Cedar. Each is read and prepared once. A verdict depends on nothing but what the condition can look at, and
 * is kept by that: no change of a permission, a token or an agent leaves a wrong one behind.
 *
 * @param load makes a Cedar of its own. Called here, so that a gateway that lacks it does not start, and again after it has
 *   trapped
 * @throws what `load` throws
 */
export function createConditions({ load, log }: { load: () => Cedar; log: Log }): Conditions {
  const engine = createEngine(load, log);
  const verdicts = new LRUCache<string, boolean>({
    maxSize: maxVerdictChars,
    sizeCalculation: (_, key) => key.length,
  });

  function judged(permission: ConditionalPermission, { name }: Prepared, request: CedarRequest): boolean {
    const answer = engine.useFor(permission.condition, (cedar) =>
      cedar.statefulIsAuthorized(authorizationCall(request, name)),
    );
    if (answer?.type === 'success' && answer.response.diagnostics.errors.length === 0)
      return answer.response.decision === 'allow';
    log.write('warn', 'condition_failed', { scope: permission.scope });
    return false;
  }

  return {
    problemWith(condition) {
      const read = engine.use((cedar) => {
        const policy = readCondition(condition, cedar);
        return { problem: 'problem' in policy ? policy.problem : typeProblem(policy, cedar) };
      });
      return read === undefined ? 'more than Cedar can take' : read.problem;
    },
    looksAt({ scope, condition }) {
      const policy = engine.prepared(scope, condition)?.policy;
      if (policy === undefined) return { agent: false, operation: false };
      return { agent: policy.onAgentId || policy.agent.length > 0, operation: policy.onAction };
    },
    holds(permission, principal, operation, agent) {
      const prepared = engine.prepared(permission.scope, permission.condition);
      if (prepared === undefined) return false;
      const request = requestFor(prepared.policy, { principal, operation, agent });
      if (request === undefined) return false;
      const key = `${prepared.serial} ${JSON.stringify(request)}`;
      const known = verdicts.get(key);
      if (known !== undefined) return known;
      const holds = judged(permission, prepared, request);
      verdicts.set(key, holds);
      return holds;
    },
  };
}
