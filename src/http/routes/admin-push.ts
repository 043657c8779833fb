import type { Principal } from '../../access/principal.ts';
import { GatewayError } from '../../failure.ts';
import { type DescribedDeadLetter, describeDeadLetters } from '../../push/dead-letters.ts';
import { isAgentId } from '../../registry/agent.ts';
import type { Audited } from '../../store/ports/audit.ts';
import type { PushOutbox } from '../../store/ports/push.ts';
import { changerOf } from '../managed-agent.ts';
import { pageMembers, pageRequest } from '../paging.ts';
import { json, noContent } from '../respond.ts';
import type { Call, Route } from '../route.ts';
import type { Services } from '../services.ts';

/** Notifications that were given up; administrators only, because their tasks are many callers'. */
export const adminPushRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/admin/push/dead-letters',
    access: 'admin',
    summary: 'Notifications that no webhook took, the latest first',
    answers: [200],
    query: {
      agentId: 'only of this agent',
      pageSize: '1 to 100, default 50',
      pageToken: 'from the page before',
    },
    async handle(call, { store: { push }, sealer, clock }) {
      const page = await push.outbox.deadLetters(filterOf(call), pageRequest(call.query), clock.nowMs());
      const letters = await describeDeadLetters({ push, sealer, clock }, page.items);
      return json(call, { deadLetters: letters.map(letterView), ...pageMembers(page) });
    },
  },
  {
    method: 'POST',
    path: '/admin/push/dead-letters/{deliveryId}/retry',
    access: 'admin',
    summary: 'Send a notification again, behind what waits for its webhook',
    answers: [204],
    async handle(call, services) {
      const { wakePush, clock } = services;
      const nowMs = clock.nowMs();
      const pushId = await change(call, services, 'deadLetter.retry', (outbox, deliveryId, audited) =>
        outbox.revive(deliveryId, nowMs, audited),
      );
      if (pushId === undefined) throw new GatewayError({ code: 'dead_letter_not_found' });
      await wakePush(pushId, nowMs).catch(() => {}); // It is found without, later.
      return noContent(call);
    },
  },
  {
    method: 'DELETE',
    path: '/admin/push/dead-letters/{deliveryId}',
    access: 'admin',
    summary: 'Forget a notification',
    answers: [204],
    async handle(call, services) {
      const isGone = await change(call, services, 'deadLetter.delete', (outbox, deliveryId, audited) =>
        outbox.dropDeadLetter(deliveryId, audited),
      );
      if (isGone) return noContent(call);
      throw new GatewayError({ code: 'dead_letter_not_found' });
    },
  },
];

/** @throws GatewayError `dead_letter_not_found` */
async function change<T>(
  call: Call & { principal: Principal },
  { store: { push }, sealer, clock, changeTrail }: Services,
  action: 'deadLetter.retry' | 'deadLetter.delete',
  write: (outbox: PushOutbox, deliveryId: string, audited: Audited) => Promise<T>,
): Promise<T> {
  const deliveryId = deliveryIdOf(call);
  const letter = await push.outbox.deadLetter(deliveryId, clock.nowMs());
  if (letter === undefined) throw new GatewayError({ code: 'dead_letter_not_found' });
  const [described] = await describeDeadLetters({ push, sealer, clock }, [letter]);
  const told = {
    ...{ ...changerOf(call), action, target: deliveryId, agentId: letter.agentId },
    ...(described !== undefined && { before: letterView(described) }),
  };
  return changeTrail.change(told, (audited) => write(push.outbox, deliveryId, audited));
}

function filterOf({ query }: Call): { agentId?: string } {
  const agentId = new URLSearchParams(query).get('agentId');
  if (agentId === null) return {};
  if (isAgentId(agentId)) return { agentId };
  throw new GatewayError({ code: 'parameter_invalid', parameter: 'agentId', problem: 'not an agent id' });
}

function deliveryIdOf({ params: { deliveryId = '' } }: Call): string {
  if (/^[\w-]{1,128}$/.test(deliveryId)) return deliveryId;
  throw new GatewayError({ code: 'dead_letter_not_found' });
}

function letterView({ acceptedAtMs, diedAtMs, ...letter }: DescribedDeadLetter): Record<string, unknown> {
  return {
    ...letter,
    acceptedAt: new Date(acceptedAtMs).toISOString(),
    diedAt: new Date(diedAtMs).toISOString(),
  };
}
