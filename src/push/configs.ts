import type { Principal } from '../access/principal.ts';
import type { JsonObject } from '../bridge/core-call.ts';
import { GatewayError, unwrap } from '../failure.ts';
import type { Clock, NewId, Upstream } from '../ports.ts';
import { sha256Hex } from '../protocol/bytes.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Holder } from '../store/ports/ownership.ts';
import type { Page, PageRequest } from '../store/ports/page.ts';
import type { KeptPushConfig, PushConfigStore } from '../store/ports/push.ts';
import { type AgentWebhook, newSecret } from './agent-webhook.ts';
import { openWebhook, sealWebhook } from './sealed.ts';
import { type CallerWebhook, parseWebhook } from './webhook.ts';

/** What a caller sets. */
export interface GivenConfig {
  agentId: string;
  holder: Holder;
  setBy: Principal;
  /** Absent: of the task that the agent will make of a message. */
  taskId?: string | undefined;
  /** Of the caller, in which it is told. */
  version: ServedVersion;
  /** In the words of 1.0. Absent members are made here: `id`. */
  config: JsonObject;
}

/** What a caller has set, as it gets it back. */
export interface CallerConfig {
  pushId: string;
  configId: string;
  webhook: CallerWebhook;
}

/**
 * The truth of what webhooks there are. What an agent has is a copy in which nothing is the caller's but the ids.
 * Callers in the wrong are told `webhook_refused`; all throw GatewayError `store_unavailable`.
 */
export interface PushConfigs {
  /**
   * Keeps what a caller sets, for the agent to be told of. One that has the same id at the same task goes on until `bind`.
   * @throws GatewayError `webhook_refused` for a webhook that cannot be called, or one too many of a task (rule `count`)
   */
  keep(given: GivenConfig): Promise<AgentWebhook>;
  /**
   * Says to which task it belongs, once the agent has it; there it takes the place of one with the same id. False, and it
   * is gone, where the task has as many as it may have.
   */
  bind(pushId: string, taskId: string): Promise<boolean>;
  drop(pushId: string): Promise<void>;
  find(holder: Holder, taskId: string, configId: string): Promise<CallerConfig | undefined>;
  /** In the order of their ids. */
  list(holder: Holder, taskId: string, page: PageRequest): Promise<Page<CallerConfig>>;
}

export interface PushConfigsDeps {
  store: PushConfigStore;
  sealer: Sealer;
  /** The way out to webhooks. */
  webhooks: Pick<Upstream, 'check'>;
  /** The gateway's own, below which nobody has a webhook. */
  publicUrl: string;
  maxConfigsPerTask: number;
  configRetentionMs: number;
  clock: Clock;
  newId: NewId;
}

export function createPushConfigs(deps: PushConfigsDeps): PushConfigs {
  const { store, sealer, webhooks, publicUrl, maxConfigsPerTask, configRetentionMs, clock, newId } = deps;

  async function checked(config: JsonObject): Promise<CallerWebhook> {
    const webhook = unwrap(parseWebhook(config));
    const url = new URL(webhook.url);
    // There, what an agent posts would be a call that the gateway itself makes, with whatever the caller gave for it.
    if (isBelow(url, new URL(publicUrl))) throw refusedBy('gateway');
    const rule = await webhooks.check(url);
    if (rule !== undefined) throw refusedBy(rule);
    return webhook;
  }

  /** What cannot be opened any more is as good as none: its key is gone. */
  async function opened({ pushId, configId, sealed }: KeptPushConfig): Promise<CallerConfig | undefined> {
    const set = await openWebhook(sealer, sealed, pushId);
    return set && { pushId, configId, webhook: set.webhook };
  }

  return {
    async keep({ agentId, holder, setBy, taskId, version, config }) {
      const webhook = await checked(config);
      const pushId = newId();
      const secret = newSecret();
      const configId = typeof config.id === 'string' && config.id !== '' ? config.id : newId();
      const nowMs = clock.nowMs();
      const isNew = taskId !== undefined && !(await store.find(holder, taskId, configId, nowMs));
      const kept: KeptPushConfig = {
        ...{ pushId, agentId, holder, configId, version },
        ...(isNew && { taskId }),
        secretHash: await sha256Hex(secret),
        sealed: await sealWebhook(sealer, { webhook, setBy }, pushId),
        createdAtMs: nowMs,
        expiresAtMs: nowMs + configRetentionMs,
      };
      if (!(await store.put(kept, maxConfigsPerTask))) throw refusedBy('count');
      return { pushId, secret, configId };
    },

    async bind(pushId, taskId) {
      const nowMs = clock.nowMs();
      const kept = await store.get(pushId, nowMs);
      if (kept === undefined) return false;
      if (kept.taskId === undefined && (await isFull(kept, taskId, nowMs))) {
        await store.delete(pushId);
        return false;
      }
      return store.bind(pushId, taskId);
    },

    drop: (pushId) => store.delete(pushId),

    async find(holder, taskId, configId) {
      const kept = await store.find(holder, taskId, configId, clock.nowMs());
      return kept && opened(kept);
    },

    async list(holder, taskId, page) {
      const { items, ...rest } = await store.ofTask(holder, taskId, page, clock.nowMs());
      const all = await Promise.all(items.map(opened));
      return { ...rest, items: all.filter((config) => config !== undefined) };
    },
  };

  async function isFull(
    { holder, configId }: KeptPushConfig,
    taskId: string,
    nowMs: number,
  ): Promise<boolean> {
    if ((await store.find(holder, taskId, configId, nowMs)) !== undefined) return false;
    const { totalSize } = await store.ofTask(holder, taskId, { size: 1 }, nowMs);
    return totalSize >= maxConfigsPerTask;
  }
}

/** As far as its text shows: the gateway may have other names. */
function isBelow({ origin, pathname }: URL, top: URL): boolean {
  return origin === top.origin && `${pathname}/`.startsWith(top.pathname.replace(/\/?$/, '/'));
}

function refusedBy(rule: string): GatewayError {
  return new GatewayError({ code: 'webhook_refused', rule });
}
