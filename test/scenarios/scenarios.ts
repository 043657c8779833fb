import { afterAll, beforeAll, describe } from 'vitest';
import { accessScenarios } from './access.ts';
import { backendScenarios } from './backends.ts';
import { bridgeScenarios } from './bridge.ts';
import { callScenarios } from './calls.ts';
import { type Cast, castOf, type Scene } from './cast.ts';
import { managementScenarios } from './management.ts';
import { searchScenarios } from './search.ts';
import { streamScenarios } from './streams.ts';

/**
 * What users of the gateway rely on, wherever it runs. The same suite runs over every way of running it; a way that
 * differs says where and why, in {@link Scene}'s `differences`.
 */
export function scenarioSuite(name: string, open: () => Promise<Scene>): void {
  describe(`the gateway ${name}`, () => {
    let scene: Scene;
    let cast: Cast;
    beforeAll(async () => {
      scene = await open();
      cast = await castOf(scene);
    });
    afterAll(() => scene?.close());

    describe('access', () => accessScenarios(() => cast));
    describe('calls', () => callScenarios(() => cast));
    describe('streams', () => streamScenarios(() => cast));
    describe('search', () => searchScenarios(() => cast));
    describe('management', () => managementScenarios(() => cast));
    // Last: they let alice call more agents.
    describe('calls between protocols', () => bridgeScenarios(() => cast));
    describe('backends', () => backendScenarios(() => cast));
  });
}
