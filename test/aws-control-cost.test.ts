import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { controlDefaults, controlQuantities, itemKb, streamReads } from '../bench/aws/control-cost.ts';
import { costOf, sendDefaults, streamHourQuantities, totalOf } from '../bench/aws/cost-model.ts';
import { lineOf } from '../src/audit/call-record.ts';
import { beginChain, nextSegment } from '../src/audit/chain.ts';
import { createAuditSeals } from '../src/audit/seals.ts';
import { segmentWrites } from '../src/store/dynamodb/audit-item.ts';
import type { Item } from '../src/store/dynamodb/item.ts';
import type { AuditSegment } from '../src/store/ports/audit.ts';
import { secretsInMemory } from './support/secrets-in-memory.ts';

/** What control costs on AWS, against sums made by hand and the size of what is really written. */

const send = { ...controlDefaults, judges: 2 };
const million = (shape: Partial<typeof send>) =>
  totalOf(costOf(controlQuantities({ ...send, ...shape }))) * 1e6;

it('a send is read for revocations and a client twice, recorded and added up in one transaction', () => {
  expect(million({})).toBeCloseTo(2 * 2 * 0.125 + 2 * (1 + 1 + 0.2) * 0.625, 6);
});

it('a group is a read of each judge, a limit a write, and what is not recorded is not written', () => {
  expect(million({ grantees: 2 }) - million({})).toBeCloseTo(2 * 0.125, 6);
  expect(million({ limits: 2 }) - million({})).toBeCloseTo(2 * 0.625, 6);
  expect(controlQuantities({ ...send, records: 0, uses: 0 }).dynamoWrite).toBe(0);
});

it('an open stream is judged again every three seconds', () => {
  const measured = {
    authorizer: { memoryMb: 2_048, warmMs: 0, coldMs: 0 },
    dataPlane: { memoryMb: 2_048, warmMs: 0, coldMs: 0 },
  };
  const shape = { ...sendDefaults, authorizerCalls: 0, readUnits: 0, secretCalls: 0 };
  const { dynamoRead = 0 } = streamHourQuantities({ seconds: 900, bytesPerSecond: 1 }, shape, measured);
  expect(dynamoRead).toBeCloseTo(4 * (2 + 2) + 3_600 * streamReads, 6);
  expect(streamReads * 3).toBe(6);
});

it('a record of usual length is written with its chain in one unit', async () => {
  const segment = await segmentOfASend();
  const sizes = segmentWrites(segment, { withHead: true }).map((write) =>
    'put' in write ? bytesOf(write.put) : 0,
  );
  expect(sizes).toHaveLength(2);
  expect(sizes.map((bytes) => Math.ceil(bytes / 1_024))).toEqual([itemKb, itemKb]);
  // It is no constant of the model for nothing: there is little room.
  expect(sizes[0]).toBeGreaterThan(700);
});

async function segmentOfASend(): Promise<AuditSegment> {
  const nowMs = 1_795_831_248_252;
  const machine = '7k1mbexample7k1mbexample77';
  const records = lineOf({
    ...{ event: 'call', atMs: nowMs, requestId: randomUUID(), isKnown: true },
    traceId: '0af7651916cd43dd8448eb211c80319c',
    principal: {
      issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
      ...{ subject: machine, clientId: machine },
    },
    ...{ agentId: 'billing-assistant', operation: 'SendMessage', taskId: randomUUID(), decision: 'allow' },
    ...{ rule: 'finance', httpStatus: 200, requestBytes: 4_000, responseBytes: 3_000, durationMs: 1_042.3 },
  });
  const seals = createAuditSeals({ secrets: secretsInMemory() });
  return nextSegment(beginChain(randomUUID()), { records, nowMs, retentionMs: 3.2e10 }, seals);
}

/** As DynamoDB counts: names and values, two digits of a number to a byte. */
function bytesOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, { S = '', N = '' }]) => {
    const value = S === '' ? Math.ceil(N.length / 2) + 1 : Buffer.byteLength(S);
    return sum + Buffer.byteLength(name) + value;
  }, 0);
}
