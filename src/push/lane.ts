import type { Clock, Log, Upstream } from '../ports.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Delivery, KeptPushConfig, Lease, PushOutbox } from '../store/ports/push.ts';
import { attempt, type FailedAttempt } from './attempt.ts';
import { type RetryPolicy, retryAtMs } from './retry.ts';
import { openBody, openWebhook } from './sealed.ts';
import type { Hindrance, JudgeWebhook } from './standing.ts';

/** See `push` in `docs/settings.md`. */
export interface DeliverySettings extends RetryPolicy {
  timeoutMs: number;
  deadLetterRetentionMs: number;
}

export interface LaneDeps {
  outbox: PushOutbox;
  sealer: Sealer;
  webhooks: Upstream;
  settings: DeliverySettings;
  judge: JudgeWebhook;
  clock: Clock;
  random: () => number;
  log: Log;
  /** When it fires, the lane is let go after the attempt that is under way. */
  closing: AbortSignal;
}

/** After it a lane makes room for others, and its worker on Lambda comes to an end. An attempt under way goes on. */
export const maxTurnMs = 20_000;
/** What a lane is held for beyond an attempt: the store may take its time. */
const leaseSlackMs = 10_000;

/** How holding a lane ended. `emptied`: nothing was due any more; `lost`: another has it, or it is gone. */
type End = 'nothing' | 'emptied' | 'lost' | { dueAtMs: number };

/** One worker's turn at a lane. */
export class Lane {
  readonly #deps: LaneDeps;
  readonly #config: KeptPushConfig;
  readonly #leaseId: string;
  readonly #endMs: number;

  constructor(deps: LaneDeps, config: KeptPushConfig, leaseId: string) {
    this.#deps = deps;
    this.#config = config;
    this.#leaseId = leaseId;
    this.#endMs = this.#nowMs() + maxTurnMs;
  }

  /** @returns as `PushWorker.work` */
  async work(): Promise<{ dueAtMs: number } | undefined> {
    for (;;) {
      const end = await this.#hold();
      // Once more after it was let go: who came with something just before found it taken.
      if (end !== 'emptied') return typeof end === 'object' ? end : undefined;
    }
  }

  async #hold(): Promise<End> {
    const { pushId } = this.#config;
    const { outbox } = this.#deps;
    let isHeld = false;
    try {
      for (;;) {
        const delivery = await outbox.take(pushId, this.#lease(), this.#nowMs());
        if (delivery === undefined) return isHeld ? 'emptied' : 'nothing';
        isHeld = true;
        const end = await this.#deliver(delivery);
        if (end !== undefined) return end;
        if (this.#isOver()) return { dueAtMs: this.#nowMs() };
      }
    } finally {
      if (isHeld) await outbox.release(pushId, this.#lease());
    }
  }

  /** Undefined: the next one is first. */
  async #deliver(delivery: Delivery): Promise<End | undefined> {
    const startedMs = this.#nowMs();
    const failed = await this.#attempt(delivery);
    const nowMs = this.#nowMs();
    const tried = delivery.attempts + 1;
    const { agentId, deliveryId, acceptedAtMs } = delivery;
    const facts = { agentId, deliveryId, attempts: tried, durationMs: nowMs - startedMs };
    if (failed === undefined) {
      this.#deps.log.write('info', 'webhook delivered', facts);
      return this.#unlessLost(await this.#deps.outbox.delivered(delivery, this.#lease()));
    }
    const { settings, random } = this.#deps;
    const dueAtMs = retryAtMs(failed, { tried, acceptedAtMs, nowMs }, settings, random);
    const event = dueAtMs === undefined ? 'webhook given up' : 'webhook failed';
    this.#deps.log.write('warn', event, { ...facts, problem: failed.problem });
    return this.#settle(delivery, failed, dueAtMs);
  }

  /** Undefined when it has arrived. */
  async #attempt(delivery: Delivery): Promise<FailedAttempt | undefined> {
    const { sealer, judge, webhooks, settings } = this.#deps;
    const { pushId, sealed } = this.#config;
    const { deliveryId, sealedBody } = delivery;
    const set = await openWebhook(sealer, sealed, pushId);
    const body = await openBody(sealer, sealedBody, { pushId, deliveryId });
    if (set === undefined || body === undefined) return { problem: 'sealed', patience: 'none' };
    const judged = await judge(this.#config, set.setBy);
    if ('hindrance' in judged) return hindered(judged.hindrance);
    const { timeoutMs } = settings;
    return attempt({ webhooks, timeoutMs }, set.webhook, { ...body, deliveryId }, this.#nowMs());
  }

  async #settle(
    delivery: Delivery,
    { problem }: FailedAttempt,
    dueAtMs: number | undefined,
  ): Promise<End | undefined> {
    const { outbox, settings } = this.#deps;
    if (dueAtMs !== undefined) {
      const isPostponed = await outbox.postpone(delivery, this.#lease(), { dueAtMs, problem });
      return isPostponed ? { dueAtMs } : 'lost';
    }
    const nowMs = this.#nowMs();
    const expiresAtMs = nowMs + settings.deadLetterRetentionMs;
    return this.#unlessLost(await outbox.bury(delivery, this.#lease(), { nowMs, expiresAtMs, problem }));
  }

  #unlessLost(isDone: boolean): 'lost' | undefined {
    return isDone ? undefined : 'lost';
  }

  #isOver(): boolean {
    return this.#deps.closing.aborted || this.#nowMs() >= this.#endMs;
  }

  /** Ends by itself some time after the attempt that it is for. */
  #lease(): Lease {
    const { timeoutMs } = this.#deps.settings;
    return { leaseId: this.#leaseId, untilMs: this.#nowMs() + timeoutMs + leaseSlackMs };
  }

  #nowMs(): number {
    return this.#deps.clock.nowMs();
  }
}

/** Only an agent that is not active may be again before long. */
function hindered(hindrance: Hindrance): FailedAttempt {
  return { problem: hindrance, patience: hindrance === 'inactive' ? 'full' : 'none' };
}
