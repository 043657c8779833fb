import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bindings, call, expectRefusal, success } from './support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import {
  answerJson,
  cardAt,
  type Script,
  type ScriptedAgent,
  startScriptedAgent,
} from './support/scripted-agent.ts';

/** The gateway presents a credential of its own to a backend, and nothing of the caller's. */

const secret = 'very-secret-client-secret';
let gateway: TestGateway;
/** Tokens are asked for at `/token`, whatever a test scripts for its answer. */
let issuer: ScriptedAgent;
let issued = 0;

function authConfig(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'oauth2_client_credentials',
    tokenUrl: `${issuer.url}/token`,
    clientId: 'gate:way',
    clientSecret: secret,
    scopes: ['invoke', 'more'],
    ...members,
  };
}

function issue(...[request, response, incoming]: Parameters<Script>): void {
  const token = { access_token: `backend-token-${++issued}`, token_type: 'bearer', expires_in: 3_600 };
  answerJson(token)(request, response, incoming);
}

/** An agent that answers every call with the credential it saw, but for those refused. */
function echoes(...refused: string[]): Script {
  return (request, response, incoming) => {
    const token = request.headers.authorization ?? 'none';
    const status = refused.includes(token.replace('Bearer ', '')) ? 401 : 200;
    answerJson(success('JSON-RPC', { token }), status)(request, response, incoming);
  };
}

async function tokenSeen(agentId: string): Promise<string> {
  const response = await call(gateway, 'JSON-RPC', 'GetTask', { agentId });
  const { result } = (await response.json()) as { result: { token: string } }; // The agent answers so.
  return result.token;
}

let agents = 0;

/** An agent of its own, so that no token is known yet. */
async function newAgent(members: Record<string, unknown> = {}): Promise<string> {
  const agentId = `backend-${++agents}`;
  await register(gateway, { agentId, authConfig: authConfig(members) });
  return agentId;
}

beforeAll(async () => {
  [gateway, issuer] = await Promise.all([startGateway(), startScriptedAgent()]);
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => Promise.all([gateway.close(), issuer.close()]));
beforeEach(() => {
  issued = 0;
  issuer.script(issue);
  issuer.seen.splice(0);
  gateway.agent.script(echoes());
  gateway.agent.seen.splice(0);
});

describe('a token for a backend', () => {
  it('is asked for with the registered client, by the book', async () => {
    await tokenSeen(await newAgent());
    const { method, target, headers, body } = issuer.seen[0] ?? { headers: {} };
    expect([method, target, body]).toEqual([
      'POST',
      '/token',
      'grant_type=client_credentials&scope=invoke+more',
    ]);
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    // RFC 6749 §2.3.1: form-encoded before they are joined.
    expect(headers.authorization).toBe(`Basic ${btoa(`gate%3Away:${secret}`)}`);
  });

  it('is fetched once for all who call at once, and kept', async () => {
    const agentId = await newAgent();
    const answers: ServerResponse[] = [];
    const asked = new Promise<void>((resolve) => {
      issuer.script((_request, response) => {
        answers.push(response);
        resolve();
      });
    });
    const calls = Array.from({ length: 20 }, () => tokenSeen(agentId));
    await asked;
    await (await gateway.fetch('/health')).text(); // The others have come by now.
    answers[0]?.setHeader('content-type', 'application/json');
    answers[0]?.end(JSON.stringify({ access_token: 'shared', token_type: 'Bearer', expires_in: 3_600 }));
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['Bearer shared']));
    expect(await tokenSeen(agentId)).toBe('Bearer shared');
    expect(issuer.seen).toHaveLength(1);
  });

  it('is the same for JSON-RPC, HTTP+JSON and a stream', async () => {
    const agentId = await newAgent();
    for (const binding of bindings) {
      await (await call(gateway, binding, 'SendStreamingMessage', { agentId })).text();
      await (await call(gateway, binding, 'GetTask', { agentId })).text();
    }
    const seen = gateway.agent.seen.map(({ headers }) => headers.authorization);
    expect(seen).toEqual(Array.from({ length: 4 }, () => 'Bearer backend-token-1'));
  });

  it('is replaced once where the backend refuses it, and the call sent again whole', async () => {
    const agentId = await newAgent();
    expect(await tokenSeen(agentId)).toBe('Bearer backend-token-1');
    gateway.agent.script(echoes('backend-token-1'));
    gateway.agent.seen.splice(0);
    expect(await tokenSeen(agentId)).toBe('Bearer backend-token-2');
    const [first, second] = gateway.agent.seen;
    expect(gateway.agent.seen).toHaveLength(2);
    expect(second?.body).toBe(first?.body);
  });

  it('refused to many at once is replaced by one', async () => {
    const agentId = await newAgent();
    await tokenSeen(agentId);
    gateway.agent.script(echoes('backend-token-1'));
    const tokens = await Promise.all(Array.from({ length: 10 }, () => tokenSeen(agentId)));
    expect(new Set(tokens)).toEqual(new Set(['Bearer backend-token-2']));
    expect(issuer.seen).toHaveLength(2);
  });

  it.each(bindings)('refused twice is the end of it in %s', async (binding) => {
    const agentId = await newAgent();
    gateway.agent.script((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="inside"' }).end();
    });
    const response = await call(gateway, binding, 'GetTask', { agentId });
    expect(response.headers.get('www-authenticate')).toBeNull();
    await expectRefusal(response, binding, 'UPSTREAM_UNAUTHORIZED');
    expect([issuer.seen.length, gateway.agent.seen.length]).toEqual([2, 2]);
  });

  it('is another as soon as the registration says another credential', async () => {
    const agentId = await newAgent();
    expect(await tokenSeen(agentId)).toBe('Bearer backend-token-1');
    const { headers } = await gateway.admin('GET', `/admin/agents/${agentId}`);
    const change = { authConfig: authConfig({ clientSecret: 'the-next-secret' }) };
    const changed = await gateway.admin('PATCH', `/admin/agents/${agentId}`, change, {
      'if-match': headers.get('etag') ?? '',
    });
    expect(changed.status).toBe(200);
    expect(await tokenSeen(agentId)).toBe('Bearer backend-token-2');
    expect(issuer.seen[1]?.headers.authorization).toBe(`Basic ${btoa('gate%3Away:the-next-secret')}`);
    const none = await gateway.admin(
      'PATCH',
      `/admin/agents/${agentId}`,
      { authConfig: { type: 'none' } },
      { 'if-match': changed.headers.get('etag') ?? '' },
    );
    expect(none.status).toBe(200);
    expect(await tokenSeen(agentId)).toBe('none');
  });

  it('survives a restart as a secret, not as a token', async () => {
    const agentId = await newAgent();
    await tokenSeen(agentId);
    await gateway.restart();
    expect(await tokenSeen(agentId)).toBe('Bearer backend-token-2');
  });
});

describe('a token endpoint', () => {
  const leaked = 'leaked-token-of-the-endpoint';
  const html = `<html>${leaked}</html>`;

  it.each<[string, Script, string?]>([
    ['refuses', answerJson({ error: 'invalid_client', error_description: leaked }, 401), 'token_refused'],
    ['breaks', answerJson(html, 500, 'text/html'), 'token_endpoint'],
    ['answers HTML', answerJson(html, 200, 'text/html')],
    ['answers JSON cut in half', answerJson(`{"access_token":"${leaked}`)],
    ['answers a list', answerJson([leaked])],
    ['answers no token', answerJson({ token_type: 'bearer', other: leaked })],
    [
      'answers a token that is no header value',
      answerJson({ access_token: `${leaked}\r\nx: y`, token_type: 'bearer' }),
    ],
    ['answers a token of another type', answerJson({ access_token: leaked, token_type: 'mac' })],
    [
      'answers a token that fits in no header',
      answerJson({ access_token: 'x'.repeat(9_000), token_type: 'bearer' }),
    ],
    ['answers too much', answerJson({ access_token: leaked, token_type: 'bearer', pad: 'x'.repeat(70_000) })],
    ['hangs up', (_request, response) => response.destroy(), 'token_endpoint'],
    [
      'redirects',
      (_request, response) => {
        response.writeHead(307, { location: `${issuer.url}/elsewhere?${leaked}` }).end();
      },
      'token_refused',
    ],
  ])(
    'that %s leaves the call without credential, and tells nothing',
    async (_, script, problem = 'token_answer') => {
      issuer.script(script);
      const logged = gateway.logged.length;
      const agentId = await newAgent();
      for (const binding of bindings) {
        const response = await call(gateway, binding, 'GetTask', { agentId });
        const said = `${await response.clone().text()} ${JSON.stringify([...response.headers])}`;
        expect(said).not.toContain(leaked);
        await expectRefusal(response, binding, 'CREDENTIAL_UNAVAILABLE', { problem });
      }
      expect(gateway.agent.seen).toEqual([]);
      expect(issuer.seen.map(({ target }) => target)).toEqual(['/token', '/token']);
      const lines = JSON.stringify(gateway.logged.slice(logged));
      expect(lines).toContain('credential_unavailable');
      for (const hidden of [secret, btoa(`gate%3Away:${secret}`), leaked])
        expect(lines).not.toContain(hidden);
    },
  );

  it('that works again is used again', async () => {
    issuer.script(answerJson({}, 500));
    const agentId = await newAgent();
    const failed = await call(gateway, 'JSON-RPC', 'GetTask', { agentId });
    await expectRefusal(failed, 'JSON-RPC', 'CREDENTIAL_UNAVAILABLE', { problem: 'token_endpoint' });
    issuer.script(issue);
    expect(await tokenSeen(agentId)).toBe('Bearer backend-token-1');
  });
});

describe("the secret, the tokens and the caller's own", () => {
  it('are in no log line and no answer', async () => {
    const agentId = await newAgent();
    const answers: string[] = [];
    for (const path of ['', `/${agentId}`]) {
      answers.push(await (await gateway.admin('GET', `/admin/agents${path}`)).text());
    }
    const token = await gateway.issuer.token();
    gateway.agent.script(answerJson(success('HTTP+JSON', {})));
    const response = await call(gateway, 'HTTP+JSON', 'GetTask', {
      agentId,
      headers: { authorization: `Bearer ${token}`, cookie: 'session=1' },
    });
    answers.push(await response.text(), JSON.stringify([...response.headers]));
    const seen = gateway.agent.seen.at(-1)?.headers ?? {};
    expect([seen.authorization, seen.cookie]).toEqual(['Bearer backend-token-1', undefined]);
    const told = answers.join() + JSON.stringify(gateway.logged);
    for (const hidden of [secret, 'backend-token', token]) expect(told).not.toContain(hidden);
  });
});

describe('an agent registered without credential', () => {
  it('gets none', async () => {
    gateway.agent.card(cardAt(gateway.agent.url));
    await register(gateway, { agentId: 'bare' });
    expect(await tokenSeen('bare')).toBe('none');
  });
});
