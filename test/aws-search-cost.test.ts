import { describe, expect, it } from 'vitest';
import { costOf, type SendShape, sendDefaults, totalOf } from '../bench/aws/cost-model.ts';
import {
  indexingDefaults,
  indexingQuantities,
  searchDefaults,
  searchQuantities,
} from '../bench/aws/search-cost.ts';

/** What finding agents costs on AWS, against sums made by hand. */

const send: Pick<SendShape, 'authorizerCalls' | 'logBytes' | 'platformLogBytes'> = {
  ...sendDefaults,
  authorizerCalls: 1,
  logBytes: 1_000,
  platformLogBytes: 500,
};
const million = (shape: Partial<typeof searchDefaults>) =>
  totalOf(costOf(searchQuantities({ ...searchDefaults, ...shape }, send))) * 1e6;

describe('the cost of a search', () => {
  const around =
    3.5 + 0.6 + 2 * 0.2 + 0.25 * 13.3334 + (24 + 4) * 0.125 + 5 * 0.625 + 15 * 0.02 + 2 * (0.5 + 0.03);

  it('among many agents is four queries through all of them', () => {
    const queries = 4 * 2.5 + 4 * ((10_000 * (2_048 + 20 + 1_500)) / 1e12) * 0.004 * 1e6;
    expect(million({ asksForSet: 0 })).toBeCloseTo(around + queries, 6);
  });

  it('among few is a request for every hundred of them', () => {
    expect(million({ permitted: 101, asksForSet: 0 })).toBeCloseTo(around + 2 * 55, 6);
    expect(million({ permitted: 301 })).toBe(million({ permitted: 10_000 }));
  });

  it('is a request more where the process has forgotten which set serves', () => {
    expect(million({}) - million({ asksForSet: 0 })).toBeCloseTo(55, 6);
  });
});

describe('the cost of indexing', () => {
  it('counts a vector that is put alone as 128 KB, and its text', () => {
    const { vectorPutGb, embeddingToken, vectorRequest } = indexingQuantities({
      ...indexingDefaults,
      agents: 10,
    });
    expect([vectorPutGb, embeddingToken, vectorRequest]).toEqual([(10 * 128) / 1e6, 4_000, 30]);
  });

  it('is less where agents come together', () => {
    const cost = (batch: number) => totalOf(costOf(indexingQuantities({ ...indexingDefaults, batch })));
    expect(cost(100)).toBeLessThan(cost(1) / 10);
    const { vectorPutGb, lambdaRequest } = indexingQuantities({ ...indexingDefaults, batch: 100 });
    expect([vectorPutGb, lambdaRequest]).toEqual([(10_000 * 8) / 1e6, 100]);
  });
});
