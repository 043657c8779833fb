import type { Clock, Log } from '../../ports.ts';
import type { Indexer } from '../../search/s3-vectors/indexer.ts';
import type { LambdaContext } from './awslambda.ts';
import { type IndexerEvent, type IndexWork, maxAgentIds, parseIndexerEvent } from './indexer-events.ts';
import type { BatchAnswer } from './queue-events.ts';
import { answerResource, type ResourceRequest } from './resource-answer.ts';

export interface IndexerHandlerOptions {
  indexer(): Promise<Pick<Indexer, 'sync' | 'fill' | 'check'>>;
  /** Puts work off. @throws where the queue does not take it */
  send(work: IndexWork, options: { delaySeconds: number }): Promise<void>;
  /** The indexer's. */
  clock: Clock;
  log: Log;
  /** Pause before CloudFormation is answered again. Default 1 000. */
  retryAfterMs?: number;
}

/** For the page of a fill that is under way when the time is over, and for telling how to go on. */
const fillMarginMs = 60_000;
/** A model or an index that has just failed gets a moment. */
const retryDelaySeconds = 15;

/**
 * Keeps the index in step with the table. Agents that were written come by the table's stream; one that fails goes into the
 * queue, so that it never holds up those behind it. A fill runs from the queue too, in as many runs as it needs: each stops
 * before its time is over and leaves a message for the next. Streams are never told of failures: they throw, or nothing is left
 * to do.
 *
 * @throws where failed agents cannot be put off, so that the stream comes again; and for an event of nobody
 */
export function createIndexerHandler(
  options: IndexerHandlerOptions,
): (event: unknown, context: LambdaContext) => Promise<BatchAnswer | undefined> {
  const { send, log } = options;

  return async (event, context) => {
    const parsed = parseIndexerEvent(event);
    if (parsed === undefined) {
      log.write('error', 'indexer: event of nobody', {});
      // As an error it is counted and seen, where nothing would look like work done.
      throw new Error('not an event of this function');
    }
    switch (parsed.kind) {
      case 'changes':
        await follow(parsed.agentIds, options);
        return { batchItemFailures: [] };
      case 'messages':
        return { batchItemFailures: await workOff(parsed.messages, context, options) };
      case 'resource':
        return answerStack(parsed.request, options);
      case 'schedule': {
        const indexer = await options.indexer();
        if ((await indexer.check()) === 'abandoned') await send({ fill: {} }, { delaySeconds: 0 });
        return undefined;
      }
    }
  };
}

async function follow(
  agentIds: readonly string[],
  { indexer, send, log }: IndexerHandlerOptions,
): Promise<void> {
  for (let at = 0; at < agentIds.length; at += maxAgentIds) {
    const ids = agentIds.slice(at, at + maxAgentIds);
    let failed = ids;
    try {
      ({ failed } = await (await indexer()).sync(ids));
    } catch (cause) {
      log.write('warn', 'indexer: agents not in step', { agents: ids.length, cause });
    }
    if (failed.length > 0) await send({ agentIds: failed }, { delaySeconds: retryDelaySeconds });
  }
}

/** Agents first: a fill takes what time is left. */
async function workOff(
  messages: Extract<IndexerEvent, { kind: 'messages' }>['messages'],
  context: LambdaContext,
  options: IndexerHandlerOptions,
): Promise<BatchAnswer['batchItemFailures']> {
  const inOrder = messages.toSorted((one, other) => Number(isFill(one.work)) - Number(isFill(other.work)));
  const failures: BatchAnswer['batchItemFailures'] = [];
  for (const { messageId, work } of inOrder) {
    try {
      // Told as a failure it ends among the dead letters, where someone looks.
      if (work === undefined) throw new Error('a message that says nothing known');
      await carryOut(work, context, options);
    } catch (cause) {
      options.log.write('warn', 'indexer: message not worked off', { messageId, cause });
      failures.push({ itemIdentifier: messageId });
    }
  }
  return failures;
}

async function carryOut(
  work: IndexWork,
  context: LambdaContext,
  { indexer, send, clock }: IndexerHandlerOptions,
): Promise<void> {
  if ('agentIds' in work) {
    const { failed } = await (await indexer()).sync(work.agentIds);
    if (failed.length > 0) throw new Error(`${failed.length} agents are not in step`);
    return;
  }
  const remainingMs = context.getRemainingTimeInMillis();
  const deadlineMs = clock.nowMs() + remainingMs - Math.min(fillMarginMs, remainingMs / 2);
  const { next } = await (await indexer()).fill({ ...work.fill, deadlineMs });
  if (next !== undefined) await send({ fill: { after: next } }, { delaySeconds: 0 });
}

function isFill(work: IndexWork | undefined): boolean {
  return work !== undefined && 'fill' in work;
}

/** A deployment begins a fill and does not wait for it: the search serves as it did until the fill is through. */
async function answerStack(
  request: ResourceRequest,
  { send, log, retryAfterMs = 1_000 }: IndexerHandlerOptions,
): Promise<undefined> {
  let status: 'SUCCESS' | 'FAILED' = 'SUCCESS';
  try {
    if (request.RequestType !== 'Delete') await send({ fill: {} }, { delaySeconds: 0 });
  } catch (cause) {
    status = 'FAILED';
    log.write('error', 'indexer: fill not begun', { request: request.RequestType, cause });
  }
  const reason = status === 'SUCCESS' ? '' : 'failed; the log of the function says why';
  const newPhysicalId = `a2a-gateway-index/${request.LogicalResourceId}`;
  try {
    await answerResource(request, { status, reason, newPhysicalId }, retryAfterMs);
  } catch (cause) {
    log.write('error', 'CloudFormation was not answered', { cause });
  }
}
