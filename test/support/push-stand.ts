import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { withoutConditions } from '../../src/access/conditions.ts';
import type { Principal } from '../../src/access/principal.ts';
import type { Log } from '../../src/ports.ts';
import type { DeliverySettings } from '../../src/push/lane.ts';
import type { PushWorker } from '../../src/push/push-worker.ts';
import { sealBody, sealWebhook } from '../../src/push/sealed.ts';
import { createWebhookJudge } from '../../src/push/standing.ts';
import type { CallerWebhook } from '../../src/push/webhook.ts';
import { createPushWorker, type PushWorkerDeps } from '../../src/push/worker.ts';
import { createRevocations } from '../../src/revocations/revocations.ts';
import { openEmbeddedAdapters } from '../../src/runtimes/node/embedded-adapters.ts';
import { createSealer, type Sealer } from '../../src/sealing/sealer.ts';
import type { DeadLetter, KeptPushConfig, PushStore } from '../../src/store/ports/push.ts';
import { anAgent, aPermission } from '../contract/store-samples.ts';
import { newFolder } from './process.ts';
import type { Receiver } from './receiver.ts';
import { upstream } from './upstream-servers.ts';

export const pushSettings: DeliverySettings & { maxConcurrentDeliveries: number } = {
  timeoutMs: 5_000,
  maxAttempts: 12,
  minBackoffMs: 1_000,
  maxBackoffMs: 3_600_000,
  maxAgeMs: 86_400_000,
  deadLetterRetentionMs: 1_209_600_000,
  maxConcurrentDeliveries: 32,
};

/** Webhooks kept and notifications accepted, in a real store; what a worker does with them is seen. */
export interface PushStand {
  push: PushStore;
  sealer: Sealer;
  /** What was logged. */
  logged: { level: string; event: string; [field: string]: unknown }[];
  log: Log;
  clock: { nowMs(): number };
  /** Lets time pass, for the gateway. */
  pass(ms: number): void;
  worker(more?: Partial<PushWorkerDeps>): PushWorker;
  /** Keeps a webhook; answers its lane. */
  webhook(webhook: CallerWebhook, more?: Partial<KeptPushConfig>): Promise<string>;
  /** Accepts a notification; answers its id. */
  accept(pushId: string, body: string, contentType?: string, agentId?: string): Promise<string>;
  /** A lane to a receiver, under a path that is its id, with these notifications waiting in it. */
  laneWith(receiver: Receiver, ...bodies: string[]): Promise<string>;
  /** Works a lane whenever something is due there, until nothing is; answers how long each wait was, to the second. */
  workOut(pushId: string, worker?: PushWorker): Promise<number[]>;
  dead(): Promise<DeadLetter[]>;
  /** What waits to be sent, in all lanes that are due by then. */
  waiting(): Promise<string[]>;
}

/** @param dataDir default: a new folder */
export async function startPushStand(dataDir = newFolder()): Promise<PushStand> {
  let skewMs = 0;
  const clock = { nowMs: () => Date.now() + skewMs };
  const { store, secrets } = await openEmbeddedAdapters({ dataDir, secretKey: undefined }, clock);
  onTestFinished(() => store.close());
  const { push } = store;
  const sealer = createSealer({ secrets });
  const revocations = createRevocations({ store: store.revocations, clock });
  const permission = { ...aPermission(setBy.scopes[0] ?? ''), allowedAgents: ['*'] };
  await store.permissions.create({ ...permission, operations: ['push'] });
  const logged: PushStand['logged'] = [];
  const log: Log = { write: (level, event, fields) => void logged.push({ level, event, ...fields }) };
  const judge = createWebhookJudge({ ...store, conditions: withoutConditions(log), revocations });
  function worker(more: Partial<PushWorkerDeps> = {}): PushWorker {
    return createPushWorker({
      ...{ push, sealer, judge, clock, log, newId: randomUUID, random: () => 1, settings: pushSettings },
      webhooks: upstream(),
      closing: new AbortController().signal,
      ...more,
    });
  }

  async function webhook(webhook: CallerWebhook, more: Partial<KeptPushConfig> = {}): Promise<string> {
    const config = await sealedConfig(sealer, webhook, clock.nowMs(), more);
    // As it was when the webhook was set; one that is there already stays as it is.
    await store.agents.create({ ...anAgent(config.agentId), createdAtMs: 0 });
    if (!(await push.configs.put(config, 10))) throw new Error('the webhook was not kept');
    return config.pushId;
  }

  async function accept(
    pushId: string,
    body: string,
    contentType = 'application/a2a+json',
    agentId = 'agent',
  ): Promise<string> {
    const deliveryId = randomUUID();
    const sealedBody = await sealBody(sealer, { contentType, body }, { pushId, deliveryId });
    const delivery = { deliveryId, pushId, agentId, sealedBody, acceptedAtMs: clock.nowMs() };
    if (!(await push.outbox.add(delivery, 1_000))) throw new Error('the lane is full or gone');
    return deliveryId;
  }

  return {
    ...{ push, sealer, logged, log, clock, worker, webhook, accept },
    pass(ms) {
      skewMs += ms;
    },
    async laneWith({ url }, ...bodies) {
      const pushId = randomUUID();
      await webhook({ url: `${url}/${pushId}` }, { pushId });
      for (const body of bodies) await accept(pushId, body);
      return pushId;
    },
    async workOut(pushId, by = worker()) {
      const waitsMs: number[] = [];
      for (let next = await by.work(pushId); next !== undefined; next = await by.work(pushId)) {
        const waitMs = next.dueAtMs - clock.nowMs();
        waitsMs.push(Math.round(waitMs / 1_000) * 1_000);
        skewMs += Math.max(0, waitMs);
      }
      return waitsMs;
    },
    dead: async () => (await push.outbox.deadLetters({}, { size: 100 }, clock.nowMs())).items,
    waiting: () => push.outbox.due(clock.nowMs(), 1_000),
  };
}

/** May set webhooks for any agent. */
const setBy: Principal = {
  ...{ issuer: 'https://issuer.test', subject: 'alice', scopes: ['push-stand'], groups: [] },
  ...{ grantees: ['push-stand'], expiresAtSeconds: 0 },
};

/** As it is kept for `alice`, who set it for a task of its own. */
async function sealedConfig(
  sealer: Sealer,
  webhook: CallerWebhook,
  nowMs: number,
  { pushId = randomUUID(), ...more }: Partial<KeptPushConfig>,
): Promise<KeptPushConfig> {
  return {
    ...{ pushId, agentId: 'agent', holder: { agentKey: 'agent', ownerKey: 'alice' } },
    ...{ taskId: pushId, configId: 'config', version: '1.0', secretHash: '' },
    sealed: await sealWebhook(sealer, { webhook, setBy }, pushId),
    ...{ createdAtMs: nowMs, expiresAtMs: nowMs + 365 * 86_400_000 },
    ...more,
  };
}
