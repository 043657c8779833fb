import { bindings, type Cell, type Clause, claimedCells, versions } from '../requirements/clause.ts';
import { type RequirementId, requirementOf, subjects } from '../requirements.ts';
import { citationsInText } from './citations.ts';
import { matrixMarkdown } from './matrix.ts';

const introduction = `# Conformance

What the gateway claims of A2A and of the specifications beside it, and the tests that show it. Sections are of A2A 1.0
where no version is named. A clause of no binding has no cell; "J" is JSON-RPC, "H" HTTP+JSON and "G" gRPC.
This document is made of \`test/requirements.ts\` and of what the tests cite; a clause that is claimed and not shown fails
the run.
`;

const matrixIntroduction = `## Who reaches whom

A row is what a caller speaks and what the agent speaks, a column an operation. The test that sends them compares with
this table.
`;

/** The text of `docs/conformance.md`. */
export function conformanceMarkdown(): string {
  const filesOf = new Map<string, Set<string>>();
  for (const { file, ids } of citationsInText())
    for (const id of ids) filesOf.set(id, (filesOf.get(id) ?? new Set()).add(file));
  const sections = subjects.map(([title, ids]) => subjectMarkdown(title, ids, filesOf));
  return [introduction, ...sections, matrixIntroduction, matrixMarkdown()].join('\n');
}

function subjectMarkdown(
  title: string,
  ids: readonly RequirementId[],
  filesOf: ReadonlyMap<string, ReadonlySet<string>>,
): string {
  const claimed = ids.filter((id) => requirementOf(id).unclaimed === undefined);
  const others = ids.filter((id) => requirementOf(id).unclaimed !== undefined);
  const shown = claimed.map((id) => {
    const { section, level, says } = requirementOf(id);
    const files = [...(filesOf.get(id) ?? [])].sort().map((file) => `\`${file}\``);
    return [`\`${id}\``, section, level, says, cellsText(requirementOf(id)), files.join(', ')];
  });
  const unshown = others.map((id) => {
    const { section, level, says, unclaimed = '' } = requirementOf(id);
    return [`\`${id}\``, section, level, says, unclaimed];
  });
  const tables = [
    table(['Clause', 'Section', 'Level', 'What it asks', 'Claimed for', 'Shown by'], shown),
    table(['Clause', 'Section', 'Level', 'What it asks', 'Why it is not claimed'], unshown),
  ];
  return [`## ${title}\n`, ...tables.filter((text) => text !== '')].join('\n');
}

/** Such as `1.0 J H, 0.3 J; not 0.3 H (not served)`. */
function cellsText(clause: Clause): string {
  const claimed = claimedCells(clause);
  const exceptions = Object.entries(clause.except ?? {}).filter(([cell]) => isOf(clause, cell as Cell));
  const reasons = new Map<string, Cell[]>();
  for (const [cell, reason] of exceptions)
    reasons.set(reason, [...(reasons.get(reason) ?? []), cell as Cell]);
  const except = [...reasons].map(([reason, not]) => `; ${shortCells(not)}: ${reason}`);
  return shortCells(claimed) + except.join('');
}

/** Whether a clause would be claimed for a cell, were it not excepted. */
function isOf({ except: _, ...clause }: Clause, cell: Cell): boolean {
  return claimedCells(clause).includes(cell);
}

function shortCells(cells: readonly Cell[]): string {
  const groups = versions.map((version) => {
    const letters = bindings
      .filter((b) => cells.includes(`${b} ${version}`))
      .map((b) => (b === 'gRPC' ? 'G' : b[0]));
    return letters.length === 0 ? '' : `${version} ${letters.join(' ')}`;
  });
  return groups.filter((group) => group !== '').join(', ');
}

/** A table, or nothing where it has no rows. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = [columns, columns.map(() => '---'), ...rows];
  return lines.map((row) => `| ${row.join(' | ')} |\n`).join('');
}
