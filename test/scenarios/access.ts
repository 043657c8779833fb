import { expect, it } from 'vitest';
import { cites } from '../support/cites.ts';
import { rpc } from '../support/gateway.ts';
import { errorInfo } from '../support/raw.ts';
import { asReceived, bySpecification, verifyStrictly } from '../support/strict-card-verifier.ts';
import type { Cast } from './cast.ts';

const cardPath = (agentId: string) => `/agents/${agentId}/.well-known/agent-card.json`;

/** Who finds what, and who is turned away. */
export function accessScenarios(cast: () => Cast): void {
  it('lists only the agents a caller may call', async () => {
    const response = await cast().fetch('/agents');
    expect(response.status).toBe(200);
    const { agents, totalSize } = await response.json();
    expect(agents.map(({ agentId }: { agentId: string }) => agentId)).toEqual(['agent']);
    expect(totalSize).toBe(1);
  });

  it('shows a card that names the gateway and never the agent, and answers 304 to who has it', async () => {
    const { fetch, publicUrl, agent } = cast();
    const response = await fetch(cardPath('agent'));
    const text = await response.text();
    const { supportedInterfaces } = JSON.parse(text);
    for (const { url } of supportedInterfaces) expect(url).toBe(`${publicUrl}/agents/agent`);
    expect(text).not.toContain(agent.url);
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(cardPath('agent'), { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  });

  it('shows a card that the keys of the gateway verify', async () => {
    cites('A2A-8.4.3-verifiable');
    const { fetch, anonymous, publicUrl } = cast();
    const keys = await (await anonymous('/.well-known/jwks.json')).json();
    for (const version of ['1.0', '0.3']) {
      const card = await (await fetch(cardPath('agent'), { headers: { 'a2a-version': version } })).json();
      for (const reading of [bySpecification, asReceived])
        expect(await verifyStrictly(card, keys, reading)).toMatchObject({
          jku: `${publicUrl}/.well-known/jwks.json`,
        });
    }
  });

  it.each([
    ['without a token', {}],
    ['with a token that is none', { authorization: 'Bearer x' }],
  ])('refuses a caller %s with 401 and a challenge', async (_, headers) => {
    const { anonymous, differences } = cast();
    const request = rpc('GetTask', { id: 't-1' });
    const response = await anonymous('/agents/agent', {
      ...request,
      headers: { ...request.headers, ...headers },
    });
    const body = await response.text();
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    if (differences.refusalsAtTheEdge === undefined) expect(errorInfo(body)?.reason).toMatch(/^TOKEN_/);
  });

  it('answers a forbidden agent and an unknown one with the same bytes', async () => {
    cites('A2A-3.3.2-not-found', 'JSON-RPC 1.0');
    const { fetch, agent, differences } = cast();
    const before = agent.seen.length;
    const [hidden, unknown] = await Promise.all(
      ['hidden', 'never-was'].map(async (agentId) => {
        const response = await fetch(`/agents/${agentId}`, rpc('GetTask', { id: 't-1' }));
        return [response.status, response.headers.get('content-type'), await response.text()];
      }),
    );
    expect(hidden).toEqual(unknown);
    expect(hidden?.[0]).toBe(403);
    if (differences.refusalsAtTheEdge === undefined)
      expect(errorInfo(String(hidden?.[2]))?.reason).toBe('AGENT_FORBIDDEN');
    expect(agent.seen).toHaveLength(before);
  });

  it('refuses management to who is no administrator', async () => {
    const { fetch, differences } = cast();
    const response = await fetch('/admin/agents');
    const body = await response.text();
    expect(response.status).toBe(403);
    if (differences.refusalsAtTheEdge === undefined) expect(errorInfo(body)?.reason).toBe('SCOPE_MISSING');
  });

  it('tells anyone how to authenticate, and that it is up', async () => {
    const { anonymous } = cast();
    const metadata = await anonymous('/.well-known/oauth-protected-resource/agents/agent');
    expect(await metadata.json()).toMatchObject({ bearer_methods_supported: ['header'] });
    const health = await anonymous('/health');
    expect([health.status, (await health.json()).status]).toEqual([200, 'up']);
  });

  it('answers HEAD as GET, without the body', async () => {
    const { fetch, differences } = cast();
    const response = await fetch(cardPath('agent'), { method: 'HEAD' });
    expect(await response.text()).toBe('');
    if (differences.routesAtTheEdge !== undefined) return expect([403, 404, 405]).toContain(response.status);
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toMatch(/^W\/"/);
  });
}
