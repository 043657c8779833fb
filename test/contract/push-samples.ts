import type { KeptPushConfig, Lease, NewDelivery } from '../../src/store/ports/push.ts';

/** Whole seconds: an adapter may round a time of expiry up to them. */
export const nowMs = 1_800_000_000_000;
export const laterMs = nowMs + 3_600_000;

export const holder = { agentKey: 'a'.repeat(43), ownerKey: 'b'.repeat(43) };

export function aConfig(pushId: string, members: Partial<KeptPushConfig> = {}): KeptPushConfig {
  return {
    pushId,
    agentId: 'agent',
    holder,
    taskId: 'task',
    configId: `config of ${pushId}`,
    version: '1.0',
    secretHash: 'c'.repeat(64),
    sealed: 'sealed.webhook',
    createdAtMs: nowMs,
    expiresAtMs: laterMs,
    ...members,
  };
}

/** One of a message that no task is known for yet. */
export function unbound(pushId: string, members: Partial<KeptPushConfig> = {}): KeptPushConfig {
  const { taskId: _, ...config } = aConfig(pushId, members);
  return config;
}

export function aDelivery(deliveryId: string, members: Partial<NewDelivery> = {}): NewDelivery {
  return {
    deliveryId,
    pushId: 'p',
    agentId: 'agent',
    sealedBody: `sealed.body.of.${deliveryId}`,
    acceptedAtMs: nowMs,
    ...members,
  };
}

export function aLease(leaseId: string, untilMs = nowMs + 60_000): Lease {
  return { leaseId, untilMs };
}

export const dead = { nowMs: nowMs + 5, expiresAtMs: laterMs, problem: 'status' };
