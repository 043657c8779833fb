import type { Page, PageRequest } from '../port.ts';
import type { Audited } from '../ports/audit.ts';
import type { DeadLetter, Delivery, Lease, NewDelivery, PushOutbox } from '../ports/push.ts';
import { StoreError } from '../store-error.ts';
import { auditWrites } from './audited.ts';
import { textOf, ttlMsOf } from './item.ts';
import { contentOf, dropContent, getContent, putContent } from './push-content.ts';
import { deadLetterWrites, listDeadLetters, readDeadLetter, readDeadMark } from './push-dead-letters.ts';
import { duePartitions, endOfTime, timeText } from './push-keys.ts';
import {
  type FirstInLane,
  type Lane,
  type LaneItem,
  laneWrites,
  readLane,
  waitingIn,
  withLast,
  withoutFirst,
} from './push-lane.ts';
import { queryInOrder } from './read.ts';
import { sortKey, type Table } from './table.ts';
import { transact, untilWon, type Write } from './transact.ts';

/** What becomes of a lane; without one, nothing is written. */
interface Change<T> {
  answer: T;
  lane?: Lane;
  writes?: Write[];
}

/**
 * What is on its way: content, lanes and what is due in items of their own. Every step is one transaction on the condition
 * that the lane is as it was read, and is made again where it is not; so there is one order, whoever writes.
 */
export class DynamoPushOutbox implements PushOutbox {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async add(delivery: NewDelivery, maxWaiting: number): Promise<boolean> {
    const { pushId, deliveryId, acceptedAtMs } = delivery;
    let isKept = false;
    return this.#change(pushId, false, async (lane) => {
      if (lane.expiresAtMs <= acceptedAtMs || waitingIn(lane) >= maxWaiting) return { answer: false };
      if (!isKept) await putContent(this.#table, contentOf(delivery), lane.expiresAtMs);
      isKept = true;
      return { answer: true, ...withLast(lane, { deliveryId, acceptedAtMs }) };
    });
  }

  async due(nowMs: number, limit: number): Promise<string[]> {
    const until = { from: timeText(0), to: timeText(nowMs + 1) };
    const found = await Promise.all(
      duePartitions.map((pk) => this.#live({ pk, ...until }, { nowMs, limit })),
    );
    const inOrder = found.flat().toSorted();
    return inOrder.slice(0, limit).map((text) => text.slice(timeText(0).length + 1));
  }

  async nextDueAtMs(nowMs: number): Promise<number | undefined> {
    const later = { from: timeText(nowMs + 1), to: endOfTime };
    const found = await Promise.all(
      duePartitions.map((pk) => this.#live({ pk, ...later }, { nowMs, limit: 1 })),
    );
    const [next] = found.flat().toSorted();
    return next === undefined ? undefined : Number(next.slice(0, timeText(0).length));
  }

  async take(pushId: string, lease: Lease, nowMs: number): Promise<Delivery | undefined> {
    const first = await this.#change<FirstInLane | undefined>(pushId, undefined, (lane) => {
      const { first, lease: held, expiresAtMs } = lane;
      const isHeld = held !== undefined && held.leaseId !== lease.leaseId && held.untilMs > nowMs;
      if (first === undefined || first.dueAtMs > nowMs || isHeld || expiresAtMs <= nowMs) {
        return { answer: undefined };
      }
      return { answer: first, lane: { ...lane, lease } };
    });
    if (first === undefined) return undefined;
    const content = await getContent(this.#table, first.deliveryId);
    if (content === undefined) throw new StoreError('corrupt', 'a delivery waits whose content is not there');
    return { ...content, ...first };
  }

  async delivered(delivery: Delivery, lease: Lease): Promise<boolean> {
    const isDone = await this.#settle(delivery, lease, (lane) => withoutFirst(this.#table, lane));
    if (isDone) await dropContent(this.#table, contentOf(delivery));
    return isDone;
  }

  /** The problem is not kept: nothing asks for it. */
  async postpone(delivery: Delivery, lease: Lease, { dueAtMs }: { dueAtMs: number }): Promise<boolean> {
    return this.#settle(delivery, lease, (lane, first) => ({
      lane: { ...lane, first: { ...first, attempts: first.attempts + 1, dueAtMs } },
    }));
  }

  async bury(
    delivery: Delivery,
    lease: Lease,
    { nowMs, expiresAtMs, problem }: { nowMs: number; expiresAtMs: number; problem: string },
  ): Promise<boolean> {
    const { deliveryId, pushId, agentId } = delivery;
    return this.#settle(delivery, lease, async (lane, { attempts, acceptedAtMs }) => {
      // The content is to last as long as the longer of the two: it may be revived.
      if (expiresAtMs > lane.expiresAtMs) await putContent(this.#table, contentOf(delivery), expiresAtMs);
      const letter = { deliveryId, pushId, agentId, acceptedAtMs, diedAtMs: nowMs };
      const after = await withoutFirst(this.#table, lane);
      const dead = deadLetterWrites({ ...letter, attempts: attempts + 1, problem }, expiresAtMs);
      return { lane: after.lane, writes: [...after.writes, ...dead] };
    });
  }

  async release(pushId: string, { leaseId }: Lease): Promise<void> {
    await this.#change(pushId, undefined, ({ lease, ...rest }) =>
      lease?.leaseId === leaseId ? { answer: undefined, lane: rest } : { answer: undefined },
    );
  }

  async deadLetters(
    filter: { agentId?: string },
    page: PageRequest,
    nowMs: number,
  ): Promise<Page<DeadLetter>> {
    return listDeadLetters(this.#table, filter, page, nowMs);
  }

  async deadLetter(deliveryId: string, nowMs: number): Promise<DeadLetter | undefined> {
    return readDeadLetter(this.#table, deliveryId, nowMs);
  }

  async revive(deliveryId: string, nowMs: number, audited?: Audited): Promise<string | undefined> {
    return untilWon(this.#table, async () => {
      const dead = await readDeadMark(this.#table, deliveryId);
      if (dead === undefined || dead.expiresAtMs <= nowMs) return { answer: undefined };
      const old = await readLane(this.#table, dead.pushId);
      if (old === undefined || old.expiresAtMs <= nowMs) return { answer: undefined };
      const { lane, writes } = withLast(old, { deliveryId, acceptedAtMs: nowMs });
      const all = [
        ...laneWrites(old, lane),
        ...writes,
        ...dead.deletion,
        ...(await auditWrites(this.#table, audited)),
      ];
      return (await transact(this.#table, all)) ? { answer: dead.pushId } : undefined;
    });
  }

  async dropDeadLetter(deliveryId: string, audited?: Audited): Promise<boolean> {
    const dead = await readDeadMark(this.#table, deliveryId);
    if (dead === undefined) return false;
    if (!(await transact(this.#table, [...dead.deletion, ...(await auditWrites(this.#table, audited))])))
      return false;
    const content = await getContent(this.#table, deliveryId);
    if (content !== undefined) await dropContent(this.#table, content);
    return true;
  }

  /** Sort keys of the lanes in the range that have not expired, `limit` at most. */
  async #live(
    range: { pk: string; from: string; to: string },
    { nowMs, limit }: { nowMs: number; limit: number },
  ): Promise<string[]> {
    const found: string[] = [];
    for await (const item of queryInOrder(this.#table, range, limit)) {
      if (ttlMsOf(item) > nowMs) found.push(textOf(item, sortKey));
      if (found.length === limit) break;
    }
    return found;
  }

  async #settle(
    { pushId, deliveryId }: Delivery,
    { leaseId }: Lease,
    change: (
      lane: Lane,
      first: FirstInLane,
    ) => Omit<Change<true>, 'answer'> | Promise<Omit<Change<true>, 'answer'>>,
  ): Promise<boolean> {
    return this.#change<boolean>(pushId, false, async (lane) => {
      const { first, lease } = lane;
      if (first?.deliveryId !== deliveryId || lease?.leaseId !== leaseId) return { answer: false };
      return { answer: true, ...(await change(lane, first)) };
    });
  }

  /** @param absent what is answered where there is no lane */
  async #change<T>(
    pushId: string,
    absent: T,
    change: (lane: LaneItem) => Change<T> | Promise<Change<T>>,
  ): Promise<T> {
    return untilWon(this.#table, async () => {
      const old = await readLane(this.#table, pushId);
      if (old === undefined) return { answer: absent };
      const { answer, lane, writes = [] } = await change(old);
      if (lane === undefined) return { answer };
      return (await transact(this.#table, [...laneWrites(old, lane), ...writes])) ? { answer } : undefined;
    });
  }
}
