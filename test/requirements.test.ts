import { describe, expect, it } from 'vitest';
import { cells, claimedCells } from './requirements/clause.ts';
import { type RequirementId, requirementIds, requirementOf, subjects } from './requirements.ts';
import { citationsInText } from './support/citations.ts';
import { cites } from './support/cites.ts';

const citations = citationsInText();
const claimed = requirementIds.filter((id) => requirementOf(id).unclaimed === undefined);
const unclaimed = requirementIds.filter((id) => requirementOf(id).unclaimed !== undefined);

function citing(id: string) {
  return citations.filter(({ ids }) => ids.includes(id));
}

describe('a clause that is claimed', () => {
  it.each(claimed)('is shown by a test, in every way to speak it is claimed for: %s', (id) => {
    const shown = citing(id);
    expect(shown).not.toEqual([]);
    // Which cells those run in is known when they have run: the reporter of citations judges it.
    if (shown.some(({ cells: reached }) => reached === 'any')) return;
    const reached = new Set(shown.flatMap(({ cells: named }) => named));
    expect(claimedCells(requirementOf(id)).filter((cell) => !reached.has(cell))).toEqual([]);
  });

  it.each(claimed)('is excepted only where no test shows it: %s', (id) => {
    const { except = {} } = requirementOf(id);
    const reached = citing(id).flatMap(({ cells: named }) => (named === 'any' ? [] : named));
    expect(reached.filter((cell) => cell in except)).toEqual([]);
  });
});

describe('a clause that is not claimed', () => {
  it.each(unclaimed)('is shown by none, and says why: %s', (id) => {
    expect(citing(id)).toEqual([]);
    expect(requirementOf(id).unclaimed).toMatch(/\w{3}/);
  });
});

describe('a citation', () => {
  it('names clauses and cells there are', () => {
    const known = new Set<string>([...requirementIds, ...cells]);
    const named = citations.flatMap(({ ids, cells: reached }) => [
      ...ids,
      ...(reached === 'any' ? [] : reached),
    ]);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    expect(citations.length).toBeGreaterThan(claimed.length / 2);
  });

  it('of what there is not is refused', () => {
    const unknown = ['A2A-3.1.1-nothing'] as unknown as RequirementId[]; // As a test that is not type-checked has it.
    expect(() => cites(...unknown)).toThrow(TypeError);
  });
});

it('every clause has one subject', () => {
  expect(subjects.flatMap(([, ids]) => ids).sort()).toEqual([...requirementIds].sort());
});
