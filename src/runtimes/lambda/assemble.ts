import { randomUUID } from 'node:crypto';
import { createGateway, type GatewayDeps } from '../../gateway.ts';
import type { Clock } from '../../ports.ts';
import type { WakePush } from '../../push/push-worker.ts';
import { cachedStore } from '../../store/cached.ts';
import { openCardSigner } from '../aws-card-signer.ts';
import { openAwsSearch } from '../aws-search.ts';
import { createAwsSigner } from '../aws-signer.ts';
import { LooseEnds } from '../loose-ends.ts';
import { type MakeUpstream, openUpstream, openWebhooks } from '../upstream.ts';
import { type Answerer, createAnswerer } from './answer-event.ts';
import { openParts, type Parts } from './parts.ts';
import type { Environment } from './settings.ts';

/** What one function is of the gateway. Given rather than imported, so that its bundle holds nothing else. */
export interface Served extends Pick<GatewayDeps, 'routes' | 'version'> {
  makeUpstream: MakeUpstream;
}

export interface Assembly {
  answer: Answerer;
  log: Parts['log'];
  /** Waits a little for what answers have left to do: nothing goes on between invocations. */
  settle(): Promise<void>;
}

/**
 * The gateway behind proxy events, made once a process, so that tokens, keys, rows and connections outlive an invocation.
 * It is never told to close, and does nothing in the background: Lambda stops a process between invocations.
 *
 * @throws ConfigError
 */
export function assemble(environment: Environment, { makeUpstream, ...served }: Served): Assembly {
  const { settings, store, ...parts } = openParts(environment);
  const upstream = openUpstream(settings, makeUpstream);
  const search = openAwsSearch(settings, { ...parts, agents: store.agents, upstream })?.search;
  const looseEnds = new LooseEnds();
  const queueUrl = environment.PUSH_QUEUE_URL;
  const gateway = createGateway({
    ...parts,
    ...served,
    // Nothing waits for others: one invocation has one call, and nobody is there to write when it is over.
    config: { ...settings, audit: { ...settings.audit, flushMs: 0 } },
    store: cachedStore(store, parts),
    upstream,
    webhooks: openWebhooks(settings, makeUpstream),
    aws: createAwsSigner(parts),
    ...openCardSigner(settings),
    ...(search !== undefined && { search }),
    ...(queueUrl !== undefined && { wakePush: wakesBy(queueUrl, parts.clock) }),
    newId: randomUUID,
    closing: new AbortController().signal,
    waitUntil: (work) => looseEnds.add(work),
  });
  const { log } = parts;
  return {
    answer: createAnswerer({ gateway, publicUrl: settings.publicUrl, log }),
    log,
    settle: () => looseEnds.settle(),
  };
}

/** Few answers have anything due, so the client of the queue waits for the first that has. */
function wakesBy(queueUrl: string, clock: Clock): WakePush {
  let opening: Promise<WakePush> | undefined;
  return async (pushId, dueAtMs) => {
    opening ??= import('./push-queue.ts').then(({ createPushWakes }) => createPushWakes(queueUrl, clock));
    const wake = await opening;
    return wake(pushId, dueAtMs);
  };
}
