import { TestRunner } from 'vitest';
import type { Cell } from '../requirements/clause.ts';
import { type RequirementId, requirements } from '../requirements.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** In which cells a test shows a clause. */
    [clause: `shows ${string}`]: readonly Cell[];
  }
}

/**
 * Says of the test that runs which clauses it shows and, where they are claimed for ways to speak, in which of those it
 * runs. First in a test, or in a `beforeEach` for all of a suite; written with literals, so that `requirements.test.ts`
 * finds it in the text.
 *
 * @throws TypeError for a clause that is not in `requirements.ts`, and where no test runs
 */
export function cites(...named: readonly (RequirementId | Cell)[]): void {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) throw new TypeError('only a test can show a clause');
  const isId = (name: string): name is RequirementId => Object.hasOwn(requirements, name);
  const isCell = (name: string): name is Cell => /^(JSON-RPC|HTTP\+JSON|gRPC) (1\.0|0\.3)$/.test(name);
  const unknown = named.filter((name) => !isId(name) && !isCell(name));
  if (unknown.length > 0) throw new TypeError(`no clause and no cell: ${unknown.join(', ')}`);
  const cells = named.filter(isCell);
  for (const id of named.filter(isId)) {
    const before = test.meta[`shows ${id}`] ?? [];
    test.meta[`shows ${id}`] = [...before, ...cells];
  }
}
