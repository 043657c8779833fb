import { describe, expect, it } from 'vitest';
import { isComplete, jsonReport, type Outcome, oneLine, textReport } from './outcome.ts';

const report: Outcome[] = [
  { kind: 'agent', id: 'billing', outcome: 'created', notes: [] },
  { kind: 'agent', id: 'Bad\n\u202eone', outcome: 'skipped', notes: ['because'] },
  { kind: 'permission', id: 'finance', outcome: 'updated', notes: ['one', 'two'] },
];

describe('the report', () => {
  it('has a line a row and a summary for people', () => {
    expect(textReport(report, false)).toEqual([
      'created   agent billing',
      'skipped   agent Bad one: because',
      'updated   permission finance: one; two',
      '1 created, 1 updated, 0 unchanged, 1 skipped; 1 not all as in the sample',
    ]);
  });

  it('has a JSON object a line for pipes', () => {
    const lines = jsonReport(report, true).map((line) => JSON.parse(line) as unknown);
    const summary = { created: 1, updated: 1, unchanged: 0, skipped: 1, differing: 1, dryRun: true };
    expect(lines).toEqual([...report, { summary }]);
  });

  it('says of a dry run that it was one', () => {
    expect(textReport([], true)).toEqual([expect.stringContaining('nothing was written')]);
  });

  it('is complete when there is nothing to note', () => {
    expect(isComplete(report.slice(0, 1))).toBe(true);
    expect(isComplete(report)).toBe(false);
  });
});

it('a text from elsewhere stays on its line and has an end', () => {
  expect(oneLine('a\r\nb\u001b[31m\u2028c')).toBe('a b [31m c');
  expect(oneLine('x'.repeat(1_000)).length).toBeLessThan(310);
});
