import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../src/access/principal.ts';
import type { Stickiness } from '../src/backends/target.ts';
import { GatewayError } from '../src/failure.ts';
import type { CallIds } from '../src/protocol/call-ids.ts';
import { type Affinity, createAffinity } from '../src/proxy/affinity.ts';
import type { Agent } from '../src/registry/agent.ts';
import { cachedStore } from '../src/store/cached.ts';
import type { AffinityStore, NewPlace } from '../src/store/port.ts';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite/store.ts';
import { anAgent } from './contract/store.ts';

/** Where conversations are found, by whom, and for how long. */

const dayMs = 86_400_000;
const retentionMs = 7 * dayMs;

let folder: string;
let store: SqliteStore;
let nowMs: number;
/** What was written. */
let puts: (readonly NewPlace[])[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'affinity-'));
  store = openSqliteStore({ path: join(folder, 'gateway.db') });
  nowMs = 1_800_000_000_000;
  puts = [];
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** The store, noting what is written. */
function noting({ affinities }: { affinities: AffinityStore }): AffinityStore {
  return {
    get: (key) => affinities.get(key),
    put(places, expiresAtMs) {
      puts.push(places);
      return affinities.put(places, expiresAtMs);
    },
    sweep: (at) => affinities.sweep(at),
  };
}

/** As another process would have it, with a cache of its own. */
function affinityTo(sticksTo: Stickiness, affinities = noting(store)): Affinity {
  const clock = { nowMs: () => nowMs };
  const cached = cachedStore({ ...store, affinities }, { clock });
  const deps = { affinities: cached.affinities, clock, newId: randomUUID, retentionMs };
  return createAffinity({ ...deps, sticksTo: () => sticksTo });
}

const here = 'https://a.test';
const there = 'https://b.test';
const backend = { type: 'http', urls: [here, there].map((url) => ({ url, weight: 1 })), affinity: 'context' };
const agent: Agent = { ...anAgent('agent'), backend };

function caller(subject: string, issuer = 'https://issuer.test'): Principal {
  return { issuer, subject, scopes: [], groups: [], grantees: [], expiresAtSeconds: 0 };
}
const alice = { agent, principal: caller('alice') };
const bob = { agent, principal: caller('bob') };

const nowhere = { place: undefined, isBound: false };

describe('at one of several origins', () => {
  it('a conversation that begins may be anywhere', async () => {
    const affinity = affinityTo('origin');
    for (const ids of [{}, { contextId: 'c' }, { taskId: 't' }, { contextId: 'c', taskId: 't' }])
      expect(await affinity.place({ ...alice, ids })).toEqual(nowhere);
  });

  it('is where it was, by either id, for any process; a task is nowhere else', async () => {
    await affinityTo('origin').learn(alice, here, { contextId: 'c', taskId: 't' });
    const other = affinityTo('origin');
    expect(await other.place({ ...alice, ids: { contextId: 'c' } })).toEqual({ place: here, isBound: false });
    expect(await other.place({ ...alice, ids: { taskId: 't' } })).toEqual({ place: here, isBound: true });
    const newTask = { contextId: 'c', taskId: 'unheard of' };
    expect(await other.place({ ...alice, ids: newTask })).toEqual({ place: here, isBound: false });
  });

  it('is found by a process that has just looked in vain', async () => {
    const [one, other] = [affinityTo('origin'), affinityTo('origin')];
    expect(await other.place({ ...alice, ids: { contextId: 'c' } })).toEqual(nowhere);
    await one.learn(alice, here, { contextId: 'c' });
    expect(await other.place({ ...alice, ids: { contextId: 'c' } })).toMatchObject({ place: here });
  });

  it('is where it moved to, while its tasks stay', async () => {
    const affinity = affinityTo('origin');
    await affinity.learn(alice, here, { contextId: 'c', taskId: 't1' });
    await affinity.learn(alice, there, { contextId: 'c', taskId: 't2' });
    expect(await affinity.place({ ...alice, ids: { contextId: 'c' } })).toMatchObject({ place: there });
    const places = ['t1', 't2'].map((taskId) =>
      affinity.place({ ...alice, ids: { contextId: 'c', taskId } }),
    );
    expect((await Promise.all(places)).map(({ place }) => place)).toEqual([here, there]);
  });

  it('is nowhere once its origin is not registered any more', async () => {
    const affinity = affinityTo('origin');
    await affinity.learn(alice, here, { contextId: 'c', taskId: 't' });
    const moved = { ...agent, backend: { ...backend, urls: [{ url: there, weight: 1 }] } };
    for (const ids of [{ contextId: 'c' }, { taskId: 't' }])
      expect(await affinity.place({ ...alice, agent: moved, ids })).toEqual(nowhere);
  });
});

describe('in a session', () => {
  it('a conversation that nobody has named begins one of its own', async () => {
    const affinity = affinityTo('session');
    const began = Array.from({ length: 50 }, () => affinity.place({ ...alice, ids: {} }));
    const sessions = (await Promise.all(began)).map(({ place = '' }) => place);
    expect(new Set(sessions).size).toBe(50);
    for (const session of sessions) expect(session).toMatch(/^[0-9a-z][0-9a-z-]{32,255}$/);
  });

  it('stays there, by either id', async () => {
    const affinity = affinityTo('session');
    const { place = '' } = await affinity.place({ ...alice, ids: {} });
    await affinity.learn(alice, place, { contextId: 'c', taskId: 't' });
    expect(await affinity.place({ ...alice, ids: { contextId: 'c' } })).toEqual({ place, isBound: false });
    expect(await affinity.place({ ...alice, ids: { taskId: 't' } })).toEqual({ place, isBound: true });
  });

  it('that the caller has named is the same in every process, before anything was learned', async () => {
    const ids = { contextId: 'mine' };
    const [one, other] = [affinityTo('session'), affinityTo('session')];
    const places = await Promise.all([one, other, one].map((affinity) => affinity.place({ ...alice, ids })));
    expect(new Set(places.map(({ place }) => place)).size).toBe(1);
    expect(places[0]?.place).toMatch(/^[0-9a-f]{64}$/);
  });
});

const idText = fc.oneof(
  fc.constantFrom('c', 't', '', '\0', '\ud800', 'x'.repeat(10_240)),
  fc.string({ unit: 'binary' }),
);
const someIds: fc.Arbitrary<CallIds> = fc.record({ contextId: idText, taskId: idText }, { requiredKeys: [] });

describe('attacks', () => {
  it('no two callers ever share a session, whatever ids they name and whatever was learned', async () => {
    const callers = [alice, bob, { agent, principal: caller('alice', 'https://other.test') }];
    const calls = fc.array(fc.tuple(fc.nat(callers.length - 1), someIds, someIds), { maxLength: 12 });
    const property = fc.asyncProperty(calls, async (made) => {
      const affinity = affinityTo('session');
      const owner = new Map<string, number>();
      for (const [who, named, shown] of made) {
        const parties = callers[who] ?? alice;
        const { place = '' } = await affinity.place({ ...parties, ids: named });
        expect(owner.get(place) ?? who).toBe(who);
        owner.set(place, who);
        // The agent may show any ids, those of others among them.
        await affinity.learn(parties, place, shown);
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('who names another caller’s conversation or task begins its own, and moves nothing', async () => {
    for (const kind of ['origin', 'session'] as const) {
      const affinity = affinityTo(kind);
      const ids = { contextId: 'c', taskId: 't' };
      await affinity.learn(alice, here, ids);
      for (const stolen of [ids, { contextId: 'c' }, { taskId: 't' }])
        expect(await affinity.place({ ...bob, ids: stolen })).not.toMatchObject({ place: here });
      await affinity.learn(bob, there, ids);
      expect(await affinity.place({ ...alice, ids })).toEqual({ place: here, isBound: true });
    }
  });

  it('a caller of another issuer, and the gateway itself, are other ones', async () => {
    const affinity = affinityTo('origin');
    await affinity.learn(alice, here, { taskId: 't' });
    for (const principal of [caller('alice', 'https://other.test'), undefined])
      expect(await affinity.place({ agent, principal, ids: { taskId: 't' } })).toEqual(nowhere);
  });

  it('an agent registered anew under the same id inherits nothing', async () => {
    const anew = { ...alice, agent: { ...agent, createdAtMs: agent.createdAtMs + 1 } };
    const [origins, sessions] = [affinityTo('origin'), affinityTo('session')];
    const ids = { contextId: 'c', taskId: 't' };
    await origins.learn(alice, here, ids);
    await sessions.learn(alice, 's'.repeat(40), ids);
    expect(await origins.place({ ...anew, ids })).toEqual(nowhere);
    const { place } = await sessions.place({ ...anew, ids });
    expect([place === 's'.repeat(40), place === (await sessions.place({ ...bob, ids })).place]).toEqual([
      false,
      false,
    ]);
  });

  it('an origin is not taken for a session where an agent moves to a platform', async () => {
    const ids = { contextId: 'c', taskId: 't' };
    await affinityTo('origin').learn(alice, here, ids);
    expect(await affinityTo('session').place({ ...alice, ids })).not.toMatchObject({ place: here });
  });

  it('ids of every shape find what they were learned for', async () => {
    const property = fc.asyncProperty(idText, idText, async (contextId, taskId) => {
      const affinity = affinityTo('origin');
      await affinity.learn(alice, here, { contextId, taskId });
      const found = [{ contextId }, { taskId }].map((ids) => affinity.place({ ...alice, ids }));
      expect((await Promise.all(found)).map(({ place }) => place)).toEqual([here, here]);
    });
    await fc.assert(property, { numRuns: 40 });
  });
});

describe('what is kept', () => {
  const ids = { contextId: 'c', taskId: 't' };

  it('is one write for a conversation, and one a day while it goes on', async () => {
    const affinity = affinityTo('origin');
    await affinity.learn(alice, here, ids);
    for (let minutes = 0; minutes < 24 * 60; minutes += 60) {
      nowMs += 3_600_000;
      await affinity.learn(alice, here, ids);
    }
    expect(puts.map((places) => places.length)).toEqual([2]);
    nowMs += 1;
    await affinity.learn(alice, here, ids);
    expect(puts.map((places) => places.length)).toEqual([2, 2]);
    await affinity.learn(alice, here, { contextId: 'c', taskId: 'another' });
    expect(puts.map((places) => places.length)).toEqual([2, 2, 1]);
  });

  it('is never written by looking', async () => {
    const affinity = affinityTo('session');
    await affinity.place({ ...alice, ids });
    expect(puts).toEqual([]);
  });

  it('is nothing where an answer shows nothing, or nothing sticks', async () => {
    await affinityTo('origin').learn(alice, here, {});
    await affinityTo('none').learn(alice, here, ids);
    expect(puts).toEqual([]);
    expect(await affinityTo('none').place({ ...alice, ids })).toEqual(nowhere);
  });

  it('is forgotten a retention after its last use, swept or not', async () => {
    const affinity = affinityTo('origin');
    await affinity.learn(alice, here, ids);
    nowMs += retentionMs - 1;
    expect(await affinity.place({ ...alice, ids })).toMatchObject({ place: here });
    nowMs += 1;
    expect(await affinity.place({ ...alice, ids })).toEqual(nowhere);
    expect(store.driver.get('SELECT count(*) AS n FROM affinities', [])).toEqual({ n: 2 });
    await affinity.learn(bob, here, { taskId: 'x' });
    expect(store.driver.get('SELECT count(*) AS n FROM affinities', [])).toEqual({ n: 1 });
  });

  it('says nothing of who it is for', async () => {
    await affinityTo('origin').learn({ agent, principal: caller('kim-9') }, here, { taskId: 'task-9' });
    const rows = JSON.stringify(store.driver.all('SELECT * FROM affinities', []));
    expect(rows).not.toMatch(/kim|task|agent|issuer/);
  });
});

describe('a store that fails', () => {
  const failure = () => Promise.reject(new GatewayError({ code: 'store_unavailable' }));
  const failing = { failure: { code: 'store_unavailable' } };

  it('fails the call', async () => {
    const affinity = affinityTo('origin', { ...noting(store), get: failure, put: failure });
    await expect(affinity.place({ ...alice, ids: { taskId: 't' } })).rejects.toMatchObject(failing);
    await expect(affinity.learn(alice, here, { taskId: 't' })).rejects.toMatchObject(failing);
  });

  it('in sweeping fails nobody', async () => {
    const affinity = affinityTo('origin', { ...noting(store), sweep: failure });
    await affinity.learn(alice, here, { taskId: 't' });
    expect(await affinity.place({ ...alice, ids: { taskId: 't' } })).toMatchObject({ place: here });
  });
});
