import { LRUCache } from 'lru-cache';
import type { Log } from '../../ports.ts';
import type { ConditionalPermission, Conditions } from '../conditions.ts';
import type { Principal } from '../principal.ts';
import { createEngine, type Prepared } from './engine.ts';
import type { Cedar } from './load-cedar.ts';
import { createNumbers } from './numbers.ts';
import { readCondition, typeProblem } from './policy.ts';
import { type Attributes, authorizationCall, type CedarRequest, objectFor, principalFor } from './request.ts';

/** Of all verdicts that are kept, in characters of what they are about. */
const maxVerdictChars = 8_000_000;

/** A principal as one condition sees it, and the number of what it sees. */
interface Asking {
  attributes: Attributes;
  number: number;
}

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

  const numberOf = createNumbers();
  // What a token says of a principal may be as long as all else together; it is written down once and not for every agent.
  const askings = new WeakMap<Prepared, WeakMap<Principal, Asking | 'unreadable'>>();

  function askingOf(prepared: Prepared, principal: Principal): Asking | 'unreadable' {
    const known = askings.get(prepared) ?? new WeakMap<Principal, Asking | 'unreadable'>();
    askings.set(prepared, known);
    const before = known.get(principal);
    if (before !== undefined) return before;
    const attributes = principalFor(prepared.policy, principal);
    const asking =
      attributes === undefined ? 'unreadable' : { attributes, number: numberOf(JSON.stringify(attributes)) };
    known.set(principal, asking);
    return asking;
  }

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
      const asking = askingOf(prepared, principal);
      const object = objectFor(prepared.policy, operation, agent);
      if (asking === 'unreadable' || object === undefined) return false;
      const key = `${prepared.serial} ${asking.number} ${JSON.stringify(object)}`;
      const known = verdicts.get(key);
      if (known !== undefined) return known;
      const holds = judged(permission, prepared, { ...object, principal: asking.attributes });
      verdicts.set(key, holds);
      return holds;
    },
  };
}
