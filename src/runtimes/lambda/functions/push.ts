import { randomUUID } from 'node:crypto';
import { openConditions } from '../../../access/open-conditions.ts';
import { ConfigError } from '../../../config.ts';
import { createWebhookJudge } from '../../../push/standing.ts';
import { createPushWorker } from '../../../push/worker.ts';
import { createRevocations } from '../../../revocations/revocations.ts';
import { createSealer } from '../../../sealing/sealer.ts';
import { cachedStore } from '../../../store/cached.ts';
import { createNodeUpstream } from '../../../upstream/node-upstream.ts';
import { openWebhooks } from '../../upstream.ts';
import { openParts } from '../parts.ts';
import { createPushHandler } from '../push.ts';
import { createPushWakes } from '../push-queue.ts';
import { started } from '../start.ts';

/** Delivers webhooks. Lambda stops a process between invocations: it is never told to close. */
export const handler = started(() => {
  const { settings, store, ...parts } = openParts(process.env);
  // Without the prefix of settings: one that is unknown keeps a function from starting.
  const queueUrl = process.env.PUSH_QUEUE_URL;
  if (queueUrl === undefined || queueUrl === '')
    throw new ConfigError(['PUSH_QUEUE_URL: needed to deliver webhooks']);
  const { outbox } = store.push;
  const conditions = openConditions(settings.permissions, parts.log);
  const revocations = createRevocations({ ...parts, store: store.revocations });
  const worker = createPushWorker({
    ...parts,
    push: store.push,
    sealer: createSealer(parts),
    judge: createWebhookJudge({ ...cachedStore(store, parts), conditions, revocations }),
    webhooks: openWebhooks(settings, createNodeUpstream),
    settings: settings.push,
    random: Math.random,
    newId: randomUUID,
    closing: new AbortController().signal,
  });
  return createPushHandler({ ...parts, worker, outbox, wake: createPushWakes(queueUrl, parts.clock) });
});
