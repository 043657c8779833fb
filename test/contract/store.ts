import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../../src/store/port.ts';
import { affinityContract } from './affinities.ts';
import { agentContract } from './agents.ts';
import { auditContract } from './audit.ts';
import { auditedContract } from './audited.ts';
import { cardVersionContract } from './card-versions.ts';
import { healthContract } from './health.ts';
import { permissionContract } from './permissions.ts';
import { revocationContract } from './revocations.ts';
import { usageContract } from './usage.ts';

export { anAgent, aPermission } from './store-samples.ts';

export interface StoreContractOptions {
  /** A store with nothing in it. The suite closes it. */
  open(): Promise<Store>;
  /** Bytes of the largest card tried. Default 1 MiB, the gateway's limit; less only where a test double holds less. */
  cardBytes?: number;
  /** Runs a property. Default 60; less for an adapter whose every write crosses a network. */
  propertyRuns?: number;
}

/** What every adapter of the Store port promises. */
export function storeContract(name: string, options: StoreContractOptions): void {
  describe(`the store contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await options.open();
    });
    afterEach(() => store.close());

    describe('agents', () => agentContract(() => store, options));
    describe('versions of cards', () => cardVersionContract(() => store, options.cardBytes));
    describe('permissions', () => permissionContract(() => store));
    describe('affinities', () => affinityContract(() => store));
    describe('health', () => healthContract(() => store));
    describe('revocations', () => revocationContract(() => store));
    describe('the trail', () => auditContract(() => store));
    describe('writes that the trail tells of', () => auditedContract(() => store, options.cardBytes));
    describe('what was used', () => usageContract(() => store, Math.ceil((options.propertyRuns ?? 60) / 3)));
  });
}
