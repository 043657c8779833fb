import { describe, expect, it } from 'vitest';
import { invokeWith } from '../../aws-local/events/batch.ts';
import { matchesPattern } from '../../aws-local/events/filter.ts';
import { intervalOf } from '../../aws-local/events/schedules.ts';
import { deliver } from '../../aws-local/events/stream-source.ts';
import type { LocalFunction } from '../../aws-local/lambda/function-pool.ts';
import { fakeFunction } from './support.ts';

const head = { dynamodb: { Keys: { pk: { S: 'agent#a' }, sk: { S: 'agent' } } } };
const pattern = { dynamodb: { Keys: { sk: { S: ['agent', 'other'] } } } };

describe('a filter', () => {
  it.each([
    ['a record with one of the values', head, true],
    ['a record with another value', { dynamodb: { Keys: { sk: { S: 'agent#0' } } } }, false],
    ['a record without the member', { dynamodb: { Keys: {} } }, false],
    ['a record that is no object there', { dynamodb: 'Keys' }, false],
  ])('is met as it should by %s', (_, record, isMet) => {
    expect(matchesPattern(record, pattern)).toBe(isMet);
  });

  it('that names nothing is met by all', () => {
    expect(matchesPattern(head, {})).toBe(true);
  });

  it.each([{ a: [{ prefix: 'b' }] }, { a: 'b' }])('of %j is not guessed', (unknown) => {
    expect(() => matchesPattern({ a: 'b' }, unknown)).toThrow(/filter/);
  });
});

describe('a schedule', () => {
  it.each([
    ['rate(1 hour)', 3_600_000],
    ['rate(2 days)', 172_800_000],
    ['rate(5 minutes)', 300_000],
    // The longest a timer waits.
    ['rate(99 days)', 2 ** 31 - 1],
  ])('%s is %i ms', (expression, intervalMs) => {
    expect(intervalOf(expression)).toBe(intervalMs);
  });

  it.each(['rate(0 hours)', 'cron(0 12 * * ? *)', 'rate(1 year)', ''])('%j is not guessed', (expression) => {
    expect(() => intervalOf(expression)).toThrow(/not emulated/);
  });
});

describe('a batch', () => {
  it('reaches the function as records, and comes back as those that failed', async () => {
    const called = fakeFunction(() => ({ batchItemFailures: [{ itemIdentifier: 'b' }] }));
    expect([...(await invokeWith(called, [{ messageId: 'a' }, { messageId: 'b' }]))]).toEqual(['b']);
    expect(called.events).toEqual([{ Records: [{ messageId: 'a' }, { messageId: 'b' }] }]);
  });

  it.each([null, 'done', {}, { batchItemFailures: 'all' }])(
    'answered by %j has failed in nothing',
    async (answer) => {
      expect([
        ...(await invokeWith(
          fakeFunction(() => answer),
          [],
        )),
      ]).toEqual([]);
    },
  );
});

describe('records of a stream', () => {
  /** A function that fails at every batch with `bad` in it. */
  function choosy(): LocalFunction & { taken: unknown[] } {
    const taken: unknown[] = [];
    const called = fakeFunction((event) => {
      const { Records } = event as { Records: unknown[] };
      if (Records.includes('bad')) throw new Error('bad');
      taken.push(...Records);
      return null;
    });
    return { ...called, definition: { ...called.definition, name: 'choosy' }, taken };
  }

  it('are halved where they fail, so that one of them keeps none of the others', async () => {
    const target = choosy();
    const printed: string[] = [];
    const { signal } = new AbortController();
    const options = { target, signal, retryMs: 0, print: (line: string) => void printed.push(line) };
    await deliver(['a', 'b', 'bad', 'c', 'd'], { ...options, maxRetryAttempts: 4 });
    expect(target.taken).toEqual(['a', 'b', 'c', 'd']);
    expect(printed.filter((line) => line.startsWith('given up'))).toEqual([
      'given up after 4 tries: ["bad"]',
    ]);
  });

  it('are left alone once it is closed', async () => {
    const target = choosy();
    const print = () => {};
    await deliver(['a'], { target, signal: AbortSignal.abort(), maxRetryAttempts: 4, print });
    expect(target.taken).toEqual([]);
  });
});
