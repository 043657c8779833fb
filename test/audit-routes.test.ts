import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { register, rpc, startGateway, type TestGateway } from './support/gateway.ts';

/** What administrators read of the trail, and of what was used. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  await register(gateway, { agentId: 'other' });
});
afterAll(() => gateway.close());

interface Answer {
  records: Record<string, unknown>[];
  usage: Record<string, unknown>[];
  totals: Record<string, number>;
  nextPageToken: string;
}

async function read(path: string): Promise<Answer> {
  const response = await gateway.admin('GET', path);
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

async function refusal(path: string): Promise<unknown[]> {
  const response = await gateway.admin('GET', path);
  const { error } = (await response.json()) as {
    error: { details: { reason: string; metadata: Record<string, string> }[] };
  };
  const [detail] = error.details;
  return [response.status, detail?.reason, detail?.metadata.parameter];
}

const send = (agentId = 'agent') =>
  gateway.fetch(
    `/agents/${agentId}`,
    rpc('SendMessage', { message: { messageId: 'm', role: 'ROLE_USER', parts: [] } }),
  );

/** Records are written within a tenth of a second of the call. */
function written<T>(look: () => Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 10_000, interval: 20 });
}

describe.each(['/admin/audit', '/admin/usage'])('%s', (path) => {
  it('is for administrators only', async () => {
    expect((await gateway.fetch(path)).status).toBe(403);
    expect((await fetch(gateway.url + path)).status).toBe(401);
    const headers = { authorization: `Bearer ${await gateway.issuer.token({ scope: 'gateway:register' })}` };
    expect((await gateway.fetch(path, { headers })).status).toBe(403);
  });

  it.each([
    ['pageSize=0', 'pageSize'],
    ['pageSize=101', 'pageSize'],
    ['pageToken=***', 'pageToken'],
    ['from=yesterday', 'from'],
    ['to=2026-02-30', 'to'],
    ['to=', 'to'],
  ])('refuses %s', async (query, parameter) => {
    expect(await refusal(`${path}?${query}`)).toEqual([400, 'PARAMETER_INVALID', parameter]);
  });

  it('takes any text to look for, and finds nothing of it', async () => {
    for (const text of ['', '%F0%9F%98%80', "'--", 'x'.repeat(600)]) {
      const answer = await read(`${path}?agentId=${text}&principal=${text}&issuer=${text}`);
      expect([answer.records ?? answer.usage, answer.nextPageToken]).toEqual([[], '']);
    }
  });
});

describe('the trail', () => {
  it('refuses an event that is none', async () => {
    expect(await refusal('/admin/audit?event=calls')).toEqual([400, 'PARAMETER_INVALID', 'event']);
    expect(await refusal('/admin/audit?from=-000001-01-01T00:00:00Z')).toEqual([
      400,
      'PARAMETER_INVALID',
      'from',
    ]);
  });

  it('tells of calls and changes, each found by what it is about', async () => {
    const sent = await send();
    const requestId = sent.headers.get('x-request-id');
    const found = async (query: string) =>
      (await read(`/admin/audit?${query}`)).records.filter((record) => record.requestId === requestId);
    const [call] = await written(async () => {
      const records = await found('event=call');
      expect(records).toHaveLength(1);
      return records;
    });
    expect(call).toMatchObject({
      subject: 'alice',
      agentId: 'agent',
      decision: 'allow',
      chainId: expect.any(String),
    });
    const issuer = encodeURIComponent(gateway.issuer.issuer);
    for (const query of ['agentId=agent', 'principal=alice', `principal=alice&issuer=${issuer}`])
      expect(await found(query)).toEqual([call]);
    for (const query of ['agentId=other', 'principal=bob', 'issuer=x', 'event=change'])
      expect(await found(query)).toEqual([]);
    const { records } = await read('/admin/audit?event=change&agentId=other');
    expect(records.map(({ action }) => action)).toEqual(['agent.register']);
  });

  it('tells what was written in a time, page by page', async () => {
    const at = (query: string) => read(`/admin/audit?event=change${query}`);
    const { records } = await at('');
    expect(records.length).toBeGreaterThanOrEqual(3);
    expect((await at('&to=2026-01-01T00:00:00Z')).records).toEqual([]);
    const tomorrow = encodeURIComponent(new Date(Date.now() + 90_000_000).toISOString());
    expect((await at(`&from=${tomorrow}`)).records).toEqual([]);
    // From a day before, unless it is said from when.
    expect((await at(`&to=${tomorrow}`)).records).toEqual([]);
    const soon = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
    expect((await at(`&to=${soon}`)).records).toEqual(records);
    const paged: unknown[] = [];
    for (let token = ''; ; ) {
      const page = await at(`&pageSize=1&pageToken=${token}`);
      paged.push(...page.records);
      if (page.nextPageToken === '') break;
      token = page.nextPageToken;
    }
    expect(paged).toEqual(records);
  });

  it('tells of who reads it', async () => {
    const response = await gateway.admin('GET', '/admin/audit');
    const requestId = response.headers.get('x-request-id');
    await written(async () => {
      const { records } = await read('/admin/audit?principal=admin&event=call');
      expect(records).toContainEqual(expect.objectContaining({ requestId, operation: 'GET /admin/audit' }));
    });
  });
});

describe('what was used', () => {
  it('is told by day, principal and agent, with totals of the page', async () => {
    await send();
    const today = new Date().toISOString().slice(0, 10);
    const { usage, totals } = await written(async () => {
      const answer = await read('/admin/usage?principal=alice&agentId=agent');
      expect(answer.usage.length).toBeGreaterThanOrEqual(1);
      return answer;
    });
    expect(usage.at(-1)).toMatchObject({ subject: 'alice', agentId: 'agent', issuer: gateway.issuer.issuer });
    expect(totals.calls).toBe(usage.reduce((sum, row) => sum + Number(row.calls), 0));
    expect(totals.calls).toBeGreaterThanOrEqual(1);
    expect(Object.keys(totals).toSorted()).toEqual(
      ['calls', 'errors', 'requestBytes', 'responseBytes', 'streamMs', 'streams'].toSorted(),
    );
    const none = await read(`/admin/usage?from=2020-01-01&to=2020-01-31`);
    expect(none).toEqual({ usage: [], totals: expect.objectContaining({ calls: 0 }), nextPageToken: '' });
    expect((await read(`/admin/usage?from=2020-01-01&to=${today}`)).usage.length).toBeGreaterThanOrEqual(1);
    expect((await read(`/admin/usage?principal=bob`)).usage).toEqual([]);
  });
});
