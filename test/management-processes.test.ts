import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { cardAt } from './support/scripted-agent.ts';

/** Two processes over one store: management sees what the other wrote a moment ago, though calls may be served from memory. */

let one: TestGateway;
let other: TestGateway;

beforeAll(async () => {
  one = await startGateway();
  other = await startGateway({ settings: { dataDir: one.dataDir }, registration: null });
});
afterAll(async () => {
  await other.close();
  await one.close();
});

async function tagOf(answer: Promise<Response>): Promise<string> {
  return (await answer).headers.get('etag') ?? 'none';
}

describe('a write a moment after another process wrote', () => {
  it('of an agent is judged by what is there now', async () => {
    await other.admin('GET', '/admin/agents/agent');
    const first = await tagOf(one.admin('GET', '/admin/agents/agent'));
    const second = await tagOf(
      one.admin('PATCH', '/admin/agents/agent', { tags: ['one'] }, { 'if-match': first }),
    );
    expect(await tagOf(other.admin('GET', '/admin/agents/agent'))).toBe(second);
    const status = { status: 'inactive' };
    const late = await other.admin('PATCH', '/admin/agents/agent/status', status, { 'if-match': first });
    expect(late.status).toBe(412);
    const now = await other.admin('PATCH', '/admin/agents/agent/status', status, { 'if-match': second });
    expect(now.status).toBe(200);
  });

  it('of an agent that was absent before finds it', async () => {
    expect((await other.admin('GET', '/admin/agents/late')).status).toBe(404);
    const body = { agentId: 'late', agentCardUrl: one.agent.cardUrl };
    const tag = await tagOf(one.admin('POST', '/admin/agents', body));
    expect((await other.admin('POST', '/admin/agents', body)).status).toBe(409);
    expect((await other.admin('DELETE', '/admin/agents/late', undefined, { 'if-match': tag })).status).toBe(
      204,
    );
    expect((await one.admin('POST', '/admin/agents', body)).status).toBe(201);
  });

  it('finds the card that waits there, and the versions that are kept', async () => {
    const path = '/admin/agents/agent';
    one.agent.card(cardAt(one.agent.url, { security: [{ key: [] }] }));
    expect((await one.admin('POST', `${path}/sync`)).status).toBe(202);
    const tag = await tagOf(other.admin('GET', `${path}/candidate`));
    const seen = { 'if-match': tag };
    const approve = (gateway: TestGateway) =>
      gateway.admin('POST', `${path}/candidate/approve`, undefined, seen);
    const [first, second] = await Promise.all([approve(one), approve(other)]);
    expect([first.status, second.status].filter((status) => status === 200)).toHaveLength(1);
    for (const gateway of [one, other]) {
      expect((await gateway.admin('GET', `${path}/candidate`)).status).toBe(404);
      const { versions } = await (await gateway.admin('GET', `${path}/versions`)).json();
      expect(versions.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    }
  });

  it('of a permission is judged by what is there now', async () => {
    const path = '/admin/permissions/demo';
    const first = await tagOf(other.admin('GET', path));
    const grant = { allowedAgents: ['agent'], operations: ['send'] };
    const second = await tagOf(one.admin('PUT', path, grant, { 'if-match': first }));
    expect((await other.admin('PUT', path, grant, { 'if-match': first })).status).toBe(412);
    expect((await other.admin('DELETE', path, undefined, { 'if-match': second })).status).toBe(204);
    expect((await one.admin('GET', path)).status).toBe(404);
  });
});
