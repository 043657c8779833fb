import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdentitySigner } from '../src/backends/identity/create-signer.ts';
import type { IdentitySigner } from '../src/backends/identity/identity-signer.ts';
import { GatewayError } from '../src/failure.ts';
import type { Secrets } from '../src/ports.ts';
import { maturesAfterMs, retiresAfterMs, rotatesAfterMs } from '../src/signing/key-schedule.ts';
import { createSealedSecrets } from '../src/store/sqlite/sealed-secrets.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import { cites } from './support/cites.ts';

/** The gateway's own keys over sealed secrets, by a clock that is given. Each signer is a process of its own. */

const issuer = 'https://agents.example';
const minuteMs = 60_000;
let folder: string;
let store: SqliteStore;
let secrets: Secrets;
let nowMs: number;
const clock = { nowMs: () => nowMs };

beforeEach(() => {
  nowMs = Date.parse('2030-01-01T00:00:00Z');
  folder = mkdtempSync(join(tmpdir(), 'identity-'));
  store = openSqliteStore({ path: join(folder, 'gateway.db') });
  secrets = createSealedSecrets({ driver: store.driver, keys: [new Uint8Array(32)], clock });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function signer(over: Secrets = secrets): IdentitySigner {
  return createIdentitySigner({ secrets: over, clock, issuer });
}

function sign(by: IdentitySigner): Promise<string> {
  return by.sign({ sub: 'alice' }, { lifetimeSeconds: 60 });
}

/** The same secrets, but for what one of their methods does. */
function secretsWith(changed: Partial<Secrets>): Secrets {
  return {
    put: (name, value) => secrets.put(name, value),
    create: (name, value) => secrets.create(name, value),
    get: (name) => secrets.get(name),
    delete: (name) => secrets.delete(name),
    list: (prefix) => secrets.list(prefix),
    ...changed,
  };
}

const down = () => Promise.reject(new GatewayError({ code: 'store_unavailable' }));

async function kidsOf(by: IdentitySigner): Promise<string[]> {
  return (await by.jwks()).keys.map(({ kid }) => kid);
}

function kidOf(token: string): string {
  return decodeProtectedHeader(token).kid ?? '';
}

/** Fails where a backend that knows the keys `by` publishes would have refused the token when it was made. */
async function verify(token: string, by: IdentitySigner): Promise<void> {
  const { keys } = await by.jwks();
  const currentDate = new Date((decodeJwt(token).iat ?? 0) * 1000);
  const set = createLocalJWKSet({ keys: [...keys] } as JSONWebKeySet);
  await jwtVerify(token, set, { issuer, typ: 'a2a-gateway-identity+jwt', currentDate });
}

describe('the first key', () => {
  it('is made by the first signature, and not by asking for the keys', async () => {
    const one = signer();
    expect(await one.jwks()).toEqual({ keys: [] });
    expect(await secrets.list('')).toEqual([]);
    const token = await sign(one);
    await verify(token, one);
    expect(await kidsOf(one)).toEqual([kidOf(token)]);
  });

  it('is one for all who ask at once', async () => {
    const one = signer();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => sign(one)));
    expect(new Set(tokens.map(kidOf)).size).toBe(1);
    expect(await secrets.list('identity/')).toHaveLength(1);
  });

  it('is found by other processes and after a restart', async () => {
    const token = await sign(signer());
    const other = signer();
    await verify(token, other);
    expect(kidOf(await sign(other))).toBe(kidOf(token));
    expect(await secrets.list('identity/')).toHaveLength(1);
  });

  it('is published by a process that found none a moment before', async () => {
    const [one, other] = [signer(), signer()];
    expect(await kidsOf(other)).toEqual([]);
    const token = await sign(one);
    nowMs += 1_000;
    expect(await kidsOf(other)).toEqual([kidOf(token)]);
  });

  it('made by two processes at once is two, which both publish and sign by', async () => {
    const [one, other] = [signer(), signer()];
    const tokens = await Promise.all([sign(one), sign(other)]);
    nowMs += minuteMs;
    const all = await kidsOf(one);
    expect(all.toSorted()).toEqual((await kidsOf(other)).toSorted());
    for (const token of tokens) {
      await verify(token, one);
      await verify(token, other);
    }
    nowMs += maturesAfterMs;
    expect(kidOf(await sign(one))).toBe(kidOf(await sign(other)));
  });
});

describe('a published key', () => {
  it('has public members only, and whoever publishes it opens no secret', async () => {
    cites('RFC-7517-5-public-members');
    await sign(signer());
    const reader = signer(secretsWith({ get: down }));
    expect(await reader.jwks()).toEqual({
      keys: [
        {
          ...{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' },
          x: expect.stringMatching(/^[\w-]{43}$/),
          y: expect.stringMatching(/^[\w-]{43}$/),
          kid: expect.stringMatching(/^[\w-]{43}$/),
        },
      ],
    });
  });
});

describe('a key of ninety days', () => {
  it('is followed by one that all know before it signs, and is dropped a day later', async () => {
    const [one, other] = [signer(), signer()];
    const old = kidOf(await sign(one));
    nowMs += rotatesAfterMs;
    const atRotation = await sign(one);
    expect(kidOf(atRotation)).toBe(old);
    expect(await kidsOf(one)).toHaveLength(2);
    nowMs += maturesAfterMs - 1;
    expect([kidOf(await sign(one)), kidOf(await sign(other))]).toEqual([old, old]);
    expect(await kidsOf(other)).toHaveLength(2);
    nowMs += 1;
    const [next, theirs] = [await sign(one), await sign(other)];
    expect(kidOf(next)).not.toBe(old);
    expect(kidOf(theirs)).toBe(kidOf(next));
    nowMs += retiresAfterMs - 1;
    expect(await kidsOf(other)).toEqual(expect.arrayContaining([old, kidOf(next)]));
    nowMs += 1;
    expect(await kidsOf(other)).toEqual([kidOf(next)]);
    await sign(one);
    expect(await secrets.list('identity/')).toHaveLength(1);
  });

  it('signs on where no other can be made, which is tried once a minute', async () => {
    let tries = 0;
    const one = signer(
      secretsWith({
        put: (name, value) => {
          if (nowMs === Date.parse('2030-01-01T00:00:00Z')) return secrets.put(name, value);
          tries++;
          return down();
        },
      }),
    );
    const kid = kidOf(await sign(one));
    nowMs += rotatesAfterMs;
    for (let calls = 0; calls < 5; calls++) expect(kidOf(await sign(one))).toBe(kid);
    expect(tries).toBe(1);
    nowMs += minuteMs;
    expect(kidOf(await sign(one))).toBe(kid);
    expect(tries).toBe(2);
  });
});

describe('secrets', () => {
  it('whose list is behind lose nothing that was just made', async () => {
    let seen: Awaited<ReturnType<Secrets['list']>> = [];
    const one = signer(secretsWith({ list: async () => seen }));
    const token = await sign(one);
    nowMs += 2 * minuteMs;
    expect(kidOf(await sign(one))).toBe(kidOf(token));
    await verify(await sign(one), one);
    seen = await secrets.list('identity/');
    nowMs += 2 * minuteMs;
    expect(kidOf(await sign(one))).toBe(kidOf(token));
    expect(seen).toHaveLength(1);
  });

  it('that cannot be listed for a while leave the keys at hand to sign and to be published', async () => {
    let isDown = false;
    const one = signer(secretsWith({ list: (prefix) => (isDown ? down() : secrets.list(prefix)) }));
    const token = await sign(one);
    isDown = true;
    nowMs += 10 * minuteMs;
    expect(kidOf(await sign(one))).toBe(kidOf(token));
    expect(await kidsOf(one)).toEqual([kidOf(token)]);
  });

  it('that are not there at the first call fail it, and not the next', async () => {
    let isDown = true;
    const one = signer(secretsWith({ list: (prefix) => (isDown ? down() : secrets.list(prefix)) }));
    await expect(sign(one)).rejects.toMatchObject({
      failure: { code: 'credential_unavailable', problem: 'key' },
    });
    await expect(one.jwks()).rejects.toMatchObject({ failure: { code: 'store_unavailable' } });
    isDown = false;
    await verify(await sign(one), one);
  });

  it('that cannot be listed are not looked for again by everybody who asks for them', async () => {
    let lists = 0;
    const one = signer(secretsWith({ list: (prefix) => (++lists < 3 ? down() : secrets.list(prefix)) }));
    for (const passedMs of [0, 0, 999, 1, 0]) {
      nowMs += passedMs;
      await expect(one.jwks()).rejects.toMatchObject({ failure: { code: 'store_unavailable' } });
    }
    expect(lists).toBe(2);
    nowMs += 1_000;
    for (let asked = 0; asked < 10; asked++) expect(await one.jwks()).toEqual({ keys: [] });
    expect(lists).toBe(3);
  });

  it.each([
    ['another private key', '{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"hush-hush"}'],
    ['no JSON', 'hush-hush'],
  ])('that hold %s under the name of a key sign nothing and tell nothing', async (_, text) => {
    await secrets.put(`identity/${'x'.repeat(43)}.${'y'.repeat(43)}`, text);
    const error = await sign(signer()).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ failure: { code: 'credential_unavailable', problem: 'key' } });
    expect(String((error as Error).cause)).not.toContain('hush');
  });

  it('of other names beside are left alone', async () => {
    await secrets.put('identity/later-version', 'x');
    await secrets.put('agents/a/1', 'x');
    const one = signer();
    await sign(one);
    nowMs += 2 * rotatesAfterMs;
    await sign(one);
    nowMs += 2 * retiresAfterMs;
    await sign(one);
    const names = (await secrets.list('')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['agents/a/1', 'identity/later-version']));
  });
});
