import type { PushStore } from '../ports/push.ts';
import { StoreError } from '../store-error.ts';

/** Webhooks are not kept in DynamoDB: every call fails. */
export function createDynamoPush(): PushStore {
  const refuse = () => Promise.reject(new StoreError('failed', 'webhooks are not kept in DynamoDB'));
  return {
    configs: {
      put: refuse,
      get: refuse,
      bind: refuse,
      find: refuse,
      ofTask: refuse,
      delete: refuse,
      sweep: refuse,
    },
    outbox: {
      add: refuse,
      due: refuse,
      nextDueAtMs: refuse,
      take: refuse,
      delivered: refuse,
      postpone: refuse,
      bury: refuse,
      release: refuse,
      deadLetters: refuse,
      revive: refuse,
      dropDeadLetter: refuse,
    },
  };
}
