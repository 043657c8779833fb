import * as z from 'zod';
import { inParallel } from '../../in-parallel.ts';
import type { Clock, Log } from '../../ports.ts';
import type { PushWorker, WakePush } from '../../push/push-worker.ts';
import type { PushOutbox } from '../../store/ports/push.ts';
import { type BatchAnswer, messageOf, queueEvent, scheduleEvent } from './queue-events.ts';

export interface PushHandlerOptions {
  worker: PushWorker;
  outbox: Pick<PushOutbox, 'due'>;
  wake: WakePush;
  clock: Clock;
  log: Log;
}

/** A message of the queue. */
export interface Wake {
  pushId: string;
}

const wakeMessage = z.strictObject({ pushId: z.string().min(1).max(1_024) });

/** A lane due for as long has no wake on its way: it was lost, or is due later than a message can wait. */
const overdueMs = 30_000;
/** Found at one look; further ones are found at the next. */
const maxFoundLanes = 1_000;
const maxSends = 16;

/**
 * Delivers webhooks: works the lanes it is woken for, and wakes itself for what is due there later. By a schedule it looks
 * for lanes that nobody was woken for; so a wake that is lost delays a delivery, and loses none.
 *
 * @throws for an event of nobody, and where the store cannot be asked for what is due
 */
export function createPushHandler(
  options: PushHandlerOptions,
): (event: unknown) => Promise<BatchAnswer | undefined> {
  const { outbox, wake, clock, log } = options;

  return async (event) => {
    const messages = queueEvent.safeParse(event).data?.Records;
    if (messages !== undefined) return { batchItemFailures: await workOff(messages, options) };
    if (scheduleEvent.safeParse(event).success) {
      const nowMs = clock.nowMs();
      const lanes = await outbox.due(nowMs - overdueMs, maxFoundLanes);
      await inParallel(lanes, maxSends, (pushId) => wake(pushId, nowMs));
      if (lanes.length > 0) log.write('info', 'webhooks woken', { lanes: lanes.length });
      return undefined;
    }
    log.write('error', 'push: event of nobody', {});
    // As an error it is counted and seen, where nothing would look like work done.
    throw new Error('not an event of this function');
  };
}

/** All at once: a receiver that hangs does not hold up the others. */
async function workOff(
  messages: readonly { messageId: string; body: string }[],
  { worker, wake, log }: PushHandlerOptions,
): Promise<BatchAnswer['batchItemFailures']> {
  const failures: BatchAnswer['batchItemFailures'] = [];
  const one = async ({ messageId, body }: (typeof messages)[number]) => {
    try {
      const message = messageOf(body, wakeMessage);
      // Told as a failure it ends among the dead letters, where someone looks.
      if (message === undefined) throw new Error('a message that says nothing known');
      const next = await worker.work(message.pushId);
      if (next !== undefined) await wake(message.pushId, next.dueAtMs);
    } catch (cause) {
      log.write('warn', 'push: message not worked off', { messageId, cause });
      failures.push({ itemIdentifier: messageId });
    }
  };
  await Promise.all(messages.map(one));
  return failures;
}
