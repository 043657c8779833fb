import { join } from 'node:path';
import { type Protocol, versionOf } from '../../examples/conformance/protocols.ts';
import { type OperationName, operationOf, operations } from '../../src/protocol/operations.ts';
import { type Pair, titleOf } from './cells.ts';
import type { Scenario } from './scenario.ts';

/** What came of an operation: every scenario of it passed, or the caller's version has none. */
type Outcome = 'passes' | 'no such operation';

/** The outcomes that are committed, and read into `docs/conformance.md`. */
export const tableFile = join(import.meta.dirname, '../fixtures/matrix.json');

/**
 * Whether a scenario's operation can be carried: both sides' versions have it, or the gateway answers it. Lists of tasks, which
 * 0.3 has not, it makes where it keeps an agent's callers apart.
 */
export function isKnown(
  { operation, ownership }: Pick<Scenario, 'operation' | 'ownership'>,
  { caller, agent }: Pair,
): boolean {
  if (operationOf(operation).v0_3 !== undefined) return true;
  return versionOf(caller) === '1.0' && (versionOf(agent) === '1.0' || ownership === 'principal');
}

/** What came of the scenarios, as it happens. */
export class Results {
  readonly #failed = new Set<string>();
  readonly #passed = new Set<string>();

  record(pair: Pair, operation: OperationName, hasPassed: boolean): void {
    (hasPassed ? this.#passed : this.#failed).add(keyOf(pair, operation));
  }

  /** The table of all pairs. An operation of which a scenario failed is not in its row. */
  text(pairs: readonly Pair[]): string {
    const rows = pairs.map((pair) => ({
      caller: titleOf(pair.caller),
      agent: titleOf(pair.agent),
      outcomes: Object.fromEntries(operations.map(({ name }) => [name, this.#outcome(pair, name)])),
    }));
    return `${JSON.stringify(rows, null, 2)}\n`;
  }

  #outcome(pair: Pair, operation: OperationName): Outcome | undefined {
    const key = keyOf(pair, operation);
    if (!this.#passed.has(key) || this.#failed.has(key)) return undefined;
    return isKnown({ operation, ownership: 'principal' }, pair) ? 'passes' : 'no such operation';
  }
}

function keyOf({ caller, agent }: { caller: Protocol; agent: Protocol }, operation: OperationName): string {
  return `${caller} ${agent} ${operation}`;
}
