import { expect, it } from 'vitest';
import { costOf, monthlyQuantities, regionalStanding, totalOf } from '../bench/aws/cost-model.ts';
import { notificationDefaults, notificationQuantities } from '../bench/aws/push-cost.ts';

/** What webhooks cost on AWS, against sums made by hand. */

const million = (shape: Partial<typeof notificationDefaults>) =>
  totalOf(costOf(notificationQuantities({ ...notificationDefaults, ...shape }))) * 1e6;

it('a notification is a request, two runs, a message, and its lane written again and again', () => {
  const perRequest = 3.5 + 0.6 + 2 * 0.2 + 3 * 0.4;
  const dynamo = (14 + 1 + 2 * 3 + 2 * 1.2) * 0.625 + (9 + 1 + 2 * 4) * 0.125;
  const rest = (0.1 + 0.5 * 0.3) * 13.3334 + 2.74 * 0.53 + 3 * 0.09;
  expect(million({})).toBeCloseTo(perRequest + dynamo + rest, 6);
});

it('ten in a run save nine runs and eighteen requests of the queue', () => {
  const saved = 0.9 * (0.2 + 0.15 * 13.3334 + 2 * 0.4);
  expect(million({}) - million({ batch: 10 })).toBeCloseTo(saved, 6);
});

it('at rest the queue is asked, and the table looked at every minute', () => {
  const { sqsRequest, lambdaRequest, dynamoRead } = monthlyQuantities(regionalStanding);
  expect([sqsRequest, lambdaRequest, dynamoRead]).toEqual([2 * 900 * 730, 60 * 730, 8 * 60 * 730]);
});
