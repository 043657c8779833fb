import type { Pause } from '../pause.ts';
import type { Clock, Log } from '../ports.ts';
import type { PushStore } from '../store/ports/push.ts';
import type { PushWorker, WakePush } from './push-worker.ts';

export interface DeliveryLoopDeps {
  push: PushStore;
  worker: PushWorker;
  maxConcurrentDeliveries: number;
  clock: Clock;
  pause: Pause;
  log: Log;
}

export interface DeliveryLoop {
  wake: WakePush;
  /** Delivers until the signal fires, and resolves when nothing is under way any more. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** How often the outbox is looked at without a reason: another process may have died with what it was about to deliver. */
const idleLookMs = 5_000;
const minLookGapMs = 250;
const troubleMs = 5_000;
/** A store drops some hundreds at once, and is to be ahead of what callers set and agents post. */
const sweepIntervalMs = 5_000;
/** Found at one look; further ones are found when these are done. */
const maxFoundLanes = 1_000;

/**
 * Delivers webhooks in a process that lives: what it is woken for at once, and all else that the outbox says is due, such
 * as what waited when the process started. Any number of processes may do so over one store.
 */
export function createDeliveryLoop(deps: DeliveryLoopDeps): DeliveryLoop {
  const { push, worker, maxConcurrentDeliveries, clock, pause, log } = deps;
  const ready = new Set<string>();
  const underWay = new Map<string, Promise<void>>();
  let rest = new AbortController();
  let lookAtMs = 0;
  let sweepAtMs = 0;
  let isFailing = false;

  function wakeAt(pushId: string, dueAtMs: number): void {
    if (dueAtMs <= clock.nowMs()) ready.add(pushId);
    else lookAtMs = Math.min(lookAtMs, dueAtMs);
    rest.abort();
  }

  async function turn(pushId: string): Promise<void> {
    const next = await worker.work(pushId);
    underWay.delete(pushId);
    if (next === undefined) rest.abort();
    else wakeAt(pushId, next.dueAtMs);
  }

  /** A lane that is under way and ready again has its next turn after this one. */
  function begin(): void {
    for (const pushId of ready) {
      if (underWay.size >= maxConcurrentDeliveries) return;
      if (underWay.has(pushId)) continue;
      ready.delete(pushId);
      underWay.set(pushId, turn(pushId));
    }
  }

  async function look(nowMs: number): Promise<void> {
    lookAtMs = nowMs + idleLookMs;
    if (nowMs >= sweepAtMs) {
      sweepAtMs = nowMs + sweepIntervalMs;
      await push.configs.sweep(nowMs);
    }
    const due = await push.outbox.due(nowMs, maxFoundLanes);
    for (const pushId of due) ready.add(pushId);
    const nextMs = due.length < maxFoundLanes ? await push.outbox.nextDueAtMs(nowMs) : nowMs;
    lookAtMs = Math.max(Math.min(lookAtMs, nextMs ?? lookAtMs), nowMs + minLookGapMs);
  }

  /** One line when it begins to fail and one when it works again, however long it takes. */
  async function tryLook(nowMs: number): Promise<void> {
    try {
      await look(nowMs);
      if (isFailing) log.write('info', 'webhooks looked for again');
      isFailing = false;
    } catch (cause) {
      if (!isFailing) log.write('error', 'webhooks not looked for', { cause });
      isFailing = true;
      lookAtMs = nowMs + troubleMs;
    }
  }

  return {
    wake: async (pushId, dueAtMs) => wakeAt(pushId, dueAtMs),

    async run(signal) {
      signal.addEventListener('abort', () => rest.abort(), { once: true });
      while (!signal.aborted) {
        rest = new AbortController();
        const nowMs = clock.nowMs();
        if (nowMs >= lookAtMs) await tryLook(nowMs);
        begin();
        await pause(Math.max(0, lookAtMs - clock.nowMs()), rest.signal);
      }
      await Promise.all(underWay.values());
    },
  };
}
