import type { Permission } from '../../access/permission.ts';
import { keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import type { Page, PageRequest, PermissionStore } from '../port.ts';
import type { Audited } from '../ports/audit.ts';
import { withAudit } from './audited.ts';
import type { SqlParameter } from './bind.ts';
import type { SqlDriver } from './driver.ts';

/** Permissions in the table of that name. Does not check a permission, nor that its revision is the next one. */
export class SqlitePermissions implements PermissionStore {
  readonly #driver: SqlDriver;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async get(scope: string): Promise<Permission | undefined> {
    const row = this.#driver.get<DocumentRow>('SELECT document FROM permissions WHERE scope = ?', [
      keyText(scope),
    ]);
    return row === undefined ? undefined : fromDocument(row);
  }

  async create(permission: Permission, audited?: Audited): Promise<boolean> {
    const { scope, revision } = permission;
    return this.#write(
      'INSERT INTO permissions (scope, revision, document) VALUES (?, ?, ?) ON CONFLICT (scope) DO NOTHING',
      [keyText(scope), revision, JSON.stringify(permission)],
      audited,
    );
  }

  async replace(permission: Permission, expectedRevision: number, audited?: Audited): Promise<boolean> {
    const { scope, revision } = permission;
    return this.#write(
      'UPDATE permissions SET revision = ?, document = ? WHERE scope = ? AND revision = ?',
      [revision, JSON.stringify(permission), keyText(scope), expectedRevision],
      audited,
    );
  }

  async delete(scope: string, expectedRevision?: number, audited?: Audited): Promise<boolean> {
    return this.#write(
      'DELETE FROM permissions WHERE scope = ? AND revision = coalesce(?, revision)',
      [keyText(scope), expectedRevision ?? null],
      audited,
    );
  }

  async list(page: PageRequest): Promise<Page<Permission>> {
    checkPageSize(page.size);
    return this.#driver.snapshot(() => {
      const total = this.#driver.get<{ total: number }>('SELECT count(*) AS total FROM permissions', []);
      const found = this.#driver
        .all<DocumentRow>('SELECT document FROM permissions WHERE scope > ? ORDER BY scope LIMIT ?', [
          keyText(page.after ?? ''),
          page.size + 1,
        ])
        .map(fromDocument);
      const items = found.slice(0, page.size);
      const last = found.length > page.size ? items.at(-1) : undefined;
      return { items, ...(last === undefined ? {} : { next: last.scope }), totalSize: total?.total ?? 0 };
    });
  }

  /** Answers whether the statement changed a row. */
  #write(sql: string, parameters: readonly SqlParameter[], audited: Audited | undefined): boolean {
    return withAudit(this.#driver, audited, () => this.#driver.run(sql, parameters) === 1);
  }
}

interface DocumentRow {
  document: string;
}

function fromDocument(row: DocumentRow): Permission {
  // The only writers of this column are `create` and `replace`, so the text is a Permission.
  return JSON.parse(row.document) as Permission;
}
