import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock, Secrets } from '../../src/ports.ts';

export interface SecretsContractOptions {
  /** Secrets with nothing in them, that tell the time by `clock`. `close` is called after each test. */
  open(clock: Clock): Promise<{ secrets: Secrets; close(): Promise<void> }>;
  /** Bytes of the largest value tried. Default 65 536, what Secrets Manager holds. */
  valueBytes?: number;
  /** Step of `createdAtMs`. Default 1; 1000 where the service tells seconds. */
  timeStepMs?: number;
  /** The service tells the time by a clock of its own, so a time is only checked to lie within the test. */
  ownClock?: boolean;
  /** Runs a property. Default 40; less for an adapter whose every call crosses a network. */
  propertyRuns?: number;
}

/** What every adapter of the Secrets port promises. */
export function secretsContract(name: string, options: SecretsContractOptions): void {
  describe(`the secrets contract: ${name}`, () => {
    let secrets: Secrets;
    let close: () => Promise<void>;
    let nowMs = 0;
    beforeEach(async () => {
      nowMs = 1_700_000_000_000;
      ({ secrets, close } = await options.open({ nowMs: () => nowMs }));
    });
    afterEach(() => close());

    it('answers undefined for a name that is not there', async () => {
      expect(await secrets.get('agents/nobody/1')).toBeUndefined();
    });

    it('gives back any text that was put', async () => {
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (value) => {
          await secrets.put('agents/a/1', value);
          expect(await secrets.get('agents/a/1')).toBe(value);
          await secrets.delete('agents/a/1');
        }),
        { numRuns: options.propertyRuns ?? 40, examples: [['\ufeffmark'], ['a\0b'], [' \n']] },
      );
    });

    it('keeps a value of the largest size', async () => {
      const value = 'ä'.repeat((options.valueBytes ?? 65_536) / 2);
      await secrets.put('agents/a/1', value);
      expect(await secrets.get('agents/a/1')).toBe(value);
    });

    it('takes the same name and value twice, as a retry sends them', async () => {
      await secrets.put('agents/a/1', 's3cret');
      await secrets.put('agents/a/1', 's3cret');
      expect(await secrets.get('agents/a/1')).toBe('s3cret');
      expect(await secrets.list('')).toHaveLength(1);
    });

    it('creates a name once, whoever comes at the same moment', async () => {
      const values = ['one', 'two', 'three', 'four'];
      const created = await Promise.all(values.map((value) => secrets.create('sealing/1', value)));
      expect(created.filter(Boolean)).toHaveLength(1);
      expect(await secrets.get('sealing/1')).toBe(values[created.indexOf(true)]);
      expect(await secrets.create('sealing/1', 'later')).toBe(false);
      expect(await secrets.get('sealing/1')).toBe(values[created.indexOf(true)]);
    });

    it('deletes a name, and an absent name succeeds', async () => {
      await secrets.put('agents/a/1', 'one');
      await secrets.put('agents/a/2', 'two');
      await secrets.delete('agents/a/1');
      await secrets.delete('agents/a/1');
      expect(await secrets.get('agents/a/1')).toBeUndefined();
      expect(await secrets.get('agents/a/2')).toBe('two');
    });

    it('lists every name that begins with a prefix, with its time', async () => {
      const stepMs = options.timeStepMs ?? 1;
      const startMs = nowMs;
      const startedMs = Date.now();
      const names = ['agents/a/1', 'agents/a/2', 'agents/ab/1', 'agents/A/1', 'agent', 'clients/%_*/1'];
      for (const put of names) {
        await secrets.put(put, 'value');
        nowMs += stepMs;
      }
      const listed = async (prefix: string) =>
        Object.fromEntries((await secrets.list(prefix)).map((entry) => [entry.name, entry.createdAtMs]));
      const times = await listed('agents/a/');
      expect(Object.keys(times).toSorted()).toEqual(['agents/a/1', 'agents/a/2']);
      if (options.ownClock === true) {
        for (const createdAtMs of Object.values(times)) {
          expect(createdAtMs).toBeGreaterThan(startedMs - stepMs);
          expect(createdAtMs).toBeLessThanOrEqual(Date.now());
        }
      } else {
        expect(times).toEqual({ 'agents/a/1': startMs, 'agents/a/2': startMs + stepMs });
      }
      expect(Object.keys(await listed('agents/a')).toSorted()).toEqual([
        'agents/a/1',
        'agents/a/2',
        'agents/ab/1',
      ]);
      expect(Object.keys(await listed('')).toSorted()).toEqual(names.toSorted());
      expect(Object.keys(await listed('clients/%_*/'))).toEqual(['clients/%_*/1']);
      expect(await secrets.list('agents/_')).toEqual([]);
      expect(await secrets.list('zzz')).toEqual([]);
    });
  });
}
