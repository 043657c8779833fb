import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, createAdmin } from '../src/import/admin.ts';
import { type ImportOptions, importSample } from '../src/import/import-sample.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';

let gateway: TestGateway;
let admin: Admin;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  const token = await gateway.issuer.token({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' });
  admin = createAdmin({ url: gateway.url, token });
});

afterAll(() => gateway.close());

/** What became of the only row. */
async function outcomeOf(
  { permissions }: { permissions: unknown[] },
  options: Partial<ImportOptions> = {},
): Promise<unknown> {
  const source = {
    agents: async () => [],
    permissions: async () => permissions,
    clientSecret: async () => ({ missing: 'no agents here' }),
  };
  const { report, stopped } = await importSample(source, admin, { isDryRun: false, ...options });
  if (stopped !== undefined) throw stopped;
  const [first] = report;
  return { outcome: first?.outcome, notes: first?.notes };
}

async function permission(scope: string): Promise<unknown> {
  return (await gateway.admin('GET', `/admin/permissions/${scope}`)).json();
}

const created = { outcome: 'created', notes: [] };
const updated = { outcome: 'updated', notes: [] };
const unchanged = { outcome: 'unchanged', notes: [] };

describe('a permission of the sample', () => {
  const row = { scope: 'billing:read', allowedAgents: ['billing', '*'], description: 'Reading' };

  it('is set, found unchanged by the next run, and follows the sample', async () => {
    expect(await outcomeOf({ permissions: [row] })).toEqual(created);
    expect(await permission(row.scope)).toMatchObject({
      ...row,
      operations: ['send', 'stream', 'read', 'cancel'],
    });
    expect(await outcomeOf({ permissions: [row] })).toEqual(unchanged);
    expect(await outcomeOf({ permissions: [{ ...row, allowedAgents: ['*', 'billing'] }] })).toEqual(
      unchanged,
    );
    expect(await outcomeOf({ permissions: [{ ...row, allowedAgents: ['billing'] }] })).toEqual(updated);
    expect(await permission(row.scope)).toMatchObject({ allowedAgents: ['billing'] });
  });

  it('has the operations that are asked for, and keeps them when none are', async () => {
    const given = { permissions: [{ ...row, scope: 'ops' }] };
    expect(await outcomeOf(given, { operations: ['send', 'push'] })).toEqual(created);
    expect(await outcomeOf(given)).toEqual(unchanged);
    expect(await outcomeOf(given, { operations: ['read'] })).toEqual(updated);
    expect(await permission('ops')).toMatchObject({ operations: ['read'] });
  });

  it('is set with its limits, and what is no limit here is noted every time', async () => {
    const limits = { requestsPerMinute: 60, agentLimits: { billing: 5 } };
    const permissions = [{ ...row, scope: 'limited', ...limits }];
    expect(await outcomeOf({ permissions })).toEqual(created);
    expect(await permission('limited')).toMatchObject(limits);
    expect(await outcomeOf({ permissions })).toEqual(unchanged);
    const odd = { permissions: [{ ...row, scope: 'odd', requestsPerMinute: 1.5 }] };
    const notes = [expect.stringMatching(/^requestsPerMinute/)];
    expect(await outcomeOf(odd)).toEqual({ outcome: 'created', notes });
    expect(await outcomeOf(odd)).toEqual({ outcome: 'unchanged', notes });
  });

  it('keeps what the sample does not know, above all whom it denies', async () => {
    const own = { deniedAgents: ['payroll'], allowedSkills: { billing: ['pay'] }, maxOpenStreams: 3 };
    const set = { allowedAgents: ['hr'], operations: ['send', 'card'], ...own };
    await gateway.admin('PUT', '/admin/permissions/kept', set);
    const permissions = [{ ...row, scope: 'kept', requestsPerMinute: 9 }];
    expect(await outcomeOf({ permissions })).toEqual(updated);
    expect(await permission('kept')).toMatchObject({
      ...{ ...set, allowedAgents: row.allowedAgents, requestsPerMinute: 9 },
    });
    expect(await outcomeOf({ permissions })).toEqual(unchanged);
  });

  it('keeps a description the sample does not have', async () => {
    await outcomeOf({ permissions: [{ ...row, scope: 'told' }] });
    const { description: _, ...silent } = row;
    expect(await outcomeOf({ permissions: [{ ...silent, scope: 'told' }] })).toEqual(unchanged);
  });

  it('is skipped when the gateway refuses it', async () => {
    const allowedAgents = Array.from({ length: 30 }, (_, at) => `a${at}*`);
    expect(await outcomeOf({ permissions: [{ ...row, scope: 'globs', allowedAgents }] })).toEqual({
      outcome: 'skipped',
      notes: [expect.stringMatching(/^PARAMETER_INVALID: /)],
    });
  });
});

describe('an import', () => {
  const begin = (to: Admin) => {
    const nothing = async () => [];
    const source = { agents: nothing, permissions: nothing, clientSecret: async () => ({ missing: '' }) };
    return importSample(source, to, { isDryRun: false });
  };

  it.each([
    [
      'a token that is none',
      () => createAdmin({ url: gateway.url, token: 'x' }),
      /TOKEN_INVALID.*gateway:admin/,
    ],
    [
      'another path',
      () => createAdmin({ url: `${gateway.url}/agents/a`, token: 'x' }),
      /refused the token|no gateway/,
    ],
    ['nobody there', () => createAdmin({ url: 'http://127.0.0.1:2', token: 'x' }), /ECONNREFUSED/],
    ['an agent', () => createAdmin({ url: gateway.agent.url, token: 'x' }), /no gateway's admin routes/],
  ])('does not begin with %s', async (_, to, reason) => {
    await expect(begin(to())).rejects.toThrow(reason);
  });

  it('does not begin for somebody who is no administrator', async () => {
    const token = await gateway.issuer.token({ scope: 'gateway:register' });
    await expect(begin(createAdmin({ url: gateway.url, token }))).rejects.toThrow(/SCOPE_MISSING/);
  });
});
