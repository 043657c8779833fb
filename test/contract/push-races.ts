import { expect, it } from 'vitest';
import type { Lease, PushStore } from '../../src/store/ports/push.ts';
import { aConfig, aDelivery, aLease, dead, nowMs } from './push-samples.ts';

/** Many at work on one lane at once keep its order, lose nothing and do nothing twice. */
export function pushRaceContract(push: () => PushStore, lanes: number): void {
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
    expect(taken && (await push().outbox.bury(taken, aLease('l'), dead))).toBe(true);
    const revived = await Promise.all(Array.from({ length: 4 }, () => push().outbox.revive('d', nowMs)));
    expect(revived.filter((pushId) => pushId !== undefined)).toEqual(['p']);
  });

  it('delivers each once and in order while many add and many deliver', async () => {
    const perRun = 5;
    for (let run = 0; run < lanes; run++) {
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
