import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Delivery, Lease, PushStore } from '../../src/store/ports/push.ts';
import { pushModel } from './push-model.ts';
import { aConfig, aDelivery, aLease, holder, laterMs, nowMs, unbound } from './push-samples.ts';

/** Any order of calls is answered as the model answers it; and many at work at once keep order and lose nothing. */
export function pushPropertyContract(push: () => PushStore, runs: number): void {
  it('answers as the model does, whatever has happened before', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (history) => {
        // Other ids each time: what an earlier history left is then nobody's.
        run += 1;
        const real = new Player(push(), `${run}`);
        const model = new Player(pushModel(), `${run}`);
        for (const step of history) {
          expect([step, await real.play(step)]).toEqual([step, await model.play(step)]);
        }
        expect(await real.state()).toEqual(await model.state());
        await real.clear();
      }),
      { numRuns: runs },
    );
  });

  it('gives a lane to one of many who ask at once', async () => {
    await push().configs.put(aConfig('p'), 10);
    await push().outbox.add(aDelivery('d'), 10);
    const leases = Array.from({ length: 8 }, (_, n) => aLease(`l${n}`));
    const taken = await Promise.all(leases.map((lease) => push().outbox.take('p', lease, nowMs)));
    expect(taken.filter((delivery) => delivery !== undefined)).toHaveLength(1);
  });

  it('holds to what may wait however many are added at once', async () => {
    await push().configs.put(aConfig('p'), 10);
    const added = await Promise.all(
      Array.from({ length: 8 }, (_, n) => push().outbox.add(aDelivery(`d${n}`), 3)),
    );
    expect(added.filter(Boolean)).toHaveLength(3);
  });

  it('revives a dead letter once, however many ask', async () => {
    await push().configs.put(aConfig('p'), 10);
    await push().outbox.add(aDelivery('d'), 10);
    const taken = await push().outbox.take('p', aLease('l'), nowMs);
    const dead = { nowMs, expiresAtMs: laterMs, problem: 'status' };
    expect(taken && (await push().outbox.bury(taken, aLease('l'), dead))).toBe(true);
    const revived = await Promise.all(Array.from({ length: 4 }, () => push().outbox.revive('d', nowMs)));
    expect(revived.filter(Boolean)).toHaveLength(1);
  });

  it('delivers each once and in order while many add and many deliver', async () => {
    const perRun = 5;
    for (let run = 0; run * perRun < 100 && run < runs; run++) {
      const pushId = `lane ${run}`;
      await push().configs.put(aConfig(pushId, { taskId: pushId }), 10);
      const seen: string[] = [];
      const add = async (who: string) => {
        for (let n = 0; n < perRun; n++) {
          expect(await push().outbox.add(aDelivery(`${run}/${who}/${n}`, { pushId }), 100)).toBe(true);
        }
      };
      const work = async (lease: Lease) => {
        for (let idle = 0; seen.length < 2 * perRun; idle++) {
          const taken = await push().outbox.take(pushId, lease, nowMs);
          if (taken !== undefined) {
            // Noted before it is settled, as a receiver sees it: twice would be seen.
            seen.push(taken.deliveryId);
            expect(await push().outbox.delivered(taken, lease)).toBe(true);
            await push().outbox.release(pushId, lease);
          }
          if (idle > 10_000) throw new Error('nothing is delivered any more');
        }
      };
      await Promise.all([add('a'), add('b'), work(aLease('one')), work(aLease('two'))]);
      for (const who of ['a', 'b']) {
        const own = seen.filter((id) => id.includes(`/${who}/`));
        expect(own).toEqual(Array.from({ length: perRun }, (_, n) => `${run}/${who}/${n}`));
      }
      expect(seen).toHaveLength(2 * perRun);
    }
  });
}

const lane = fc.constantFrom('p', 'q', 'r');
const who = fc.constantFrom('one', 'two');
const steps = fc.oneof(
  fc.record({ do: fc.constant('put'), lane, config: fc.constantFrom('c', 'd'), bound: fc.boolean() }),
  fc.record({ do: fc.constant('bind'), lane, task: fc.constantFrom('task', 'other') }),
  fc.record({ do: fc.constant('delete'), lane }),
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add'), lane }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('take'), lane, who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delivered'), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('postpone'), who, byMs: fc.nat(3_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('bury'), who }) },
  fc.record({ do: fc.constant('release'), lane, who }),
  fc.record({ do: fc.constant('revive'), nth: fc.nat(5) }),
  fc.record({ do: fc.constant('drop'), nth: fc.nat(5) }),
  fc.record({ do: fc.constant('wait'), byMs: fc.nat(2_500) }),
);
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** Plays a history on a store, with a clock, and ids of its own. */
class Player {
  readonly #push: PushStore;
  readonly #run: string;
  #nowMs = nowMs;
  #made = 0;
  readonly #held = new Map<string, Delivery>();

  constructor(push: PushStore, run: string) {
    this.#push = push;
    this.#run = run;
  }

  async play(step: Step): Promise<unknown> {
    const { configs, outbox } = this.#push;
    const lease = 'who' in step ? this.#lease(step.who) : aLease('');
    const pushId = 'lane' in step ? this.#id(step.lane) : '';
    const held = 'who' in step ? this.#held.get(step.who) : undefined;
    switch (step.do) {
      case 'put': {
        const { config: configId = '', bound } = step as { config?: string; bound?: boolean };
        const members = { configId, agentId: this.#run, holder: this.#holder(), createdAtMs: this.#nowMs };
        return configs.put(bound ? aConfig(pushId, members) : unbound(pushId, members), 1);
      }
      case 'bind':
        return configs.bind(pushId, 'task' in step ? step.task : '');
      case 'delete':
        return configs.delete(pushId);
      case 'add':
        return outbox.add(
          aDelivery(this.#id(`d${this.#made++}`), { pushId, agentId: this.#run, acceptedAtMs: this.#nowMs }),
          3,
        );
      case 'take': {
        const taken = await outbox.take(pushId, lease, this.#nowMs);
        if (taken !== undefined && 'who' in step) this.#held.set(step.who, taken);
        return taken;
      }
      case 'delivered':
        return held && outbox.delivered(held, lease);
      case 'postpone': {
        const byMs = 'byMs' in step ? step.byMs : 0;
        return held && outbox.postpone(held, lease, { dueAtMs: this.#nowMs + byMs, problem: 'status' });
      }
      case 'bury':
        return (
          held && outbox.bury(held, lease, { nowMs: this.#nowMs, expiresAtMs: laterMs, problem: 'status' })
        );
      case 'release':
        return outbox.release(pushId, lease);
      case 'revive':
        return outbox.revive(this.#id(`d${'nth' in step ? step.nth : 0}`), this.#nowMs);
      case 'drop':
        return outbox.dropDeadLetter(this.#id(`d${'nth' in step ? step.nth : 0}`));
      default:
        this.#nowMs += 'byMs' in step ? step.byMs : 0;
        return this.#due();
    }
  }

  /** All that can be seen from outside. */
  async state(): Promise<unknown> {
    const { configs, outbox } = this.#push;
    const page = { size: 100 };
    return {
      configs: await Promise.all(['p', 'q', 'r'].map((name) => configs.get(this.#id(name), this.#nowMs))),
      ofTask: await configs.ofTask(this.#holder(), 'task', page, this.#nowMs),
      ofOther: await configs.ofTask(this.#holder(), 'other', page, this.#nowMs),
      dead: await outbox.deadLetters({ agentId: this.#run }, page, this.#nowMs),
      due: await this.#due(),
    };
  }

  async clear(): Promise<void> {
    for (const name of ['p', 'q', 'r']) await this.#push.configs.delete(this.#id(name));
  }

  /** Sorted: two lanes may be due at the same time. */
  async #due(): Promise<unknown> {
    const { outbox } = this.#push;
    return [(await outbox.due(this.#nowMs, 100)).toSorted(), await outbox.nextDueAtMs(this.#nowMs)];
  }

  #id(name: string): string {
    return `${this.#run}-${name}`;
  }

  #holder() {
    return { ...holder, ownerKey: this.#run };
  }

  #lease(leaseId: string): Lease {
    return { leaseId, untilMs: this.#nowMs + 4_000 };
  }
}
