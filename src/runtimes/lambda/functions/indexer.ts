import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ConfigError } from '../../../config.ts';
import { createNodeUpstream } from '../../../upstream/node-upstream.ts';
import { openAwsSearch } from '../../aws-search.ts';
import { openUpstream } from '../../upstream.ts';
import { createIndexerHandler } from '../indexer.ts';
import { openParts } from '../parts.ts';
import { started } from '../start.ts';

/** Keeps the vectors of agents in step with the table. */
export const handler = started(() => {
  const { settings, store, clock, log } = openParts(process.env);
  // Without the prefix of settings: one that is unknown keeps a function from starting.
  const queueUrl = process.env.INDEX_QUEUE_URL;
  if (queueUrl === undefined || queueUrl === '')
    throw new ConfigError(['INDEX_QUEUE_URL: needed by the indexer']);
  const upstream = openUpstream(settings, createNodeUpstream);
  const search = openAwsSearch(settings, { agents: store.agents, upstream, clock, log });
  if (search === undefined)
    throw new ConfigError(['setting search.s3Vectors.vectorBucketName: needed by the indexer']);
  const sqs = new SQSClient({
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  return createIndexerHandler({
    indexer: search.indexer,
    async send(work, { delaySeconds }) {
      const message = { MessageBody: JSON.stringify(work), DelaySeconds: delaySeconds };
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, ...message }));
    },
    clock,
    log,
  });
});
