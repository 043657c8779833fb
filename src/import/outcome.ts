/** What became of one row. */
export interface Outcome {
  kind: 'agent' | 'permission';
  id: string;
  outcome: 'created' | 'updated' | 'unchanged' | 'skipped';
  /** Why it was skipped, or what is not as the sample has it. */
  notes: readonly string[];
}

const outcomes = ['created', 'updated', 'unchanged', 'skipped'] as const;

/** Longer texts are cut: a card or a table can put anything into one. */
const maxNoteChars = 300;

/** A text from elsewhere as part of one line: no line ends, no controls, nothing that turns the reading direction. */
export function oneLine(text: string): string {
  const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return plain.length > maxNoteChars ? `${plain.slice(0, maxNoteChars)}…` : plain;
}

/** Whether all of it is at the gateway as the sample has it. */
export function isComplete(report: readonly Outcome[]): boolean {
  return report.every(({ notes }) => notes.length === 0);
}

/** The report for people: a line a row, a summary last. */
export function textReport(report: readonly Outcome[], isDryRun: boolean): string[] {
  const lines = report.map(({ kind, id, outcome, notes }) => {
    const what = `${outcome.padEnd(9)} ${kind} ${oneLine(id)}`;
    return notes.length === 0 ? what : `${what}: ${notes.join('; ')}`;
  });
  const counted = outcomes.map((name) => `${countOf(report, name)} ${name}`).join(', ');
  const differing = differingIn(report);
  const rest = differing === 0 ? '' : `; ${differing} not all as in the sample`;
  return [...lines, `${counted}${rest}${isDryRun ? ' (dry run: nothing was written)' : ''}`];
}

/** The report for pipes: a JSON object a line, the summary last. */
export function jsonReport(report: readonly Outcome[], isDryRun: boolean): string[] {
  const counts = Object.fromEntries(outcomes.map((name) => [name, countOf(report, name)]));
  const summary = { ...counts, differing: differingIn(report), dryRun: isDryRun };
  return [...report, { summary }].map((entry) => JSON.stringify(entry));
}

function countOf(report: readonly Outcome[], name: Outcome['outcome']): number {
  return report.filter(({ outcome }) => outcome === name).length;
}

function differingIn(report: readonly Outcome[]): number {
  return report.filter(({ outcome, notes }) => outcome !== 'skipped' && notes.length > 0).length;
}
