import { keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import { type Page, type PageRequest, sweptAtOnce } from '../port.ts';
import type { Audited } from '../ports/audit.ts';
import type { Revocation, RevocationSnapshot, RevocationStore, RevokedTarget } from '../ports/revocations.ts';
import { withAudit } from './audited.ts';
import type { SqlParameter } from './bind.ts';
import type { SqlDriver } from './driver.ts';

/** Revocations in the table of that name; triggers give `revocation_state` another version. Does not check a revocation. */
export class SqliteRevocations implements RevocationStore {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async version(): Promise<string> {
    return this.#version();
  }

  async snapshot(nowMs: number): Promise<RevocationSnapshot> {
    return this.#driver.snapshot(() => ({
      version: this.#version(),
      revocations: this.#driver
        .all<DocumentRow>(`SELECT document FROM revocations WHERE ${isAlive}`, [nowMs])
        .map(fromDocument),
    }));
  }

  async get(revocationId: string, nowMs: number): Promise<Revocation | undefined> {
    const row = this.#driver.get<DocumentRow>(
      `SELECT document FROM revocations WHERE revocation_id = ? AND ${isAlive}`,
      [keyText(revocationId), nowMs],
    );
    return row && fromDocument(row);
  }

  async create(revocation: Revocation, maxRevocations: number, audited?: Audited): Promise<boolean> {
    return withAudit(this.#driver, audited, () => {
      if (this.#count('', [], revocation.createdAtMs) >= maxRevocations) return false;
      const changed = this.#driver.run(
        `INSERT INTO revocations (revocation_id, kind, issuer, id, document, expires_at_ms)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (revocation_id) DO NOTHING`,
        [
          keyText(revocation.revocationId),
          ...targetOf(revocation),
          JSON.stringify(revocation),
          revocation.expiresAtMs ?? null,
        ],
      );
      return changed === 1;
    });
  }

  async delete(revocationId: string, audited?: Audited): Promise<boolean> {
    const sql = 'DELETE FROM revocations WHERE revocation_id = ?';
    return withAudit(this.#driver, audited, () => this.#driver.run(sql, [keyText(revocationId)]) === 1);
  }

  async list(
    { target }: { target?: RevokedTarget },
    { size, after = '' }: PageRequest,
    nowMs: number,
  ): Promise<Page<Revocation>> {
    checkPageSize(size);
    const those = target === undefined ? '' : 'kind = ? AND issuer = ? AND id = ? AND ';
    const parameters = target === undefined ? [] : targetOf(target);
    return this.#driver.snapshot(() => {
      const found = this.#driver
        .all<DocumentRow>(
          `SELECT document FROM revocations
           WHERE ${those}${isAlive} AND revocation_id > ? ORDER BY revocation_id LIMIT ?`,
          [...parameters, nowMs, keyText(after), size + 1],
        )
        .map(fromDocument);
      const items = found.slice(0, size);
      const next = found.length > size ? items.at(-1)?.revocationId : undefined;
      const totalSize = this.#count(those, parameters, nowMs);
      return { items, ...(next !== undefined && { next }), totalSize };
    });
  }

  async sweep(nowMs: number): Promise<void> {
    this.#driver.run(
      `DELETE FROM revocations WHERE revocation_id IN
         (SELECT revocation_id FROM revocations WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?)`,
      [nowMs, sweptAtOnce],
    );
  }

  #version(): string {
    const row = this.#driver.get<{ version: string }>('SELECT version FROM revocation_state', []);
    if (row === undefined) throw new TypeError('the migration writes this row and nothing deletes it');
    return row.version;
  }

  #count(those: string, parameters: readonly SqlParameter[], nowMs: number): number {
    const found = this.#driver.get<{ total: number }>(
      `SELECT count(*) AS total FROM revocations WHERE ${those}${isAlive}`,
      [...parameters, nowMs],
    );
    return found?.total ?? 0;
  }
}

const isAlive = '(expires_at_ms IS NULL OR expires_at_ms > ?)';

interface DocumentRow {
  document: string;
}

function targetOf({ kind, issuer, id }: RevokedTarget): SqlParameter[] {
  return [kind, keyText(issuer), keyText(id)];
}

function fromDocument({ document }: DocumentRow): Revocation {
  // The only writer of this column is `create`.
  return JSON.parse(document) as Revocation;
}
