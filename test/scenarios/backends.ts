import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bindings, call, message, success } from '../support/bindings.ts';
import { cites } from '../support/cites.ts';
import { remember, taskOf } from '../support/remembering-agent.ts';
import { answerJson, type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { type Cast, permit, register } from './cast.ts';

/** What agents are presented with, and that conversations stay where they are. */
export function backendScenarios(cast: () => Cast): void {
  let second: ScriptedAgent;

  beforeAll(async () => {
    second = await startScriptedAgent();
    const apiKey = { type: 'api_key', name: 'X-Key', apiKey: 'a-key-of-the-agent' };
    await register(cast(), 'keyed', { authConfig: apiKey });
    await register(cast(), 'informed', { authConfig: { type: 'gateway_identity' } });
    const urls = [cast().agent.url, second.url].map((url) => ({ url }));
    await register(cast(), 'several', { backend: { type: 'http', urls, affinity: 'context' } });
    const operations = ['send', 'stream', 'read', 'cancel', 'push'];
    await permit(cast(), 'demo', { allowedAgents: ['agent', 'keyed', 'informed', 'several'], operations });
  }, 60_000);
  afterAll(() => second?.close());

  it.each(bindings)("present an agent's key, and nothing of the caller's, in %s", async (binding) => {
    cites('A2A-7.3-identity-in-headers', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const { agent } = cast();
    agent.script(answerJson(success(binding, {})));
    const response = await call(cast(), binding, 'SendMessage', { agentId: 'keyed' });
    expect([response.status, await response.text()]).toEqual([200, success(binding, {})]);
    expect(agent.seen.at(-1)?.headers).toMatchObject({ 'x-key': 'a-key-of-the-agent' });
    expect(agent.seen.at(-1)?.headers).not.toHaveProperty('authorization');
    const shown = await cast().admin('GET', '/admin/agents/keyed');
    expect(await shown.text()).not.toContain('a-key-of-the-agent');
  });

  it.each(bindings)('say who calls, verifiably by the keys that are served, in %s', async (binding) => {
    const { agent, publicUrl, anonymous } = cast();
    agent.script(answerJson(success(binding, {})));
    const response = await call(cast(), binding, 'SendMessage', { agentId: 'informed' });
    expect(response.status).toBe(200);
    const token = agent.seen.at(-1)?.headers.authorization?.slice('Bearer '.length) ?? '';
    const keys = createLocalJWKSet(await (await anonymous('/.well-known/jwks.json')).json());
    const verified = await jwtVerify(token, keys, { issuer: publicUrl, audience: agent.url });
    expect(verified.payload).toMatchObject({ sub: 'alice', agent_id: 'informed' });
  });

  it.each(bindings)('keep each conversation at its instance, in %s', async (binding) => {
    cites('A2A-3.4-sticky', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    remember(cast().agent, 'first');
    remember(second, 'second');
    const send = (ids: object) => {
      const params = { message: { ...message, ...ids } };
      return taskOf(call(cast(), binding, 'SendMessage', { agentId: 'several', params }));
    };
    const begun = await Promise.all(Array.from({ length: 6 }, () => send({})));
    for (const task of begun) {
      const byContext = await send({ contextId: task?.contextId });
      const byTask = await send({ taskId: task?.id });
      const instance = task?.metadata.instance;
      expect([byContext?.metadata, byTask?.metadata]).toEqual([
        { instance, turns: 2 },
        { instance, turns: 3 },
      ]);
    }
  });
}
