import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { type Cell, cells } from '../requirements/clause.ts';

/** What became of an operation: it passed, one side's version has none, or there is no such way through the gateway. */
export type Outcome = 'passes' | 'no such operation' | 'not served';

/** What came of every operation, from a caller who speaks one way to an agent that speaks one. */
export interface MatrixRow {
  caller: Cell;
  agent: Cell;
  outcomes: Readonly<Partial<Record<OperationName, Outcome>>>;
}

/**
 * The outcomes that are committed: `expect(matrixText(rows)).toMatchFileSnapshot(matrixFile)` compares with them, and `-u`
 * writes them.
 */
export const matrixFile = join(import.meta.dirname, '../fixtures/matrix.json');

/** Every pair, in the order of the document. */
export const pairs = cells.flatMap((caller) => cells.map((agent) => ({ caller, agent })));

export function readMatrix(): MatrixRow[] {
  return JSON.parse(readFileSync(matrixFile, 'utf8')) as MatrixRow[];
}

/** Rows as they are committed: in the order of {@link pairs}, operations in that of the table. */
export function matrixText(rows: readonly MatrixRow[]): string {
  const ordered = pairs.flatMap(({ caller, agent }) => {
    const row = rows.find((each) => each.caller === caller && each.agent === agent);
    if (row === undefined) return [];
    const known = operations.filter(({ name }) => row.outcomes[name] !== undefined);
    return [
      { caller, agent, outcomes: Object.fromEntries(known.map(({ name }) => [name, row.outcomes[name]])) },
    ];
  });
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

const signs: Readonly<Record<Outcome, string>> = { passes: '✓', 'no such operation': '–', 'not served': ' ' };

/** The table for people; a pair of which no operation is served is left out. */
export function matrixMarkdown(rows: readonly MatrixRow[]): string {
  const served = rows.filter(({ outcomes }) =>
    Object.values(outcomes).some((outcome) => outcome === 'passes'),
  );
  const head = ['Caller', 'Agent', ...operations.map(({ name }) => name)];
  const lines = served.map(({ caller, agent, outcomes }) => [
    caller,
    agent,
    ...operations.map(({ name }) => signs[outcomes[name] ?? 'not served']),
  ]);
  const table = [head, head.map(() => '---'), ...lines].map((row) => `| ${row.join(' | ')} |\n`).join('');
  return `${table}\n✓ passes, – one side's version has no such operation. ${served.length} of ${pairs.length} pairs are served.\n`;
}
