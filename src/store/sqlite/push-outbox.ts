import { deadLetterPlace } from '../dead-letter-place.ts';
import { keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import type { Page, PageRequest } from '../port.ts';
import type { Audited } from '../ports/audit.ts';
import type { DeadLetter, Delivery, Lease, NewDelivery, PushOutbox } from '../ports/push.ts';
import { withAudit } from './audited.ts';
import type { SqlDriver } from './driver.ts';

const letterColumns = `delivery_id AS deliveryId, push_id AS pushId, agent_id AS agentId,
  accepted_at_ms AS acceptedAtMs, died_at_ms AS diedAtMs, attempts, problem`;

/**
 * What is on its way in the table `push_deliveries`, in the order of its sequence. A lane has a row in `push_lanes` while
 * something waits in it: when its first delivery is due, and who has it.
 */
export class SqlitePushOutbox implements PushOutbox {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async add(delivery: NewDelivery, maxWaiting: number): Promise<boolean> {
    return this.#driver.transaction(() => {
      const { pushId, acceptedAtMs } = delivery;
      if (!this.#isThere(pushId, acceptedAtMs)) return false;
      const found = this.#driver.get<{ waiting: number }>(
        'SELECT count(*) AS waiting FROM push_deliveries WHERE push_id = ?',
        [pushId],
      );
      if ((found?.waiting ?? 0) >= maxWaiting) return false;
      this.#enqueue(delivery);
      return true;
    });
  }

  async due(nowMs: number, limit: number): Promise<string[]> {
    return this.#driver
      .all<{ push_id: string }>(
        `SELECT push_id FROM push_lanes JOIN push_configs USING (push_id)
         WHERE due_at_ms <= ? AND lease_until_ms <= ? AND expires_at_ms > ?
         ORDER BY due_at_ms, push_id LIMIT ?`,
        [nowMs, nowMs, nowMs, limit],
      )
      .map((row) => row.push_id);
  }

  async nextDueAtMs(nowMs: number): Promise<number | undefined> {
    const found = this.#driver.get<{ next: number | null }>(
      `SELECT min(max(due_at_ms, lease_until_ms)) AS next FROM push_lanes JOIN push_configs USING (push_id)
       WHERE max(due_at_ms, lease_until_ms) > ? AND expires_at_ms > ?`,
      [nowMs, nowMs],
    );
    return found?.next ?? undefined;
  }

  async take(pushId: string, lease: Lease, nowMs: number): Promise<Delivery | undefined> {
    return this.#driver.transaction(() => {
      if (!this.#isThere(pushId, nowMs)) return undefined;
      const taken = this.#driver.run(
        `UPDATE push_lanes SET lease_id = ?, lease_until_ms = ?
         WHERE push_id = ? AND due_at_ms <= ? AND (lease_until_ms <= ? OR lease_id = ?)`,
        [lease.leaseId, lease.untilMs, pushId, nowMs, nowMs, lease.leaseId],
      );
      return taken === 0 ? undefined : this.#firstOf(pushId);
    });
  }

  async delivered(delivery: Delivery, lease: Lease): Promise<boolean> {
    return this.#settle(delivery, lease, () => this.#remove(delivery));
  }

  async postpone(
    delivery: Delivery,
    lease: Lease,
    { dueAtMs, problem }: { dueAtMs: number; problem: string },
  ): Promise<boolean> {
    return this.#settle(delivery, lease, () => {
      this.#driver.run(
        `UPDATE push_deliveries SET attempts = attempts + 1, due_at_ms = ?, problem = ? WHERE delivery_id = ?`,
        [dueAtMs, problem, delivery.deliveryId],
      );
    });
  }

  async bury(
    delivery: Delivery,
    lease: Lease,
    { nowMs, expiresAtMs, problem }: { nowMs: number; expiresAtMs: number; problem: string },
  ): Promise<boolean> {
    const { deliveryId } = delivery;
    return this.#settle(delivery, lease, () => {
      this.#driver.run(
        `INSERT INTO push_dead_letters (delivery_id, place, push_id, agent_id, sealed_body, accepted_at_ms,
                                        died_at_ms, attempts, problem, expires_at_ms)
         SELECT delivery_id, ?, push_id, agent_id, sealed_body, accepted_at_ms, ?, attempts + 1, ?, ?
         FROM push_deliveries WHERE delivery_id = ?`,
        [deadLetterPlace(nowMs, deliveryId), nowMs, problem, expiresAtMs, deliveryId],
      );
      this.#remove(delivery);
    });
  }

  async release(pushId: string, { leaseId }: Lease): Promise<void> {
    this.#driver.run(
      'UPDATE push_lanes SET lease_id = NULL, lease_until_ms = 0 WHERE push_id = ? AND lease_id = ?',
      [pushId, leaseId],
    );
  }

  async deadLetters(
    { agentId }: { agentId?: string },
    { size, after = '' }: PageRequest,
    nowMs: number,
  ): Promise<Page<DeadLetter>> {
    checkPageSize(size);
    const those = agentId === undefined ? 'expires_at_ms > ?' : 'expires_at_ms > ? AND agent_id = ?';
    const parameters = agentId === undefined ? [nowMs] : [nowMs, keyText(agentId)];
    return this.#driver.snapshot(() => {
      const total = this.#driver.get<{ total: number }>(
        `SELECT count(*) AS total FROM push_dead_letters WHERE ${those}`,
        parameters,
      );
      const found = this.#driver.all<DeadLetter>(
        `SELECT ${letterColumns} FROM push_dead_letters
         WHERE ${those} AND place > ? ORDER BY place LIMIT ?`,
        [...parameters, keyText(after), size + 1],
      );
      const items = found.slice(0, size);
      const last = found.length > size ? items.at(-1) : undefined;
      const next = last && deadLetterPlace(last.diedAtMs, last.deliveryId);
      return { items, ...(next !== undefined && { next }), totalSize: total?.total ?? 0 };
    });
  }

  async deadLetter(deliveryId: string, nowMs: number): Promise<DeadLetter | undefined> {
    return this.#driver.get<DeadLetter>(
      `SELECT ${letterColumns} FROM push_dead_letters WHERE delivery_id = ? AND expires_at_ms > ?`,
      [keyText(deliveryId), nowMs],
    );
  }

  async revive(deliveryId: string, nowMs: number, audited?: Audited): Promise<string | undefined> {
    const sql = `SELECT delivery_id AS deliveryId, push_id AS pushId, agent_id AS agentId, sealed_body AS sealedBody
       FROM push_dead_letters WHERE delivery_id = ? AND expires_at_ms > ?`;
    return withAudit(this.#driver, audited, () => {
      const dead = this.#driver.get<Omit<NewDelivery, 'acceptedAtMs'>>(sql, [keyText(deliveryId), nowMs]);
      if (dead === undefined || !this.#isThere(dead.pushId, nowMs)) return undefined;
      this.#enqueue({ ...dead, acceptedAtMs: nowMs });
      this.#driver.run('DELETE FROM push_dead_letters WHERE delivery_id = ?', [deliveryId]);
      return dead.pushId;
    });
  }

  async dropDeadLetter(deliveryId: string, audited?: Audited): Promise<boolean> {
    const sql = 'DELETE FROM push_dead_letters WHERE delivery_id = ?';
    return withAudit(this.#driver, audited, () => this.#driver.run(sql, [keyText(deliveryId)]) === 1);
  }

  #isThere(pushId: string, nowMs: number): boolean {
    const sql = 'SELECT 1 FROM push_configs WHERE push_id = ? AND expires_at_ms > ?';
    return this.#driver.get(sql, [pushId, nowMs]) !== undefined;
  }

  #enqueue({ deliveryId, pushId, agentId, sealedBody, acceptedAtMs }: NewDelivery): void {
    this.#driver.run(
      `INSERT INTO push_deliveries (delivery_id, push_id, agent_id, sealed_body, accepted_at_ms, attempts, due_at_ms)
       VALUES (?, ?, ?, ?, ?, 0, ?)`,
      [deliveryId, pushId, agentId, sealedBody, acceptedAtMs, acceptedAtMs],
    );
    // A lane in which others wait has its row, and is due when they are.
    this.#driver.run('INSERT INTO push_lanes (push_id, due_at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING', [
      pushId,
      acceptedAtMs,
    ]);
  }

  #firstOf(pushId: string): Delivery | undefined {
    return this.#driver.get<Delivery>(
      `SELECT delivery_id AS deliveryId, push_id AS pushId, agent_id AS agentId, sealed_body AS sealedBody,
              accepted_at_ms AS acceptedAtMs, attempts, due_at_ms AS dueAtMs
       FROM push_deliveries WHERE push_id = ? ORDER BY sequence LIMIT 1`,
      [pushId],
    );
  }

  /** Does the work if the lease still holds the lane, and says then when the lane is due next. */
  #settle({ deliveryId, pushId }: Delivery, { leaseId }: Lease, work: () => void): boolean {
    return this.#driver.transaction(() => {
      const held = this.#driver.get(
        `SELECT 1 FROM push_lanes JOIN push_deliveries USING (push_id)
         WHERE push_id = ? AND lease_id = ? AND delivery_id = ?`,
        [pushId, leaseId, deliveryId],
      );
      if (held === undefined) return false;
      work();
      this.#putInOrder(pushId);
      return true;
    });
  }

  #putInOrder(pushId: string): void {
    const first = this.#driver.get<{ dueAtMs: number }>(
      'SELECT due_at_ms AS dueAtMs FROM push_deliveries WHERE push_id = ? ORDER BY sequence LIMIT 1',
      [pushId],
    );
    if (first === undefined) this.#driver.run('DELETE FROM push_lanes WHERE push_id = ?', [pushId]);
    else this.#driver.run('UPDATE push_lanes SET due_at_ms = ? WHERE push_id = ?', [first.dueAtMs, pushId]);
  }

  #remove({ deliveryId }: Delivery): void {
    this.#driver.run('DELETE FROM push_deliveries WHERE delivery_id = ?', [deliveryId]);
  }
}
