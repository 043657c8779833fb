import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Delivery, Lease, PushStore } from '../../src/store/ports/push.ts';
import { pushModel } from './push-model.ts';
import { aConfig, aDelivery, aLease, holder, laterMs, nowMs, unbound } from './push-samples.ts';

/** Any history of calls is answered as the model answers it. */
export function pushPropertyContract(push: () => PushStore, runs: number): void {
  it('answers as the model does, whatever has happened before', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (history) => {
        run += 1;
        const real = new Player(push(), `${run}`);
        const model = new Player(pushModel(), `${run}`);
        try {
          for (const step of history) {
            expect([step, await real.play(step)]).toEqual([step, await model.play(step)]);
          }
          expect(await real.state()).toEqual(await model.state());
        } finally {
          await real.clear();
        }
      }),
      { numRuns: runs },
    );
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
  /** Every webhook there was, by the lane it stood for: none has the id of another, and the last one counts. */
  readonly #webhooks: { lane: string; pushId: string }[] = [];
  readonly #held = new Map<string, Delivery>();

  constructor(push: PushStore, run: string) {
    this.#push = push;
    this.#run = run;
  }

  async play(step: Step): Promise<unknown> {
    const { configs, outbox } = this.#push;
    const lease = 'who' in step ? this.#lease(step.who) : aLease('');
    const pushId = this.#pushId(step);
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
      configs: await Promise.all(this.#all().map((pushId) => configs.get(pushId, this.#nowMs))),
      ofTask: await configs.ofTask(this.#holder(), 'task', page, this.#nowMs),
      ofOther: await configs.ofTask(this.#holder(), 'other', page, this.#nowMs),
      dead: await outbox.deadLetters({ agentId: this.#run }, page, this.#nowMs),
      due: await this.#due(),
    };
  }

  async clear(): Promise<void> {
    for (const pushId of this.#all()) await this.#push.configs.delete(pushId);
  }

  /** Sorted: two lanes may be due at the same time. */
  async #due(): Promise<unknown> {
    const { outbox } = this.#push;
    return [(await outbox.due(this.#nowMs, 100)).toSorted(), await outbox.nextDueAtMs(this.#nowMs)];
  }

  #pushId(step: Step): string {
    if (!('lane' in step)) return '';
    const { lane } = step;
    if (step.do === 'put') this.#webhooks.push({ lane, pushId: this.#id(`${lane}${this.#made++}`) });
    return this.#webhooks.findLast((one) => one.lane === lane)?.pushId ?? 'none';
  }

  #all(): string[] {
    return this.#webhooks.map(({ pushId }) => pushId);
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
