import { ListVectorsCommand } from '@aws-sdk/client-s3vectors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { S3VectorsFault } from '../aws-local/s3-vectors/server.ts';
import { createIndexerHandler } from '../src/runtimes/lambda/indexer.ts';
import type { IndexWork } from '../src/runtimes/lambda/indexer-events.ts';
import { indexNameOf } from '../src/search/s3-vectors/names.ts';
import { type CloudFormation, startCloudFormation } from './support/cloud-formation.ts';
import { contextWith } from './support/lambda-events.ts';
import { agentOf, type S3VectorsStand, startS3VectorsStand, vectorBucketName } from './support/s3-vectors.ts';

/** The function that keeps the index in step, by the events of the four services that invoke it. */

let stand: S3VectorsStand;
let cloudFormation: CloudFormation;
let sent: { work: IndexWork; delaySeconds: number }[];
let isQueueDown: boolean;
let meets: (operation: string) => S3VectorsFault | undefined;
let handler: ReturnType<typeof createIndexerHandler>;

beforeEach(async () => {
  [sent, isQueueDown, meets] = [[], false, () => undefined];
  stand = await startS3VectorsStand({ meets: (operation) => meets(operation) });
  cloudFormation = await startCloudFormation();
  handler = createIndexerHandler({
    indexer: async () => stand.indexer,
    async send(work, { delaySeconds }) {
      if (isQueueDown) throw new Error('the queue is down');
      sent.push({ work, delaySeconds });
    },
    clock: stand.clock,
    log: stand.log,
    retryAfterMs: 1,
  });
});
afterEach(() => Promise.all([stand.close(), cloudFormation.close()]));

function streamEvent(...keys: (readonly [pk: string, sk: string])[]): unknown {
  return {
    Records: keys.map(([pk, sk], n) => ({
      eventID: `${n}`,
      eventName: 'MODIFY',
      eventSource: 'aws:dynamodb',
      dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber: `${n}` },
    })),
  };
}

function queueEvent(...bodies: unknown[]): unknown {
  return {
    Records: bodies.map((body, n) => ({
      messageId: `m${n}`,
      eventSource: 'aws:sqs',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  };
}

function stackEvent(RequestType: string, members: Record<string, unknown> = {}): unknown {
  return {
    RequestType,
    ResponseURL: cloudFormation.url,
    StackId: 'arn:aws:cloudformation:eu-central-1:1:stack/a/1',
    RequestId: 'r-1',
    LogicalResourceId: 'Index',
    ResourceProperties: { ServiceToken: 'arn' },
    ...members,
  };
}

async function indexed(): Promise<string[]> {
  const client = stand.client();
  const indexName = indexNameOf(stand.model.model.id);
  const { vectors = [] } = await client.send(new ListVectorsCommand({ vectorBucketName, indexName }));
  client.destroy();
  return vectors
    .map(({ key = '' }) => key)
    .filter((key) => !key.startsWith('#'))
    .sort();
}

const invoke = (event: unknown, remainingMs?: number) => handler(event, contextWith(remainingMs));

describe('changes by the stream', () => {
  beforeEach(() => stand.indexer.fill());

  it('brings the agents of head items in step, and looks at no other item', async () => {
    await stand.put(agentOf('a', 'words'));
    await stand.put(agentOf('b', 'words'));
    const others = [
      ['agent#b', 'part#0'],
      ['agents', 'b'],
      ['permission#b', 'permission'],
      ['agent#', 'agent'],
      ['agent#NO ID', 'agent'],
      ['agent#*', 'agent'],
    ] as const;
    expect(await invoke(streamEvent(['agent#a', 'agent'], ...others, ['agent#a', 'agent']))).toEqual({
      batchItemFailures: [],
    });
    expect(await indexed()).toEqual(['a']);
    await stand.remove('a');
    await invoke(streamEvent(['agent#a', 'agent']));
    expect(await indexed()).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('passes over records that say nothing, and takes those beside them', async () => {
    await stand.put(agentOf('a', 'words'));
    const { Records } = streamEvent(['agent#a', 'agent']) as { Records: unknown[] };
    const odd = [undefined, null, {}, { Keys: { pk: { N: '1' }, sk: { S: 'agent' } } }, { Keys: [] }];
    const others = odd.map((dynamodb) => ({ eventSource: 'aws:dynamodb', dynamodb }));
    await invoke({ Records: [...others, ...Records] });
    expect(await indexed()).toEqual(['a']);
  });

  it('puts agents that fail into the queue, from which they come again', async () => {
    await stand.put(agentOf('a', 'words'));
    stand.model.fails = true;
    await invoke(streamEvent(['agent#a', 'agent']));
    expect(sent).toEqual([{ work: { agentIds: ['a'] }, delaySeconds: 15 }]);
    expect(await invoke(queueEvent(sent[0]?.work))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
    stand.model.fails = false;
    expect(await invoke(queueEvent(sent[0]?.work))).toEqual({ batchItemFailures: [] });
    expect(await indexed()).toEqual(['a']);
  });

  it('puts all of them off in messages of at most a hundred where S3 Vectors is down', async () => {
    meets = () => 'unavailable';
    const keys = Array.from({ length: 150 }, (_, n) => [`agent#a${n}`, 'agent'] as const);
    await invoke(streamEvent(...keys));
    expect(sent.map(({ work }) => 'agentIds' in work && work.agentIds.length)).toEqual([100, 50]);
  });

  it('fails, so that the stream comes again, where the queue does not take them either', async () => {
    await stand.put(agentOf('a', 'words'));
    stand.model.fails = true;
    isQueueDown = true;
    await expect(invoke(streamEvent(['agent#a', 'agent']))).rejects.toThrow('queue');
  });
});

describe('work from the queue', () => {
  it('is a fill in as many runs as it needs', async () => {
    for (let n = 0; n < 250; n++) await stand.agents.create(agentOf(`agent-${n}`, `words${n}`));
    let work: IndexWork | undefined = { fill: {} };
    let runs = 0;
    while (work !== undefined) {
      sent = [];
      // No time is left but for one page.
      expect(await invoke(queueEvent(work), 0)).toEqual({ batchItemFailures: [] });
      work = sent[0]?.work;
      runs++;
    }
    expect(runs).toBe(4);
    expect(await indexed()).toHaveLength(250);
    expect(await stand.indexer.check()).toBe('complete');
  });

  it('is a fill in one run where there is time', async () => {
    for (let n = 0; n < 250; n++) await stand.agents.create(agentOf(`agent-${n}`, `words${n}`));
    await invoke(queueEvent({ fill: {} }), 600_000);
    expect(sent).toEqual([]);
    expect(await indexed()).toHaveLength(250);
  });

  it('comes again where a fill fails or cannot be gone on with', async () => {
    for (let n = 0; n < 150; n++) await stand.agents.create(agentOf(`agent-${n}`, `words${n}`));
    const failed = { batchItemFailures: [{ itemIdentifier: 'm0' }] };
    stand.model.fails = true;
    expect(await invoke(queueEvent({ fill: {} }))).toEqual(failed);
    stand.model.fails = false;
    isQueueDown = true;
    expect(await invoke(queueEvent({ fill: {} }), 0)).toEqual(failed);
  });

  it('is told apart message by message; agents come before fills', async () => {
    await stand.indexer.fill();
    await stand.put(agentOf('a', 'words'));
    const operations: string[] = [];
    meets = (operation) => {
      operations.push(operation);
      return undefined;
    };
    const answer = await invoke(
      queueEvent({ fill: {} }, 'no JSON', { agentIds: ['a'] }, { agentIds: ['../x'] }, { agentIds: [] }),
    );
    const failures = answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort();
    expect(failures).toEqual(['m1', 'm3', 'm4']);
    expect(operations.indexOf('PutVectors')).toBeLessThan(operations.indexOf('ListVectors'));
    expect(await indexed()).toEqual(['a']);
  });

  it('is refused where it says more than is known, or too much', async () => {
    const tooMany = Array.from({ length: 101 }, (_, n) => `a${n}`);
    const bodies = [
      { fill: { after: 'x', deadlineMs: 0 } },
      { fill: { after: 'x'.repeat(20_001) } },
      { fill: null },
      { agentIds: tooMany },
      { agentIds: ['a'], fill: {} },
      '[]',
      'null',
      '{"__proto__":{"agentIds":["a"]}}',
    ];
    const answer = await invoke(queueEvent(...bodies));
    expect(answer?.batchItemFailures).toHaveLength(bodies.length);
    expect(stand.calls).toEqual({});
  });
});

describe('a deployment', () => {
  it('begins a fill when it is made and when it changes, and nothing when it goes', async () => {
    for (const type of ['Create', 'Update', 'Delete']) await invoke(stackEvent(type));
    expect(sent).toEqual([
      { work: { fill: {} }, delaySeconds: 0 },
      { work: { fill: {} }, delaySeconds: 0 },
    ]);
    expect(cloudFormation.answers).toHaveLength(3);
    expect(cloudFormation.answers.every(({ Status }) => Status === 'SUCCESS')).toBe(true);
    expect(cloudFormation.answers[0]?.PhysicalResourceId).toBe('a2a-gateway-index/Index');
    expect(stand.calls).toEqual({});
  });

  it('is told where the queue is down, and answered although the first tries fail', async () => {
    isQueueDown = true;
    cloudFormation.failing = 2;
    await invoke(stackEvent('Create', { PhysicalResourceId: 'kept' }));
    expect(cloudFormation.answers).toMatchObject([{ Status: 'FAILED', PhysicalResourceId: 'kept' }]);
    expect(cloudFormation.answers[0]?.Reason).not.toContain('down');
  });

  it('ends although CloudFormation takes no answer', async () => {
    cloudFormation.failing = 9;
    await invoke(stackEvent('Create'));
    expect(stand.logged.map(({ msg }) => msg)).toContain('CloudFormation was not answered');
  });
});

describe('the schedule', () => {
  const tick = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

  it('begins a fill where none was ever made, and only there', async () => {
    await invoke(tick);
    expect(sent).toEqual([{ work: { fill: {} }, delaySeconds: 0 }]);
    await stand.indexer.fill();
    await invoke(tick);
    expect(sent).toHaveLength(1);
  });
});

describe('an event of nobody', () => {
  it('is an error, does nothing and is not quoted in the log', async () => {
    const secret = 'the-secret-itself';
    const events = [
      undefined,
      null,
      0,
      secret,
      [],
      {},
      { Records: [] },
      { Records: [{ eventSource: 'aws:s3', body: secret }] },
      { Records: { length: 1, 0: secret } },
      { source: 'aws.health', detail: secret },
      { httpMethod: 'POST', path: '/search', body: secret },
      stackEvent('Replace'),
      stackEvent('Create', { ResponseURL: 'file:///etc/passwd' }),
      JSON.parse('{"__proto__":{"source":"aws.events"}}'),
    ];
    for (const event of events) await expect(invoke(event)).rejects.toThrow('not an event');
    expect(sent).toEqual([]);
    expect(stand.calls).toEqual({});
    expect(JSON.stringify(stand.logged)).not.toContain(secret);
  });
});
