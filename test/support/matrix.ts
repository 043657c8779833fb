import { readFileSync } from 'node:fs';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { tableFile } from '../matrix/table.ts';
import { type Cell, cells } from '../requirements/clause.ts';

/** What came of every operation, from a caller who speaks one way to an agent that speaks one. */
interface MatrixRow {
  caller: Cell;
  agent: Cell;
  outcomes: Readonly<Partial<Record<OperationName, 'passes' | 'no such operation'>>>;
}

const signs = { passes: '✓', 'no such operation': '–' } as const;

/** The committed outcomes of the matrix, as a table for people. */
export function matrixMarkdown(): string {
  const rows = JSON.parse(readFileSync(tableFile, 'utf8')) as MatrixRow[]; // As the test of the matrix writes it.
  const head = ['Caller', 'Agent', ...operations.map(({ name }) => name)];
  const lines = rows.map(({ caller, agent, outcomes }) => {
    const found = operations.map(({ name }) => outcomes[name]);
    return [caller, agent, ...found.map((outcome) => (outcome === undefined ? '' : signs[outcome]))];
  });
  const table = [head, head.map(() => '---'), ...lines].map((row) => `| ${row.join(' | ')} |\n`).join('');
  const size = `${rows.length} of ${cells.length ** 2} pairs`;
  return `${table}\n✓ passes, – the version of the caller has no such operation. ${size}.\n`;
}
