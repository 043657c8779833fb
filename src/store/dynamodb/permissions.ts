import type { Permission } from '../../access/permission.ts';
import { fromKeyText, keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import type { Page, PageRequest, PermissionStore } from '../port.ts';
import type { Audited } from '../ports/audit.ts';
import { StoreError } from '../store-error.ts';
import { auditWrites } from './audited.ts';
import { maxItemBytes } from './document.ts';
import { type Item, isSortKey, type Key, parsedOf, textOf, toKeyItem } from './item.ts';
import { getItem, getItems, queryAll } from './read.ts';
import { sortKey, type Table } from './table.ts';
import { transact } from './transact.ts';

/** Where every permission has an entry. */
const permissionsPartition = 'permissions';

/**
 * Permissions as an item and an index entry each, made and deleted in one transaction. Does not check a permission,
 * nor that its revision is the next one.
 *
 * @throws TypeError from a write, where the scope is longer than a key of DynamoDB
 * @throws StoreError `too_large` from a write, for a document beyond 350 000 bytes
 */
export class DynamoPermissions implements PermissionStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(scope: string): Promise<Permission | undefined> {
    const key = permissionKey(scope);
    const item = key && (await getItem(this.#table, key));
    return item && fromItem(item);
  }

  async create(permission: Permission, audited?: Audited): Promise<boolean> {
    return transact(this.#table, [
      { put: toItem(permission), only: 'absent' },
      { put: toKeyItem(entryKey(permission.scope)) },
      ...(await auditWrites(this.#table, audited)),
    ]);
  }

  async replace(permission: Permission, expectedRevision: number, audited?: Audited): Promise<boolean> {
    return transact(this.#table, [
      { put: toItem(permission), only: atRevision(expectedRevision) },
      ...(await auditWrites(this.#table, audited)),
    ]);
  }

  async delete(scope: string, expectedRevision?: number, audited?: Audited): Promise<boolean> {
    const key = permissionKey(scope);
    if (key === undefined) return false;
    const only = expectedRevision === undefined ? 'present' : atRevision(expectedRevision);
    return transact(this.#table, [
      { delete: key, only },
      { delete: entryKey(scope) },
      ...(await auditWrites(this.#table, audited)),
    ]);
  }

  async list({ size, after }: PageRequest): Promise<Page<Permission>> {
    checkPageSize(size);
    const entries = await queryAll(this.#table, { pk: permissionsPartition });
    const scopes = entries.map((entry) => fromKeyText(textOf(entry, sortKey))).sort();
    const ahead = after === undefined ? scopes : scopes.filter((scope) => scope > after);
    const chosen = ahead.slice(0, size);
    const keys = chosen.map(permissionKey).filter((key) => key !== undefined);
    const found = (await getItems(this.#table, keys)).map(fromItem);
    const byScope = new Map(found.map((permission) => [permission.scope, permission]));
    const next = ahead.length > size ? chosen.at(-1) : undefined;
    return {
      // One that was deleted since its entry was read is left out.
      items: chosen.map((scope) => byScope.get(scope)).filter((permission) => permission !== undefined),
      ...(next === undefined ? {} : { next }),
      totalSize: scopes.length,
    };
  }
}

/** Undefined for a text that can be no key, so no permission's scope. */
function permissionKey(scope: string): Key | undefined {
  const text = keyText(scope);
  return isSortKey(text) ? { pk: `permission#${text}`, sk: 'permission' } : undefined;
}

function entryKey(scope: string): Key {
  return { pk: permissionsPartition, sk: keyText(scope) };
}

function atRevision(revision: number): Item {
  return { revision: { N: `${revision}` } };
}

function toItem(permission: Permission): Item {
  const key = permissionKey(permission.scope);
  if (key === undefined) throw new TypeError('a scope of this length cannot be stored');
  const document = JSON.stringify(permission);
  const bytes = Buffer.byteLength(document);
  if (bytes > maxItemBytes) {
    throw new StoreError('too_large', `a permission of ${bytes} bytes; the table takes ${maxItemBytes}`);
  }
  return { ...toKeyItem(key), ...atRevision(permission.revision), document: { S: document } };
}

function fromItem(item: Item): Permission {
  // The only writer of this attribute is `toItem`, so the text is a Permission.
  return parsedOf(textOf(item, 'document')) as Permission;
}
