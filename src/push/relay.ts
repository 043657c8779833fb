import type { PushStore } from '../store/ports/push.ts';
import { createPushConfigs, type PushConfigs, type PushConfigsDeps } from './configs.ts';
import { createPushIntake, type PushIntake, type PushIntakeDeps } from './intake.ts';

/** How webhooks get in: what callers set, and what agents post. */
export interface PushRelay {
  configs: PushConfigs;
  intake: PushIntake;
}

export interface PushRelayDeps
  extends Omit<PushConfigsDeps, 'store'>,
    Omit<PushIntakeDeps, 'store' | 'configs'> {
  store: PushStore;
}

export function createPushRelay(deps: PushRelayDeps): PushRelay {
  const { store } = deps;
  const configs = createPushConfigs({ ...deps, store: store.configs });
  return { configs, intake: createPushIntake({ ...deps, store, configs }) };
}
