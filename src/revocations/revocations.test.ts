import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Revocation, RevocationSnapshot } from '../store/ports/revocations.ts';
import { createRevocations, type RevocablePrincipal, type Revocations } from './revocations.ts';

const startMs = 1_700_000_000_000;
const alice: RevocablePrincipal = {
  issuer: 'https://issuer.test',
  subject: 'alice',
  clientId: 'app',
  tokenId: 'token-1',
  issuedAtSeconds: 1_699_999_000,
};

let nowMs: number;
let kept: Revocation[];
let writes: number;
let asked: string[];
let isDown: boolean;
let hold: Promise<void> | undefined;
let revocations: Revocations;

beforeEach(() => {
  nowMs = startMs;
  kept = [];
  writes = 0;
  asked = [];
  isDown = false;
  hold = undefined;
  revocations = createRevocations({ store: { version, snapshot }, clock: { nowMs: () => nowMs } });
});

async function answer(name: string): Promise<void> {
  asked.push(name);
  if (isDown) throw new Error('the store is down');
  await hold;
}

async function version(): Promise<string> {
  const read = `${writes}`;
  await answer('version');
  return read;
}

async function snapshot(): Promise<RevocationSnapshot> {
  const read = { version: `${writes}`, revocations: [...kept] };
  await answer('snapshot');
  return read;
}

/** As another process does. */
function revoke(members: Partial<Revocation> = {}): void {
  writes++;
  kept.push({
    revocationId: `r-${writes}`,
    kind: 'principal',
    issuer: 'https://issuer.test',
    id: 'alice',
    createdAtMs: nowMs,
    createdBy: { issuer: 'https://issuer.test', subject: 'kim' },
    ...members,
  });
}

const isRevoked = async (principal = alice) => (await revocations.find(principal)) !== undefined;

describe('what is revoked', () => {
  it.each([
    ['a principal', { kind: 'principal', id: 'alice' }, true],
    ['a client', { kind: 'client', id: 'app' }, true],
    ['a token', { kind: 'token', id: 'token-1' }, true],
    ['another principal', { kind: 'principal', id: 'Alice' }, false],
    ['a client of the principal’s name', { kind: 'client', id: 'alice' }, false],
    ['a principal of the client’s name', { kind: 'principal', id: 'app' }, false],
    ['another issuer’s principal', { issuer: 'https://issuer.test/', id: 'alice' }, false],
    ['another issuer’s token', { kind: 'token', issuer: 'https://other.test', id: 'token-1' }, false],
  ] as const)('%s', async (_, members, expected) => {
    revoke(members);
    expect(await isRevoked()).toBe(expected);
  });

  it('is told as a token that is not valid, and the log by which revocation', async () => {
    revoke();
    await expect(revocations.check(alice)).rejects.toMatchObject({
      failure: { code: 'token_invalid', problem: 'revoked' },
      cause: 'revocation r-1',
    });
  });

  it('needs no client and no token id', async () => {
    revoke({ kind: 'client', id: 'undefined' });
    const { clientId: _, tokenId: __, ...bare } = alice;
    expect(await isRevoked(bare)).toBe(false);
    revoke();
    revocations.written();
    expect(await isRevoked(bare)).toBe(true);
  });

  it('is only what was issued before, as far as tokens tell', async () => {
    revoke({ issuedBeforeSeconds: 1_000 });
    expect(await isRevoked({ ...alice, issuedAtSeconds: 999.9 })).toBe(true);
    expect(await isRevoked({ ...alice, issuedAtSeconds: 1_000 })).toBe(false);
    const { issuedAtSeconds: _, ...untold } = alice;
    expect(await isRevoked(untold)).toBe(true);
  });

  it('ends when the revocation expires, with nothing read', async () => {
    revoke({ expiresAtMs: startMs + 1_000 });
    nowMs += 999;
    expect(await isRevoked()).toBe(true);
    nowMs += 1;
    expect(await isRevoked()).toBe(false);
  });

  it('is more, never less, with another revocation', async () => {
    const id = fc.constantFrom('alice', 'app', 'token-1', 'x');
    const revocation = fc.record({
      kind: fc.constantFrom('principal', 'client', 'token'),
      issuer: fc.constantFrom('https://issuer.test', 'https://other.test'),
      id,
      issuedBeforeSeconds: fc.option(fc.integer({ min: 0, max: 2_000_000_000 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(revocation), revocation, async (some, another) => {
        kept = [];
        writes++;
        const read = () => {
          revocations.written();
          return isRevoked();
        };
        for (const one of some) revoke(one as Partial<Revocation>);
        const before = await read();
        revoke(another as Partial<Revocation>);
        expect((await read()) || !before).toBe(true);
      }),
    );
  });
});

describe('what another process has written', () => {
  it('counts two seconds later at most', async () => {
    expect(await isRevoked()).toBe(false);
    revoke();
    nowMs += 1_999;
    expect(await isRevoked()).toBe(false);
    nowMs += 1;
    expect(await isRevoked()).toBe(true);
    kept = [];
    writes++;
    nowMs += 2_000;
    expect(await isRevoked()).toBe(false);
  });

  it('is read when something has changed, and by one for all who ask at once', async () => {
    revoke();
    await Promise.all([isRevoked(), isRevoked(), isRevoked()]);
    nowMs += 2_000;
    await Promise.all([isRevoked(), isRevoked()]);
    revoke();
    nowMs += 2_000;
    await isRevoked();
    expect(asked).toEqual(['snapshot', 'version', 'version', 'snapshot']);
  });

  it('counts from the start of the reading, however long it takes', async () => {
    let go = () => {};
    hold = new Promise((resolve) => {
      go = resolve;
    });
    const slow = isRevoked();
    revoke();
    nowMs += 2_000;
    go();
    expect(await slow).toBe(false);
    expect(await isRevoked()).toBe(true);
  });

  it('is read again when the clock was set back', async () => {
    await isRevoked();
    revoke();
    nowMs -= 3_600_000;
    expect(await isRevoked()).toBe(true);
  });
});

describe('what this process has written', () => {
  it('counts at once, also where a reading of before is under way', async () => {
    await isRevoked();
    nowMs += 2_000;
    let go = () => {};
    hold = new Promise((resolve) => {
      go = resolve;
    });
    const before = isRevoked();
    revoke();
    revocations.written();
    const after = isRevoked();
    go();
    expect([await before, await after]).toEqual([false, true]);
    expect(await isRevoked()).toBe(true);
  });
});

describe('while the store does not answer', () => {
  it('what is known counts for five seconds, and then nobody passes', async () => {
    expect(await isRevoked()).toBe(false);
    isDown = true;
    nowMs += 4_999;
    expect(await isRevoked()).toBe(false);
    nowMs += 1;
    await expect(revocations.check(alice)).rejects.toThrow('the store is down');
    isDown = false;
    expect(await isRevoked()).toBe(false);
  });

  it('an answer that took five seconds counts for nothing: who was revoked meanwhile would pass', async () => {
    let go = () => {};
    hold = new Promise((resolve) => {
      go = resolve;
    });
    const slow = revocations.check(alice);
    revoke();
    nowMs += 5_000;
    go();
    await expect(slow).rejects.toMatchObject({ failure: { code: 'store_unavailable' } });
    expect(await isRevoked()).toBe(true);
  });

  it('nobody passes where nothing is known', async () => {
    isDown = true;
    await expect(revocations.check(alice)).rejects.toThrow('the store is down');
  });
});
