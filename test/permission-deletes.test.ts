import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gateway } from '../src/gateway.ts';
import type { Store } from '../src/store/port.ts';
import { type Stand, startStand } from './support/stand.ts';

/** A permission that another process sets again between its being read and its being deleted. */

let stand: Stand;
let gateway: Gateway;
let token: string;
/** What the other process does, once. */
let meanwhile: (() => Promise<unknown>) | undefined;

beforeAll(async () => {
  stand = await startStand();
  gateway = await stand.gateway((store) => ({ ...store, permissions: interrupted(store.permissions) }));
  token = await stand.issuer.token({ scope: 'gateway:admin' });
});
afterAll(() => stand.close());

function interrupted(permissions: Store['permissions']): Store['permissions'] {
  return {
    async get(scope, options) {
      const found = await permissions.get(scope, options);
      const change = meanwhile;
      meanwhile = undefined;
      await change?.();
      return found;
    },
    create: (...given) => permissions.create(...given),
    replace: (...given) => permissions.replace(...given),
    delete: (...given) => permissions.delete(...given),
    list: (page) => permissions.list(page),
  };
}

async function admin(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: object,
): Promise<Response> {
  const init = {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  };
  const given = body === undefined ? {} : { body: JSON.stringify(body) };
  return gateway(new Request(`https://agents.test${path}`, { ...init, ...given }));
}

/** Set by this process; then, while it is deleted, by the other. */
async function deletedMeanwhile(scope: string, headers: (etag: string) => Record<string, string>) {
  const path = `/admin/permissions/${scope}`;
  const made = await admin('PUT', path, {}, { allowedAgents: ['a'] });
  const { permissions } = (await stand.adapters()).store;
  meanwhile = async () => {
    const kept = await permissions.get(scope);
    if (kept === undefined) throw new Error('not made');
    const { revision } = kept;
    await permissions.replace({ ...kept, allowedAgents: ['b'], revision: revision + 1 }, revision);
  };
  return (await admin('DELETE', path, headers(made.headers.get('etag') ?? ''))).status;
}

it('is recorded as it was when it went', async () => {
  expect(await deletedMeanwhile('plain', () => ({}))).toBe(204);
  const { records } = await (await admin('GET', '/admin/audit?event=change')).json();
  expect(records[0]).toMatchObject({
    ...{ action: 'permission.delete', target: 'plain', before: { allowedAgents: ['b'] } },
  });
});

it('stands where the caller has seen another', async () => {
  expect(await deletedMeanwhile('seen', (etag) => ({ 'if-match': etag }))).toBe(412);
  const kept = await admin('GET', '/admin/permissions/seen');
  expect(await kept.json()).toMatchObject({ allowedAgents: ['b'] });
});
