import { expect, it } from 'vitest';
import { bindings, call, message, success } from '../support/bindings.ts';
import { cites } from '../support/cites.ts';
import { rpc } from '../support/gateway.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson, nextCall } from '../support/scripted-agent.ts';
import type { Cast } from './cast.ts';

/** Calls that are answered in one piece. */
export function callScenarios(cast: () => Cast): void {
  it.each(bindings)(
    'hands a message to the agent and its answer back, byte for byte, in %s',
    async (binding) => {
      cites('A2A-3.1.1-send-message', 'A2A-5.7-unknown-members', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
      const { agent } = cast();
      const given = { message: { ...message, parts: [{ text: 'žluťoučký 🐎' }] } };
      const result = success(binding, { task: { id: 't-1', big: 'N' } }).replace('"N"', '9007199254740993.0');
      agent.script(answerJson(result));
      const response = await call(cast(), binding, 'SendMessage', { params: given });
      expect([response.status, await response.text()]).toEqual([200, result]);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const seen = agent.seen.at(-1);
      expect(seen?.body).toContain(JSON.stringify(given));
      expect(seen?.headers).toMatchObject({ 'a2a-version': '1.0' });
      expect(seen?.headers).not.toHaveProperty('authorization');
    },
  );

  it.each(bindings)('cancels a task in %s', async (binding) => {
    cast().agent.script(answerJson(success(binding, { id: 't-1' })));
    const response = await call(cast(), binding, 'CancelTask');
    expect([response.status, await response.text()]).toEqual([200, success(binding, { id: 't-1' })]);
  });

  it('hands on the query of a read, with what is encoded in it', async () => {
    cites('A2A-11.5-query', 'HTTP+JSON 1.0');
    const { fetch, agent } = cast();
    agent.script(answerJson({ task: { id: 't-1' } }));
    await call({ fetch }, 'HTTP+JSON', 'SendMessage');
    agent.script(answerJson({ id: 't-1' }));
    const read = '/tasks/t-1?historyLength=3&x=a%2Fb%20%26%C3%A9&x=1&x=2';
    const response = await fetch(`/agents/agent${read}`);
    expect([response.status, await response.json()]).toEqual([200, { id: 't-1' }]);
    expect(agent.seen.at(-1)?.target).toBe(`/rest${read}`);
  });

  it.each(bindings)('lists the tasks that its caller has in a conversation, in %s', async (binding) => {
    cites('A2A-3.1.4-list-tasks', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const { agent } = cast();
    const contextId = `a/b &é ${binding}`;
    const task = { id: `listed in ${binding}`, contextId, status: { state: 'TASK_STATE_WORKING' } };
    agent.script(answerJson(success(binding, { task })));
    await call(cast(), binding, 'SendMessage', { params: { message: { ...message, contextId } } });
    agent.script(answerJson(success(binding, task)));
    const response = await call(cast(), binding, 'ListTasks', { params: { contextId, pageSize: 3 } });
    const list = { tasks: [task], nextPageToken: '', pageSize: 3, totalSize: 1 };
    expect([response.status, await response.json()]).toEqual([200, JSON.parse(success(binding, list))]);
  });

  it('hands on the error of an agent as it is', async () => {
    const { fetch, agent } = cast();
    const error = {
      error: { code: 400, status: 'FAILED_PRECONDITION', message: 'no', details: [{ reason: 'OURS' }] },
    };
    agent.script(answerJson(error, 400));
    const response = await call({ fetch }, 'HTTP+JSON', 'SendMessage');
    expect([response.status, await response.json()]).toEqual([400, error]);
  });

  it('refuses a body over the limit with 413', async () => {
    cites('A2A-13.4-limits');
    const { fetch, maxBodyBytes, differences } = cast();
    const response = await fetch('/agents/agent', rpc('SendMessage', { x: 'x'.repeat(maxBodyBytes) }));
    const body = await response.text();
    expect(response.status).toBe(413);
    if (differences.bodyLimitAtTheEdge === undefined) expect(errorInfo(body)?.reason).toBe('BODY_TOO_LARGE');
  });

  it('has nothing where there is no route', async () => {
    const { fetch, differences } = cast();
    const response = await fetch('/admin/nothing');
    const body = await response.text();
    if (differences.routesAtTheEdge !== undefined) return expect([403, 404]).toContain(response.status);
    expect(response.status).toBe(404);
    expect(errorInfo(body)?.reason).toBe('ROUTE_NOT_FOUND');
  });

  it('refuses a path with a separator hidden in it', async () => {
    const response = await cast().fetch('/agents/agent/tasks/a%2Fb');
    expect(response.status).toBe(400);
    expect(errorInfo(await response.text())?.reason).toBe('PATH_REFUSED');
  });

  it.each(bindings)('ends the call when its caller leaves while the agent thinks, in %s', async (binding) => {
    const held = nextCall(cast().agent);
    const left = new AbortController();
    const answer = call(cast(), binding, 'SendMessage', { signal: left.signal }).catch(() => undefined);
    const { closed } = await held;
    left.abort();
    await closed;
    await answer;
  });
}
