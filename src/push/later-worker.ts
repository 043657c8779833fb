import type { PushWorker } from './push-worker.ts';
import type { PushWorkerDeps } from './worker.ts';

/** The worker, loaded with the first lane: functions on Lambda that take calls never deliver. */
export function createLaterWorker(deps: PushWorkerDeps): PushWorker {
  let loaded: Promise<PushWorker> | undefined;
  return {
    async work(pushId) {
      loaded ??= import('./worker.ts').then(({ createPushWorker }) => createPushWorker(deps));
      return (await loaded).work(pushId);
    },
  };
}
