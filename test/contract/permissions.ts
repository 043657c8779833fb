import { expect, it } from 'vitest';
import type { Permission } from '../../src/access/permission.ts';
import type { Store } from '../../src/store/port.ts';
import { allPages, range } from './paging.ts';
import { aPermission } from './store-samples.ts';

/** What every adapter promises of permissions. */
export function permissionContract(store: () => Store): void {
  it('gives back exactly what was created', async () => {
    const full = {
      ...aPermission('full'),
      description: 'für alle 😀',
      allowedAgents: ['a', 'hr-*', 'tag:x'],
    };
    for (const given of [aPermission('bare'), full]) {
      expect(await store().permissions.create(given)).toBe(true);
      expect(await store().permissions.get(given.scope)).toStrictEqual(given);
    }
    expect(await store().permissions.get('nobody')).toBeUndefined();
  });

  it('takes any text as a scope to look for', async () => {
    for (const scope of ['', 'a\0b', '\ud800', "' OR 1=1 --"]) {
      expect(await store().permissions.get(scope)).toBeUndefined();
    }
  });

  it('refuses to create over a scope that is taken, and changes nothing', async () => {
    await store().permissions.create(aPermission('demo'));
    expect(await store().permissions.create({ ...aPermission('demo'), revision: 9 })).toBe(false);
    expect(await store().permissions.get('demo')).toStrictEqual(aPermission('demo'));
  });

  it('replaces only at the expected revision', async () => {
    const next: Permission = { ...aPermission('demo'), revision: 2, operations: ['read'] };
    expect(await store().permissions.replace(next, 1)).toBe(false);
    await store().permissions.create(aPermission('demo'));
    expect(await store().permissions.replace(next, 2)).toBe(false);
    expect(await store().permissions.get('demo')).toStrictEqual(aPermission('demo'));
    expect(await store().permissions.replace(next, 1)).toBe(true);
    expect(await store().permissions.get('demo')).toStrictEqual(next);
  });

  it('deletes at the expected revision, or at any when none is given', async () => {
    expect(await store().permissions.delete('demo')).toBe(false);
    await store().permissions.create(aPermission('demo'));
    expect(await store().permissions.delete('demo', 2)).toBe(false);
    expect(await store().permissions.delete('demo', 1)).toBe(true);
    expect(await store().permissions.get('demo')).toBeUndefined();
    await store().permissions.create({ ...aPermission('demo'), revision: 5 });
    expect(await store().permissions.delete('demo')).toBe(true);
    expect(await store().permissions.delete('demo')).toBe(false);
  });

  it('lets one of many concurrent writes win', async () => {
    const created = await Promise.all(range(8).map(() => store().permissions.create(aPermission('demo'))));
    expect(created.filter(Boolean)).toHaveLength(1);
    const next = { ...aPermission('demo'), revision: 2 };
    const replaced = await Promise.all(range(8).map(() => store().permissions.replace(next, 1)));
    expect(replaced.filter(Boolean)).toHaveLength(1);
  });

  it('lists in the order of scopes, however it is paged', async () => {
    const scopes = ['demo', 'Demo', 'api://x/read', 'a.b', 'a-b', 'a:b', 'zz', 'demo2', '~'];
    for (const scope of scopes) await store().permissions.create(aPermission(scope));
    for (const size of [1, 2, 3, 4, 9, 100]) {
      const pages = await allPages((page) => store().permissions.list(page), size);
      expect(pages.flatMap((page) => page.items)).toStrictEqual(scopes.toSorted().map(aPermission));
      expect(new Set(pages.map((page) => page.totalSize))).toEqual(new Set([scopes.length]));
    }
  });
}
