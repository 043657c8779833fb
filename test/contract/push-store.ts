import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../../src/store/port.ts';
import { pushConfigContract } from './push-configs.ts';
import { pushOutboxContract } from './push-outbox.ts';
import { pushPropertyContract } from './push-properties.ts';
import { pushRaceContract } from './push-races.ts';

export interface PushStoreContractOptions {
  /** A store with nothing in it. The suite closes it. */
  open(): Promise<Store>;
  /** Runs a property. Default 60; less for an adapter whose every write crosses a network. */
  propertyRuns?: number;
  /** Lanes raced on. Default 20; none only where a test double does one thing at a time. */
  racedLanes?: number;
  /** Characters of the largest body tried. Default two million; less only where a test double holds less. */
  bodyLength?: number;
}

/** What every adapter of PushStore promises. */
export function pushStoreContract(name: string, options: PushStoreContractOptions): void {
  const { propertyRuns = 60, racedLanes = 20, bodyLength = 2_000_000 } = options;
  describe(`the push store contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await options.open();
    });
    afterEach(() => store.close());

    describe('configurations', () => pushConfigContract(() => store.push));
    describe('the outbox', () => pushOutboxContract(() => store.push, bodyLength));
    describe('any history', () => pushPropertyContract(() => store.push, propertyRuns));
    if (racedLanes > 0) describe('races', () => pushRaceContract(() => store.push, racedLanes));
  });
}
