import { GatewayError } from '../failure.ts';
import { type Ownership, ownershipOf } from '../ownership/ownership.ts';
import { toShown } from '../ownership/shown.ts';
import type { Clock, NewId } from '../ports.ts';
import { operationOf } from '../protocol/operations.ts';
import { type Sighting, sightingsOf } from '../protocol/sightings.ts';
import type { Agent } from '../registry/agent.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { KeptPushConfig, PushStore } from '../store/ports/push.ts';
import { isProved } from './agent-webhook.ts';
import type { PushConfigs } from './configs.ts';
import { bodyIn, type Posted, parsePosted } from './posted.ts';
import type { WakePush } from './push-worker.ts';
import { openWebhook, sealBody } from './sealed.ts';
import type { JudgeWebhook } from './standing.ts';

/** A webhook of the gateway's that somebody has proved to be the agent of. */
export interface ProvedWebhook {
  config: KeptPushConfig;
  agent: Agent;
}

/** Where agents post. */
export interface PushIntake {
  /**
   * Lets in who was given the webhook. One that never was, is gone or has expired, a wrong proof, an agent that is not
   * active or another than it was given to, and a caller who could not set it now, are the very same refusal.
   *
   * @throws GatewayError `webhook_unknown`, `store_unavailable`
   */
  enter(pushId: string, proofs: readonly string[]): Promise<ProvedWebhook>;
  /**
   * Accepts what the agent posts, for the caller's own webhook: durably, when the promise resolves.
   *
   * @throws GatewayError `body_malformed`, `member_refused`, `notification_refused`, `webhook_busy`, `webhook_unknown`
   *   where it is gone by now, `store_unavailable`
   */
  accept(webhook: ProvedWebhook, text: string): Promise<void>;
}

export interface PushIntakeDeps {
  store: PushStore;
  configs: Pick<PushConfigs, 'bind'>;
  sealer: Sealer;
  judge: JudgeWebhook;
  ownership: Pick<Ownership, 'learn'>;
  wake: WakePush;
  maxWaiting: number;
  clock: Clock;
  newId: NewId;
}

/** When an agent may come again whose webhook has as much waiting as it may have. */
const busySeconds = 30;

export function createPushIntake(deps: PushIntakeDeps): PushIntake {
  const { store, configs, sealer, judge, wake, maxWaiting, clock, newId } = deps;

  return {
    async enter(pushId, proofs) {
      const config = await store.configs.get(pushId, clock.nowMs());
      // Compared whether there is one or not, and nothing more is read before: no time tells which webhooks there are.
      const proved = await isProved(proofs, config?.secretHash ?? '');
      if (!proved || config === undefined) throw unknown();
      const set = await openWebhook(sealer, config.sealed, pushId);
      const judged = set && (await judge(config, set.setBy));
      if (judged === undefined || 'hindrance' in judged) throw unknown();
      return { config, agent: judged.agent };
    },

    async accept(webhook, text) {
      const posted = parsePosted(text);
      const { pushId, agentId, version } = webhook.config;
      const body = await bodyIn(version, posted);
      await learn(webhook, posted, deps);
      await attribute(webhook.config, posted, configs);
      const deliveryId = newId();
      const sealedBody = await sealBody(sealer, body, { pushId, deliveryId });
      const acceptedAtMs = clock.nowMs();
      const delivery = { deliveryId, pushId, agentId, sealedBody, acceptedAtMs };
      // Accepted is accepted: a wake that is lost delays it, and the agent is not to post it again.
      if (await store.outbox.add(delivery, maxWaiting)) return wake(pushId, acceptedAtMs).catch(() => {});
      const isGone = (await store.configs.get(pushId, acceptedAtMs)) === undefined;
      throw isGone ? unknown() : new GatewayError({ code: 'webhook_busy', retryAfterSeconds: busySeconds });
    },
  };
}

/** Records for the holder of the webhook what is posted. @throws GatewayError `notification_refused` for what is another's */
async function learn(
  { agent, config: { holder, taskId } }: ProvedWebhook,
  { value, taskId: posted }: Posted,
  { ownership, clock }: Pick<PushIntakeDeps, 'ownership' | 'clock'>,
): Promise<void> {
  const sightings = sightingsOf(operationOf('SubscribeToTask'), value);
  // By whatever name a reader may know it.
  const isOfTask = (sighting: Sighting) => sighting.taskId === undefined || sighting.taskId === posted;
  if ((taskId ?? posted) !== posted || !sightings.every(isOfTask)) throw otherTask();
  if (ownershipOf(agent) === 'backend') return;
  await ownership.learn(holder, toShown(sightings, clock.nowMs()))?.catch((cause: unknown) => {
    throw isOfAnother(cause) ? otherTask(cause) : cause;
  });
}

function isOfAnother(cause: unknown): boolean {
  return cause instanceof GatewayError && cause.failure.code === 'upstream_response_invalid';
}

/** One that came with a message gets its task by the first that is posted, where no answer has told of it before. */
async function attribute(
  { pushId, taskId }: KeptPushConfig,
  posted: Posted,
  configs: Pick<PushConfigs, 'bind'>,
): Promise<void> {
  if (taskId === undefined && !(await configs.bind(pushId, posted.taskId))) throw unknown();
}

function unknown(): GatewayError {
  return new GatewayError({ code: 'webhook_unknown' });
}

/** Another's task looks like a task of the same holder that is not the webhook's. */
function otherTask(cause?: unknown): GatewayError {
  return new GatewayError({ code: 'notification_refused', problem: 'task' }, { cause });
}
