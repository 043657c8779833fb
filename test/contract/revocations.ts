import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Store } from '../../src/store/port.ts';
import type { Revocation, RevokedTarget } from '../../src/store/ports/revocations.ts';

const nowMs = 1_700_000_000_000;

export function aRevocation(revocationId: string, members: Partial<Revocation> = {}): Revocation {
  return {
    revocationId,
    kind: 'principal',
    issuer: 'https://issuer.test',
    id: 'alice',
    createdAtMs: nowMs,
    createdBy: { issuer: 'https://issuer.test', subject: 'kim' },
    ...members,
  };
}

/** What every adapter promises of revocations. */
export function revocationContract(store: () => Store): void {
  const port = () => store().revocations;
  const create = (revocation: Revocation, most = 100) => port().create(revocation, most);
  const held = async (atMs = nowMs) =>
    (await port().snapshot(atMs)).revocations.map(({ revocationId }) => revocationId).toSorted();
  const listed = async (target?: RevokedTarget) => {
    const filter = target === undefined ? {} : { target };
    const { items, totalSize } = await port().list(filter, { size: 100 }, nowMs);
    expect(totalSize).toBe(items.length);
    return items.map(({ revocationId }) => revocationId);
  };

  it('are none at first, whatever is asked for', async () => {
    expect(await held()).toEqual([]);
    expect(await port().list({}, { size: 1 }, nowMs)).toStrictEqual({ items: [], totalSize: 0 });
    for (const id of ['', 'a\0b', '\ud800', "' OR 1=1 --", '%', 'é'.repeat(2_000)]) {
      expect(await port().get(id, nowMs)).toBeUndefined();
      expect(await port().delete(id)).toBe(false);
    }
  });

  it('are kept exactly as they were made', async () => {
    const full = aRevocation('full', {
      kind: 'client',
      issuedBeforeSeconds: 1_699_999_999,
      reason: 'laptop lost \ud800 "\\',
      createdBy: { issuer: 'https://issuer.test', subject: 'kim', clientId: 'cli' },
      expiresAtMs: nowMs + 60_001,
    });
    for (const given of [aRevocation('bare'), full]) {
      expect(await create(given)).toBe(true);
      expect(await port().get(given.revocationId, nowMs)).toStrictEqual(given);
    }
    const { revocations } = await port().snapshot(nowMs);
    expect(revocations).toHaveLength(2);
    expect(revocations).toEqual(expect.arrayContaining([aRevocation('bare'), full]));
  });

  it('have another version after every write, and the same without one', async () => {
    const versions = [await port().version()];
    expect((await port().snapshot(nowMs)).version).toBe(versions[0]);
    await create(aRevocation('a'));
    versions.push(await port().version());
    await create(aRevocation('b'));
    versions.push(await port().version());
    await port().delete('a');
    versions.push(await port().version());
    expect(new Set(versions).size).toBe(4);
    await create(aRevocation('b'));
    await create(aRevocation('c'), 1);
    await port().delete('a');
    await port().list({}, { size: 1 }, nowMs);
    expect([await port().version(), (await port().snapshot(nowMs)).version]).toEqual([
      versions[3],
      versions[3],
    ]);
  });

  it('refuse another with an id that is taken, and change nothing', async () => {
    await create(aRevocation('a'));
    expect(await create(aRevocation('a', { id: 'bob' }))).toBe(false);
    expect(await port().get('a', nowMs)).toStrictEqual(aRevocation('a'));
  });

  it('are so many at most; what has expired does not count', async () => {
    expect(await create(aRevocation('a', { expiresAtMs: nowMs + 1_000 }), 2)).toBe(true);
    expect(await create(aRevocation('b'), 2)).toBe(true);
    expect(await create(aRevocation('c'), 2)).toBe(false);
    expect(await create(aRevocation('d', { createdAtMs: nowMs + 1_000 }), 2)).toBe(true);
    expect(await held(nowMs + 1_000)).toEqual(['b', 'd']);
  });

  it('are so many at most however many are made at once', async () => {
    const made = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => create(aRevocation(id), 2)));
    expect(made.filter(Boolean)).toHaveLength(2);
    expect(await held()).toHaveLength(2);
  });

  it('hold until the moment they expire, swept or not', async () => {
    await create(aRevocation('a', { expiresAtMs: nowMs + 1_500 }));
    await create(aRevocation('b'));
    expect(await held(nowMs + 1_499)).toEqual(['a', 'b']);
    for (const work of [() => undefined, () => port().sweep(nowMs + 1_500)]) {
      await work();
      expect(await held(nowMs + 1_500)).toEqual(['b']);
      expect(await port().get('a', nowMs + 1_500)).toBeUndefined();
      expect((await port().list({}, { size: 10 }, nowMs + 1_500)).totalSize).toBe(1);
    }
  });

  it('are gone when they are lifted', async () => {
    await create(aRevocation('a'));
    await create(aRevocation('b'));
    expect(await port().delete('a')).toBe(true);
    expect(await port().delete('a')).toBe(false);
    expect([await held(), await listed()]).toEqual([['b'], ['b']]);
    expect(await port().get('a', nowMs)).toBeUndefined();
  });

  it('are found by their target, and by no other spelling of it', async () => {
    const target: RevokedTarget = { kind: 'client', issuer: 'https://issuer.test/', id: 'a\0\ud800"' };
    await create(aRevocation('1', target));
    await create(aRevocation('2', { ...target, issuedBeforeSeconds: 1 }));
    await create(aRevocation('3', { ...target, kind: 'token' }));
    await create(aRevocation('4', { ...target, issuer: 'https://issuer.test' }));
    await create(aRevocation('5', { ...target, id: 'a\0\ufffd"' }));
    expect(await listed(target)).toEqual(['1', '2']);
    expect(await listed({ ...target, id: 'A\0\ud800"' })).toEqual([]);
  });

  it('come in pages that join to the whole, in the order of their ids', async () => {
    const ids = ['10', '2', 'a', 'A', 'b-1', 'b', '0'];
    for (const id of ids) await create(aRevocation(id));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), async (size) => {
        const joined: string[] = [];
        let after: string | undefined;
        do {
          const page = await port().list({}, { size, ...(after !== undefined && { after }) }, nowMs);
          joined.push(...page.items.map(({ revocationId }) => revocationId));
          after = page.next;
        } while (after !== undefined);
        expect(joined).toEqual(ids.toSorted());
      }),
      { numRuns: 8 },
    );
    await expect(port().list({}, { size: 0 }, nowMs)).rejects.toBeInstanceOf(TypeError);
  });
}
