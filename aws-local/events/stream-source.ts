import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  type _Record as DynamoRecord,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import type { LocalFunction } from '../lambda/function-pool.ts';
import { region } from '../local-values.ts';
import { invokeWith, pause } from './batch.ts';
import { matchesPattern } from './filter.ts';

export interface DeliveryOptions {
  target: LocalFunction;
  maxRetryAttempts: number;
  /** Before a batch that failed is tried again. Default 1000. */
  retryMs?: number;
  print(line: string): void;
  signal: AbortSignal;
}

export interface StreamSourceOptions extends DeliveryOptions {
  /** DynamoDB Local. */
  endpoint: string;
  tableName: string;
  /** As in the template; records name it. */
  streamArn: string;
  /** A record is handed over that meets any of them. */
  patterns: readonly unknown[];
  batchSize: number;
}

const idleMs = 200;
const shardsMs = 1_000;
const defaultRetryMs = 1_000;

/**
 * Reads a table's stream as an event source mapping does, from its beginning: shard by shard, a shard after its parent,
 * batches of filtered records in their order. A batch that fails is halved and tried again; a record that fails too often
 * is left, with a line that says so. Ends when the signal fires.
 */
export async function followStream(options: StreamSourceOptions): Promise<void> {
  const { endpoint, tableName, signal } = options;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const tables = new DynamoDBClient({ endpoint, region, credentials });
  const streams = new DynamoDBStreamsClient({ endpoint, region, credentials });
  const begun = new Set<string>();
  const read = new Set<string>();
  const reading: Promise<void>[] = [];
  try {
    const { Table } = await tables.send(new DescribeTableCommand({ TableName: tableName }));
    const StreamArn = Table?.LatestStreamArn;
    while (!signal.aborted) {
      const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
      const shards = StreamDescription?.Shards ?? [];
      for (const { ShardId = '' } of shards.filter((shard) => isNext(shard, shards, begun, read))) {
        begun.add(ShardId);
        reading.push(readShard(streams, { StreamArn, ShardId }, options).then(() => void read.add(ShardId)));
      }
      await pause(shardsMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) options.print(`the stream of ${tableName} is not followed: ${String(error)}`);
  } finally {
    await Promise.all(reading);
    tables.destroy();
    streams.destroy();
  }
}

function isNext(
  { ShardId = '', ParentShardId }: Shard,
  shards: readonly Shard[],
  begun: ReadonlySet<string>,
  read: ReadonlySet<string>,
): boolean {
  if (begun.has(ShardId)) return false;
  const hasParent = shards.some((shard) => shard.ShardId === ParentShardId);
  return !hasParent || read.has(ParentShardId ?? '');
}

/** Never rejects: what cannot be read is tried again. */
async function readShard(
  streams: DynamoDBStreamsClient,
  { StreamArn, ShardId }: { StreamArn: string | undefined; ShardId: string },
  options: StreamSourceOptions,
): Promise<void> {
  const { signal, batchSize } = options;
  let after: string | undefined;
  let iterator: string | undefined;
  while (!signal.aborted) {
    try {
      iterator ??= (
        await streams.send(
          new GetShardIteratorCommand({
            StreamArn,
            ShardId,
            ...(after === undefined
              ? { ShardIteratorType: 'TRIM_HORIZON' }
              : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after }),
          }),
        )
      ).ShardIterator;
      const { Records = [], NextShardIterator } = await streams.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      const events = Records.map((record) => eventOf(record, options)).filter((event) =>
        options.patterns.some((pattern) => matchesPattern(event, pattern)),
      );
      for (let at = 0; at < events.length; at += batchSize)
        await deliver(events.slice(at, at + batchSize), options);
      after = Records.at(-1)?.dynamodb?.SequenceNumber ?? after;
      iterator = NextShardIterator;
      if (iterator === undefined) return;
      if (Records.length === 0) await pause(idleMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      options.print(`shard ${ShardId} is read again: ${String(error)}`);
      // Iterators expire.
      iterator = undefined;
      await pause(defaultRetryMs, signal);
    }
  }
}

/** Hands over a batch. Never rejects. @param attempts made of it so far, as part of a larger one */
export async function deliver(
  events: readonly unknown[],
  options: DeliveryOptions,
  attempts = 0,
): Promise<void> {
  const { target, signal, print, maxRetryAttempts, retryMs = defaultRetryMs } = options;
  for (let tried = attempts; !signal.aborted; tried++) {
    try {
      await invokeWith(target, events);
      return;
    } catch (error) {
      if (signal.aborted) return;
      print(`${target.definition.name} failed: ${String(error)}`);
    }
    await pause(retryMs, signal);
    const half = Math.floor(events.length / 2);
    if (half > 0) {
      await deliver(events.slice(0, half), options, tried + 1);
      return deliver(events.slice(half), options, tried + 1);
    }
    if (tried >= maxRetryAttempts) return print(`given up after ${tried} tries: ${JSON.stringify(events)}`);
  }
}

/** As Lambda hands it over: the SDK has made a date of a number. */
function eventOf({ dynamodb, ...record }: DynamoRecord, { streamArn }: StreamSourceOptions): unknown {
  const created = dynamodb?.ApproximateCreationDateTime?.getTime();
  return {
    ...record,
    dynamodb: {
      ...dynamodb,
      ...(created !== undefined && { ApproximateCreationDateTime: created / 1_000 }),
    },
    eventSource: 'aws:dynamodb',
    eventSourceARN: streamArn,
  };
}
