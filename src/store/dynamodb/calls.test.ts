import {
  type BatchGetItemCommand,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactionInProgressException,
  type TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs, maxTries } from './backoff.ts';
import { getItems } from './read.ts';
import type { Table } from './table.ts';
import { transact } from './transact.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A table whose every call is answered by `answer`. */
function tableOf<Command>(answer: (command: Command, n: number) => unknown): {
  table: Table;
  sent: Command[];
} {
  const sent: Command[] = [];
  const send = async (command: Command) => answer(command, sent.push(command) - 1);
  // Only `send` is called.
  return { table: { client: { send } as unknown as DynamoDBClient, tableName: 'table' }, sent };
}

async function settled<T>(promise: Promise<T>): Promise<T | unknown> {
  const outcome = promise.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return outcome;
}

function cancelled(...codes: string[]): TransactionCanceledException {
  const CancellationReasons = codes.map((Code) => ({ Code }));
  return new TransactionCanceledException({ message: 's3cret', $metadata: {}, CancellationReasons });
}

const writes = [{ put: {}, only: 'absent' as const }, { delete: { pk: 'a', sk: 'b' } }];

describe('a transaction', () => {
  const answering = (errors: readonly unknown[]) =>
    tableOf<TransactWriteItemsCommand>((_, n) => {
      if (errors[n] !== undefined) throw errors[n];
      return {};
    });

  it('is lost when a condition failed, whatever else there was', async () => {
    for (const codes of [
      ['ConditionalCheckFailed', 'None'],
      ['TransactionConflict', 'ConditionalCheckFailed'],
    ]) {
      const { table, sent } = answering([cancelled(...codes)]);
      expect(await settled(transact(table, writes))).toBe(false);
      expect(sent).toHaveLength(1);
    }
  });

  it('throws what says so, where nothing else is in the way', async () => {
    const one = { put: {}, only: 'absent' as const, orThrow: 'taken' };
    const both = [...writes, one];
    const taken = answering([cancelled('None', 'None', 'ConditionalCheckFailed')]);
    expect(await settled(transact(taken.table, both))).toMatchObject({
      problem: 'corrupt',
      message: 'taken',
    });
    const lost = answering([cancelled('ConditionalCheckFailed', 'None', 'ConditionalCheckFailed')]);
    expect(await settled(transact(lost.table, both))).toBe(false);
  });

  it('is sent again under one token while others are in the way', async () => {
    const errors = [
      cancelled('None', 'TransactionConflict'),
      cancelled('ThrottlingError', 'ProvisionedThroughputExceeded'),
      new TransactionInProgressException({ message: '', $metadata: {} }),
    ];
    const { table, sent } = answering(errors);
    expect(await settled(transact(table, writes))).toBe(true);
    expect(sent).toHaveLength(4);
    expect(new Set(sent.map(({ input }) => input.ClientRequestToken)).size).toBe(1);
    const other = answering([]);
    await transact(other.table, writes);
    expect(other.sent[0]?.input.ClientRequestToken).not.toBe(sent[0]?.input.ClientRequestToken);
  });

  it('is given up as busy', async () => {
    const { table, sent } = answering(Array.from({ length: 99 }, () => cancelled('TransactionConflict')));
    expect(await settled(transact(table, writes))).toMatchObject({ problem: 'busy' });
    expect(sent).toHaveLength(maxTries);
  });

  it('is not sent again for any other reason, and quotes nothing', async () => {
    const reasons = [
      cancelled('ValidationError', 'TransactionConflict'),
      cancelled('None'),
      cancelled(),
      new Error('s3cret'),
    ];
    for (const cause of reasons) {
      const { table, sent } = answering([cause]);
      const error = await settled(transact(table, writes));
      expect(error).toMatchObject({ problem: 'failed', cause });
      expect(String(error)).not.toContain('s3cret');
      expect(sent).toHaveLength(1);
    }
  });
});

describe('a batch of items', () => {
  const keys = Array.from({ length: 250 }, (_, n) => ({ pk: 'p', sk: `${n}` }));
  const asked = ({ input }: BatchGetItemCommand) => input.RequestItems?.table?.Keys ?? [];

  it('is asked again for what was left out', async () => {
    const { table, sent } = tableOf<BatchGetItemCommand>((command) => ({
      Responses: { table: asked(command).slice(0, 30) },
      UnprocessedKeys: asked(command).length > 30 ? { table: { Keys: asked(command).slice(30) } } : {},
    }));
    const items = (await settled(getItems(table, keys))) as { sk: { S: string } }[];
    expect(items.map(({ sk }) => sk.S).toSorted()).toEqual(keys.map(({ sk }) => sk).toSorted());
    expect(sent).toHaveLength(4 + 4 + 2);
    expect(sent.every((command) => asked(command).length <= 100)).toBe(true);
  });

  it('is given up as busy when nothing comes', async () => {
    const { table, sent } = tableOf<BatchGetItemCommand>((command) => ({
      UnprocessedKeys: { table: { Keys: asked(command) } },
    }));
    expect(await settled(getItems(table, keys.slice(0, 3)))).toMatchObject({ problem: 'busy' });
    expect(sent).toHaveLength(maxTries);
  });
});

it('waits longer with every try, at most a second', () => {
  for (let tries = 1; tries <= maxTries; tries++) {
    for (let n = 0; n < 50; n++) {
      const waitedMs = backoffMs(tries);
      expect(waitedMs).toBeGreaterThanOrEqual(0);
      expect(waitedMs).toBeLessThanOrEqual(Math.min(1_000, 25 * 2 ** (tries - 1)));
    }
  }
});
