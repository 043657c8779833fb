import { inParallel } from '../in-parallel.ts';
import type { Clock } from '../ports.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { DeadLetter, PushStore } from '../store/ports/push.ts';
import { openWebhook } from './sealed.ts';

/** A dead letter as administrators see it. What it says, and its receiver's path and credentials, stay sealed. */
export interface DescribedDeadLetter extends Omit<DeadLetter, 'pushId'> {
  taskId?: string;
  /** The origin of the webhook. Absent: the webhook is gone, so that the letter cannot be sent again. */
  receiver?: string;
}

export interface DeadLetterDeps {
  push: PushStore;
  sealer: Sealer;
  clock: Clock;
}

const readsAtOnce = 10;

export function describeDeadLetters(
  deps: DeadLetterDeps,
  letters: readonly DeadLetter[],
): Promise<DescribedDeadLetter[]> {
  return inParallel(letters, readsAtOnce, async ({ pushId, ...letter }) => ({
    ...letter,
    ...(await webhookOf(deps, pushId)),
  }));
}

async function webhookOf(
  { push, sealer, clock }: DeadLetterDeps,
  pushId: string,
): Promise<Pick<DescribedDeadLetter, 'taskId' | 'receiver'>> {
  const config = await push.configs.get(pushId, clock.nowMs());
  const set = config && (await openWebhook(sealer, config.sealed, pushId));
  if (config === undefined || set === undefined) return {};
  return {
    ...(config.taskId !== undefined && { taskId: config.taskId }),
    receiver: new URL(set.webhook.url).origin,
  };
}
