import { GatewayError } from '../failure.ts';
import type { Pause } from '../pause.ts';
import type { Clock, Log, NewId } from '../ports.ts';
import type { AuditStore, UsageStore } from '../store/ports/audit.ts';
import { type Batch, BatchMaker } from './batch.ts';
import type { CallEvent } from './call-record.ts';
import { beginChain, type ChainEnd, nextSegment } from './chain.ts';
import { PerSecond } from './per-second.ts';
import type { AuditSeals } from './seals.ts';

/** The trail of calls: what was asked, decided and came of it. */
export interface CallTrail {
  /**
   * To be asked before a call is begun.
   * @throws GatewayError `store_unavailable` while records cannot be written, where none is then begun
   */
  admit(): void;
  /** Takes a record, to be written soon. Costs no wait and never fails. */
  record(event: CallEvent): void;
}

export interface CallTrailSettings {
  retentionMs: number;
  usageRetentionMs: number;
  /** How long a record waits for others. 0: not at all. */
  flushMs: number;
  onFailure: 'closed' | 'open';
}

export interface CallTrailDeps {
  audit: AuditStore;
  usage: UsageStore;
  seals: AuditSeals;
  settings: CallTrailSettings;
  clock: Clock;
  newId: NewId;
  log: Log;
  pause: Pause;
  /** Fires when the gateway closes: what is there then is written without a wait. */
  closing: AbortSignal;
  /** See `GatewayDeps.waitUntil`. */
  waitUntil?(work: Promise<void>): void;
}

/** Records that wait, those that are being written left aside. */
export const maxQueued = 10_000;
/** Records of requests of nobody in a second; a second's more may be saved up. Others are counted. */
export const maxUnauthenticatedPerSecond = 20;
/** Between a write that failed and the next try, where no record asks for it sooner. */
const retryMs = 1_000;
/** A gateway that closes tries no faster. */
const never = new AbortController().signal;
/** Shortest time between two sweeps: they delete more than is written meanwhile. */
const sweepMs = 10_000;

/**
 * Writes records in batches, one after the other, in a chain of its own. A batch that fails is written again until it is
 * there: the store keeps it once. So nothing is lost but with the process, and that is what has not been written yet.
 */
export function createCallTrail(deps: CallTrailDeps): CallTrail {
  const { audit, usage, seals, settings, clock, log, pause, closing } = deps;
  const waiting = new BatchMaker(settings.usageRetentionMs);
  const unauthenticated = new PerSecond(maxUnauthenticatedPerSecond);
  let end: ChainEnd = beginChain(deps.newId());
  let batch: (Batch & { nowMs: number }) | undefined;
  let isFailing = false;
  let isRunning = false;
  let hasWaited = false;
  let sweptAtMs = clock.nowMs();

  /** The same segment again where it failed before: what it is made of has not changed. */
  async function write({ records, use, nowMs }: Batch & { nowMs: number }): Promise<void> {
    for (;;) {
      const segment = await nextSegment(end, { records, nowMs, retentionMs: settings.retentionMs }, seals);
      if (await audit.append(segment, use)) {
        end = segment;
        return;
      }
      // Somebody has written there who is not this process: a copy of it, or a forger.
      log.write('error', 'audit chain taken', { chainId: end.chainId, sequence: segment.sequence });
      end = beginChain(deps.newId());
    }
  }

  /** False: it failed, and is to be tried again. */
  async function attempt(): Promise<boolean> {
    batch ??= { ...waiting.take(clock.nowMs()), nowMs: clock.nowMs() };
    try {
      await write(batch);
    } catch (cause) {
      if (!isFailing) log.write('error', 'audit not written', { chainId: end.chainId, cause });
      isFailing = true;
      return false;
    }
    if (isFailing) log.write('warn', 'audit written again', { chainId: end.chainId });
    isFailing = false;
    hasWaited = batch.hasMore;
    batch = undefined;
    return true;
  }

  async function run(): Promise<void> {
    while (batch !== undefined || !waiting.isEmpty) {
      // What an earlier batch had no room for has waited with it.
      if (settings.flushMs > 0 && !waiting.isFull && !hasWaited) await pause(settings.flushMs, closing);
      if (await attempt()) await sweep();
      // Who closes the gateway waits for this work, and for none that begins later.
      else if (closing.aborted) await pause(retryMs, never);
      else {
        void pause(retryMs, closing).then(begin);
        break;
      }
    }
    isRunning = false;
  }

  function begin(): void {
    if (isRunning || (batch === undefined && waiting.isEmpty)) return;
    isRunning = true;
    const work = run();
    deps.waitUntil?.(work);
  }

  async function sweep(): Promise<void> {
    const nowMs = clock.nowMs();
    if (nowMs - sweptAtMs < sweepMs) return;
    sweptAtMs = nowMs;
    // What is left costs room, not a record; a later sweep finds it.
    await Promise.all([audit.sweep(nowMs), usage.sweep(nowMs)]).catch(() => {});
  }

  return {
    admit() {
      if (settings.onFailure === 'open' || (!isFailing && waiting.size < maxQueued)) return;
      throw new GatewayError({ code: 'store_unavailable' }, { cause: new Error('calls cannot be recorded') });
    },
    record(event) {
      if (!event.isKnown && !unauthenticated.take(clock.nowMs())) waiting.omit('unauthenticated');
      else if (waiting.size >= maxQueued) waiting.omit('full');
      else waiting.add(event);
      begin();
    },
  };
}
