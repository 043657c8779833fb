import { deadLetterPlace } from '../../src/store/dead-letter-place.ts';
import type { DeadLetter, Delivery, KeptPushConfig, Lease, PushStore } from '../../src/store/ports/push.ts';

interface Lane {
  config: KeptPushConfig;
  waiting: Delivery[];
  lease?: Lease;
}

/** The port in its plainest form: what every adapter is compared with. */
export function pushModel(): PushStore {
  const lanes = new Map<string, Lane>();
  const dead: { letter: DeadLetter; body: string; expiresAtMs: number }[] = [];

  const at = (pushId: string, nowMs: number) => {
    const lane = lanes.get(pushId);
    return lane !== undefined && lane.config.expiresAtMs > nowMs ? lane : undefined;
  };
  const all = (nowMs: number) => [...lanes.values()].filter(({ config }) => config.expiresAtMs > nowMs);
  const sameTask = (one: KeptPushConfig, other: KeptPushConfig) =>
    one.taskId === other.taskId &&
    one.holder.agentKey === other.holder.agentKey &&
    one.holder.ownerKey === other.holder.ownerKey;
  const makeWay = (config: KeptPushConfig) => {
    for (const { config: other } of lanes.values()) {
      if (sameTask(other, config) && other.configId === config.configId) lanes.delete(other.pushId);
    }
  };
  const readyAtMs = ({ waiting: [first], lease }: Lane) => Math.max(first?.dueAtMs ?? 0, lease?.untilMs ?? 0);
  const waitingLanes = (nowMs: number) => all(nowMs).filter(({ waiting }) => waiting.length > 0);
  const ended = (delivery: Delivery, { leaseId }: Lease, change: (lane: Lane, first: Delivery) => void) => {
    const lane = lanes.get(delivery.pushId);
    const [first] = lane?.waiting ?? [];
    if (lane?.lease?.leaseId !== leaseId || first?.deliveryId !== delivery.deliveryId) return false;
    change(lane, first);
    if (lane.waiting.length === 0) delete lane.lease;
    return true;
  };
  const page = <T>(items: T[], size: number, keyOf: (item: T) => string, after = '') => {
    const ahead = items.filter((item) => keyOf(item) > after);
    const chosen = ahead.slice(0, size);
    const last = ahead.length > size ? chosen.at(-1) : undefined;
    return { items: chosen, ...(last !== undefined && { next: keyOf(last) }), totalSize: items.length };
  };

  return {
    configs: {
      async put(config, maxOfTask) {
        if (config.taskId !== undefined) {
          const others = all(config.createdAtMs).filter(
            ({ config: other }) => sameTask(other, config) && other.configId !== config.configId,
          );
          if (others.length >= maxOfTask) return false;
          makeWay(config);
        }
        lanes.set(config.pushId, { config, waiting: [] });
        return true;
      },
      get: async (pushId, nowMs) => at(pushId, nowMs)?.config,
      async bind(pushId, taskId) {
        const lane = lanes.get(pushId);
        if (lane === undefined) return false;
        if (lane.config.taskId !== undefined) return lane.config.taskId === taskId;
        const config = { ...lane.config, taskId };
        makeWay(config);
        lane.config = config;
        return true;
      },
      async find(holder, taskId, configId, nowMs) {
        const found = all(nowMs).find(
          ({ config }) => sameTask(config, { ...config, holder, taskId }) && config.configId === configId,
        );
        return found?.config;
      },
      async ofTask(holder, taskId, { size, after }, nowMs) {
        const those = all(nowMs)
          .map(({ config }) => config)
          .filter((config) => sameTask(config, { ...config, holder, taskId }))
          .sort((a, b) => (a.configId < b.configId ? -1 : 1));
        return page(those, size, ({ configId }) => configId, after);
      },
      async delete(pushId) {
        lanes.delete(pushId);
      },
      async sweep() {},
    },
    outbox: {
      async add(delivery, maxWaiting) {
        const lane = at(delivery.pushId, delivery.acceptedAtMs);
        if (lane === undefined || lane.waiting.length >= maxWaiting) return false;
        lane.waiting.push({ ...delivery, attempts: 0, dueAtMs: delivery.acceptedAtMs });
        return true;
      },
      async due(nowMs, limit) {
        return waitingLanes(nowMs)
          .filter((lane) => readyAtMs(lane) <= nowMs)
          .sort((a, b) => (a.waiting[0]?.dueAtMs ?? 0) - (b.waiting[0]?.dueAtMs ?? 0))
          .map(({ config }) => config.pushId)
          .slice(0, limit);
      },
      async nextDueAtMs(nowMs) {
        const later = waitingLanes(nowMs)
          .map(readyAtMs)
          .filter((ms) => ms > nowMs);
        return later.length === 0 ? undefined : Math.min(...later);
      },
      async take(pushId, lease, nowMs) {
        const lane = at(pushId, nowMs);
        const [first] = lane?.waiting ?? [];
        if (lane === undefined || first === undefined || first.dueAtMs > nowMs) return undefined;
        const { lease: held } = lane;
        if (held !== undefined && held.leaseId !== lease.leaseId && held.untilMs > nowMs) return undefined;
        lane.lease = lease;
        return { ...first };
      },
      async delivered(delivery, lease) {
        return ended(delivery, lease, ({ waiting }) => waiting.shift());
      },
      async postpone(delivery, lease, { dueAtMs }) {
        return ended(delivery, lease, (_, first) => {
          first.attempts += 1;
          first.dueAtMs = dueAtMs;
        });
      },
      async bury(delivery, lease, { nowMs, expiresAtMs, problem }) {
        return ended(delivery, lease, ({ waiting }, { deliveryId, pushId, agentId, ...first }) => {
          waiting.shift();
          const { acceptedAtMs, sealedBody: body } = first;
          const letter = { deliveryId, pushId, agentId, acceptedAtMs, diedAtMs: nowMs };
          dead.push({ letter: { ...letter, attempts: first.attempts + 1, problem }, body, expiresAtMs });
        });
      },
      async release(pushId, { leaseId }) {
        const lane = lanes.get(pushId);
        if (lane?.lease?.leaseId === leaseId) delete lane.lease;
      },
      async deadLetters({ agentId }, { size, after }, nowMs) {
        const placeOf = ({ diedAtMs, deliveryId }: DeadLetter) => deadLetterPlace(diedAtMs, deliveryId);
        const those = dead
          .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
          .map(({ letter }) => letter)
          .filter((letter) => agentId === undefined || letter.agentId === agentId)
          .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
        return page(those, size, placeOf, after);
      },
      async deadLetter(deliveryId, nowMs) {
        return dead.find(({ letter, expiresAtMs }) => letter.deliveryId === deliveryId && expiresAtMs > nowMs)
          ?.letter;
      },
      async revive(deliveryId, nowMs) {
        const found = dead.findIndex(({ letter }) => letter.deliveryId === deliveryId);
        const { letter, body = '', expiresAtMs = 0 } = dead[found] ?? {};
        const lane = letter && at(letter.pushId, nowMs);
        if (letter === undefined || lane === undefined || expiresAtMs <= nowMs) return undefined;
        dead.splice(found, 1);
        const { pushId, agentId } = letter;
        const times = { acceptedAtMs: nowMs, dueAtMs: nowMs };
        lane.waiting.push({ deliveryId, pushId, agentId, sealedBody: body, attempts: 0, ...times });
        return pushId;
      },
      async dropDeadLetter(deliveryId) {
        const found = dead.findIndex(({ letter }) => letter.deliveryId === deliveryId);
        if (found >= 0) dead.splice(found, 1);
        return found >= 0;
      },
    },
  };
}
