import { expect, it } from 'vitest';
import { call } from '../support/bindings.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson } from '../support/scripted-agent.ts';
import { type Cast, permit, register } from './cast.ts';

/** What administrators do, and what callers notice of it. */
export function managementScenarios(cast: () => Cast): void {
  it('registers, changes and deletes an agent, each change guarded by its revision', async () => {
    const { admin } = cast();
    await register(cast(), 'managed');
    const path = '/admin/agents/managed';
    const read = await admin('GET', path);
    const etag = read.headers.get('etag') ?? '';
    expect(await read.json()).toMatchObject({ agentId: 'managed', status: 'active', tags: [] });

    expect((await admin('PATCH', path, { tags: ['x'] })).status).toBe(428);
    const changed = await admin('PATCH', path, { tags: ['x'] }, { 'if-match': etag });
    expect([changed.status, (await changed.json()).tags]).toEqual([200, ['x']]);
    const late = await admin('PATCH', path, { tags: ['y'] }, { 'if-match': etag });
    expect(late.status).toBe(412);
    expect(errorInfo(await late.text())?.reason).toBe('PRECONDITION_FAILED');

    const deleted = await admin('DELETE', path, undefined, { 'if-match': changed.headers.get('etag') ?? '' });
    expect([deleted.status, await deleted.text()]).toEqual([204, '']);
    expect((await admin('GET', path)).status).toBe(404);
  });

  it('refuses an agent whose member it does not know, naming it', async () => {
    const body = { agentId: 'odd', agentCardUrl: 'https://odd.example/card', surprise: 1 };
    const refused = await cast().admin('POST', '/admin/agents', body);
    expect(refused.status).toBe(400);
    expect(errorInfo(await refused.text())?.metadata).toMatchObject({ parameter: 'surprise' });
  });

  it('sets, shows and takes away a permission', async () => {
    const { admin } = cast();
    const path = '/admin/permissions/some.scope';
    const permission = { allowedAgents: ['tag:none'], operations: ['read'] };
    const made = await admin('PUT', path, permission);
    expect(made.status).toBe(201);
    expect(await (await admin('GET', path)).json()).toMatchObject({ scope: 'some.scope', ...permission });
    const { permissions } = await (await admin('GET', '/admin/permissions?pageSize=100')).json();
    expect(permissions.map(({ scope }: { scope: string }) => scope)).toEqual(['demo', 'some.scope']);
    expect((await admin('DELETE', path)).status).toBe(204);
    expect((await admin('GET', path)).status).toBe(404);
  });

  it('lets a caller in and out as permissions change', async () => {
    const { agent } = cast();
    agent.script(answerJson({ tasks: [] }));
    const list = async () => (await call(cast(), 'HTTP+JSON', 'ListTasks', { agentId: 'hidden' })).status;
    const operations = ['send', 'stream', 'read', 'cancel', 'push'];
    expect(await list()).toBe(403);
    await permit(cast(), 'demo', { allowedAgents: ['agent', 'hidden'], operations });
    expect(await list()).toBe(200);
    await permit(cast(), 'demo', { allowedAgents: ['agent'], operations });
    expect(await list()).toBe(403);
  });
}
