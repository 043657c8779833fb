import type { NewId } from '../ports.ts';
import type { PushStore } from '../store/ports/push.ts';
import { type DeliverySettings, Lane, type LaneDeps } from './lane.ts';
import { Places } from './places.ts';
import type { PushWorker } from './push-worker.ts';

export interface PushWorkerDeps extends Omit<LaneDeps, 'outbox' | 'settings'> {
  push: PushStore;
  settings: DeliverySettings & { maxConcurrentDeliveries: number };
  newId: NewId;
}

/** Until a lane is come back to: where the gateway itself is in trouble, or where an owner has no place left. */
const troubleMs = 5_000;
const crowdedMs = 1_000;

/**
 * Takes a lane, posts what waits in it one after the other, and lets go of it. What was posted and not yet struck off when
 * the process dies is posted again, under the same id. Trouble of the gateway's own counts as no attempt.
 *
 * One owner has half the places of a process at most: whose receivers hang does not hold up everybody else's.
 */
export function createPushWorker(deps: PushWorkerDeps): PushWorker {
  const { push, settings, clock, log } = deps;
  const places = new Places(Math.max(1, Math.floor(settings.maxConcurrentDeliveries / 2)));
  const laneDeps = { ...deps, outbox: push.outbox };

  async function workOf(pushId: string): Promise<{ dueAtMs: number } | undefined> {
    const config = await push.configs.get(pushId, clock.nowMs());
    if (config === undefined) return undefined;
    const { ownerKey } = config.holder;
    if (!places.take(ownerKey)) return { dueAtMs: clock.nowMs() + crowdedMs };
    const lane = new Lane(laneDeps, config, deps.newId());
    return lane.work().finally(() => places.leave(ownerKey));
  }

  return {
    work: (pushId) =>
      workOf(pushId).catch((cause: unknown) => {
        if (!deps.closing.aborted) log.write('error', 'webhook not worked', { cause });
        return { dueAtMs: clock.nowMs() + troubleMs };
      }),
  };
}
