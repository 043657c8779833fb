import type { Log } from '../ports.ts';
import type { PermissionOperation } from '../protocol/permission-operations.ts';
import type { AgentFacts } from './authorize.ts';
import type { Principal } from './principal.ts';

/** A condition, and for the log whose it is. */
export interface ConditionalPermission {
  scope: string;
  condition: string;
}

/** Of what a condition looks at: where it does not, its verdict on one is that on all. */
export interface LooksAt {
  agent: boolean;
  operation: boolean;
}

/** Judges the conditions of permissions. Equal questions have equal answers, today and tomorrow. */
export interface Conditions {
  /** What is wrong with a condition that is to be set, for people. Undefined: nothing. */
  problemWith(condition: string): string | undefined;
  /** What a permission's condition looks at beside the principal. */
  looksAt(permission: ConditionalPermission): LooksAt;
  /** Whether a permission's condition holds. One that cannot be judged does not. Never throws. */
  holds(
    permission: ConditionalPermission,
    principal: Principal,
    operation: PermissionOperation,
    agent: AgentFacts,
  ): boolean;
}

/** Where conditions are switched off none can be set, and none that is kept holds. */
export function withoutConditions(log: Log): Conditions {
  let isTold = false;
  return {
    looksAt: () => ({ agent: false, operation: false }),
    problemWith: () => 'conditions are switched off: see the setting permissions.cedar',
    holds({ scope }) {
      if (!isTold) log.write('warn', 'conditions_off', { scope });
      isTold = true;
      return false;
    },
  };
}
