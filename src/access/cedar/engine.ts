import { LRUCache } from 'lru-cache';
import type { Log } from '../../ports.ts';
import type { Cedar } from './load-cedar.ts';
import { type ConditionPolicy, readCondition } from './policy.ts';

/** Conditions that are prepared at a time. Cedar keeps a policy until its name is used again: there are so many names. */
export const maxPrepared = 256;

export interface Prepared {
  /** Of the policy, in Cedar. */
  name: string;
  /** Of this condition, and never another's. */
  serial: number;
  policy: ConditionPolicy;
}

/** Cedar's memory, and what is prepared in it. */
export interface Engine {
  /** What the work returns. Undefined: Cedar has trapped over it, or could not be loaded again. */
  use<T>(work: (cedar: Cedar) => T): T | undefined;
  /** Undefined: the condition is none, or Cedar has trapped over it. @param scope for the log */
  prepared(scope: string, condition: string): Prepared | undefined;
  /** As {@link use}; a condition that Cedar traps over is not prepared again. */
  useFor<T>(condition: string, work: (cedar: Cedar) => T): T | undefined;
}

/** @throws what `load` throws */
export function createEngine(load: () => Cedar, log: Log): Engine {
  const names = Array.from({ length: maxPrepared }, (_, number) => `condition-${number}`);
  const kept = new LRUCache<string, Prepared | 'refused'>({
    max: maxPrepared,
    dispose: (entry) => {
      if (entry !== 'refused') names.push(entry.name);
    },
  });
  let cedar: Cedar | undefined = load();
  let serial = 0;

  function use<T>(work: (cedar: Cedar) => T): T | undefined {
    try {
      cedar ??= load();
      return work(cedar);
    } catch (cause) {
      // A trap leaves the stack of the WebAssembly where it was, and everything after it fails.
      cedar = undefined;
      kept.clear();
      log.write('error', 'cedar_trapped', { cause });
      return undefined;
    }
  }

  function useFor<T>(condition: string, work: (cedar: Cedar) => T): T | undefined {
    const done = use(work);
    if (done === undefined) kept.set(condition, 'refused');
    return done;
  }

  function prepare(scope: string, condition: string): Prepared | 'refused' {
    const policy = useFor(condition, (cedar) => readCondition(condition, cedar));
    if (policy === undefined) return 'refused';
    if ('problem' in policy) {
      log.write('warn', 'condition_refused', { scope, problem: policy.problem });
      return 'refused';
    }
    if (names.length === 0) kept.pop();
    const name = names.pop() ?? '';
    const answer = useFor(condition, (cedar) => cedar.preparsePolicySet(name, policy.policies));
    if (answer?.type === 'success') return { name, serial: ++serial, policy };
    names.push(name);
    return 'refused';
  }

  return {
    use,
    useFor,
    prepared(scope, condition) {
      let entry = kept.get(condition);
      if (entry === undefined) {
        entry = prepare(scope, condition);
        kept.set(condition, entry);
      }
      return entry === 'refused' ? undefined : entry;
    },
  };
}
