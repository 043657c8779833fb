import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setStatus } from '../codes/scenes.ts';
import { register, startGateway, type TestGateway } from '../support/gateway.ts';
import { changeAgent, clientCredentials, readAgent, refusalOf, secretNames } from '../support/management.ts';
import { answerJson, cardAt, type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';

/** The ways in which AWS's sample of an A2A gateway is turned against what is behind it, by whoever may register an agent. */

let gateway: TestGateway;
/** Another origin, which an attacker holds. */
let evil: ScriptedAgent;
let issued = 0;

beforeAll(async () => {
  evil = await startScriptedAgent();
  gateway = await startGateway({ settings: { limits: { maxCardBytes: 4_096 } } });
});
afterAll(() => Promise.all([gateway.close(), evil.close()]));
beforeEach(() => {
  issued = 0;
  // Issues tokens at /token, each another one, and answers calls.
  gateway.agent.script((request, response, incoming) => {
    const isToken = request.target === '/token';
    const token = {
      access_token: `token-${isToken ? ++issued : 0}`,
      token_type: 'Bearer',
      expires_in: 3_600,
    };
    answerJson(isToken ? token : { tasks: [] })(request, response, incoming);
  });
  evil.script(answerJson({ tasks: [] }));
});
afterEach(() => {
  gateway.agent.card(cardAt(gateway.agent.url));
  gateway.agent.seen.splice(0);
  evil.seen.splice(0);
});

const credentials = (members: Record<string, unknown> = {}) =>
  clientCredentials(gateway, { tokenUrl: `${gateway.agent.url}/token`, ...members });

function registering(members: Record<string, unknown>): Promise<Response> {
  return gateway.admin('POST', '/admin/agents', {
    agentId: 'another',
    agentCardUrl: gateway.agent.cardUrl,
    ...members,
  });
}

const callsOf = (agent: ScriptedAgent) =>
  agent.seen.filter(({ target }) => target.startsWith('/rest')).map(({ headers }) => headers.authorization);

async function calling(agentId: string): Promise<Response> {
  const token = await gateway.issuer.token({ scope: 'everything' });
  return gateway.fetch(`/agents/${agentId}/tasks`, { headers: { authorization: `Bearer ${token}` } });
}

beforeAll(async () => {
  const everything = { allowedAgents: ['*'], operations: ['send', 'read'] };
  expect((await gateway.admin('PUT', '/admin/permissions/everything', everything)).ok).toBe(true);
});

describe('hole 33: whoever registers has the gateway ask what they cannot reach', () => {
  let strict: TestGateway;
  let asked = 0;
  const inside = createServer((_, response) => {
    asked += 1;
    response.end('{}');
  });
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.2', resolve));
    port = (inside.address() as { port: number }).port; // A TCP server that listens has one.
    // The issuer's address, and no other.
    const upstream = { allowHttp: true, allowAddresses: ['127.0.0.1/32'] };
    strict = await startGateway({ registration: null, settings: { upstream } });
  });
  afterAll(async () => {
    inside.close();
    await strict.close();
  });

  const places = [
    'http://127.0.0.2:PORT/',
    'https://127.0.0.2:PORT/',
    'http://127.2:PORT/',
    'http://2130706434:PORT/',
    'http://0x7f000002:PORT/',
    'http://0177.0.0.2:PORT/',
    'http://[::ffff:127.0.0.2]:PORT/',
    'http://[::1]:PORT/',
    'http://0.0.0.0:PORT/',
    'http://127.0.0.2:9001/2018-06-01/runtime/invocation/next',
    'http://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/latest/meta-data/',
    'https://10.0.0.1/',
    'http://user:secret@127.0.0.2:PORT/',
    'file:///etc/passwd',
    'ftp://example.com/card.json',
    'gopher://example.com/',
    'data:application/json,{}',
  ];

  it.each(places)('%s is asked for no card', async (place) => {
    const body = { agentId: 'spy', agentCardUrl: place.replace('PORT', `${port}`) };
    const { status, reason } = await refusalOf(strict.admin('POST', '/admin/agents', body));
    expect([400, 502]).toContain(status);
    expect(['PARAMETER_INVALID', 'CARD_UNAVAILABLE', 'UPSTREAM_ADDRESS_REFUSED']).toContain(reason);
    expect(asked).toBe(0);
  });

  it.each(places)('%s is taken for no token endpoint and for no backend', async (place) => {
    const url = place.replace('PORT', `${port}`);
    const card = { agentId: 'spy', agentCardUrl: 'https://203.0.113.1/card.json' };
    for (const members of [
      { backendUrl: url },
      { authConfig: clientCredentials(strict, { tokenUrl: url }) },
    ]) {
      const answer = await strict.admin('POST', '/admin/agents', { ...card, ...members });
      expect((await refusalOf(answer)).reason).toBe('PARAMETER_INVALID');
    }
    expect(asked).toBe(0);
  });

  it('a redirect leads nowhere inside', async () => {
    const redirecting = await startScriptedAgent();
    redirecting.script((_, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
    });
    const refused = await refusalOf(registering({ agentCardUrl: `${redirecting.url}/card` }));
    expect(refused).toMatchObject({ status: 502, reason: 'CARD_UNAVAILABLE' });
    await redirecting.close();
  });

  it('a card without end is read to its limit', async () => {
    let written = 0;
    evil.script((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const write = () => {
        while (response.write('x'.repeat(1_024))) written += 1_024;
      };
      response.on('drain', write);
      write();
    });
    const refused = await refusalOf(registering({ agentCardUrl: `${evil.url}/card` }));
    expect(refused).toMatchObject({ reason: 'CARD_UNAVAILABLE', metadata: { problem: 'too_large' } });
    expect(written).toBeLessThan(64 * 1_024 * 1_024);
  });

  it.each([200, 404, 500])('what is answered with %i is told to nobody', async (status) => {
    evil.script(answerJson('root:x:0:0:secret-of-the-inside', status, 'text/plain'));
    const answer = await registering({ agentCardUrl: `${evil.url}/card` });
    expect(await answer.text()).not.toContain('secret-of-the-inside');
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});

describe('hole 34: the credential goes to whatever host the card names', () => {
  it('a card that names another is refused, and the credential goes nowhere', async () => {
    gateway.agent.card(cardAt(evil.url));
    const refused = await refusalOf(registering({ authConfig: credentials() }));
    expect(refused).toMatchObject({ status: 422, reason: 'CARD_INVALID' });
    expect(evil.seen).toEqual([]);
  });

  it('so is one that comes to name another later: the credential goes on to the backend alone', async () => {
    await register(gateway, { agentId: 'turning', authConfig: credentials() });
    gateway.agent.card(cardAt(evil.url));
    await gateway.admin('POST', '/admin/agents/turning/sync');
    expect((await calling('turning')).status).toBe(200);
    expect(callsOf(gateway.agent)).toEqual(['Bearer token-1']);
    expect(evil.seen).toEqual([]);
  });
});

describe('hole 35: registering again overwrites, and a failed attempt does harm', () => {
  it('the id is taken: nothing of the agent changes, nor does a deactivated one come back', async () => {
    await register(gateway, { agentId: 'taken', authConfig: credentials() });
    await setStatus(gateway, 'taken', 'inactive');
    const before = await readAgent(gateway, 'taken');
    const secrets = await secretNames(gateway);
    for (const members of [
      {},
      { authConfig: credentials({ clientSecret: 'of the attacker' }) },
      { agentCardUrl: evil.cardUrl, authConfig: { type: 'none' } },
    ]) {
      const refused = await refusalOf(registering({ agentId: 'taken', ...members }));
      expect(refused).toMatchObject({ status: 409, reason: 'AGENT_EXISTS' });
    }
    expect(await readAgent(gateway, 'taken')).toEqual(before);
    expect(await secretNames(gateway)).toEqual(secrets);
    expect((await calling('taken')).status).toBe(503);
  });

  it('an attempt that fails leaves no secret, and a change that fails leaves the old one at work', async () => {
    await register(gateway, { agentId: 'working', authConfig: credentials() });
    const secrets = await secretNames(gateway);
    gateway.agent.card('no card at all');
    expect((await registering({ authConfig: credentials() })).status).toBe(422);
    const move = {
      agentCardUrl: `${gateway.agent.url}/elsewhere`,
      authConfig: credentials({ clientId: 'x' }),
    };
    expect((await changeAgent(gateway, 'working', move)).ok).toBe(false);
    expect(await secretNames(gateway)).toEqual(secrets);
    expect((await calling('working')).status).toBe(200);
    expect(callsOf(gateway.agent)).toEqual(['Bearer token-1']);
  });
});

describe('hole 36: a token is kept by the id of the agent alone', () => {
  async function unregister(agentId: string): Promise<void> {
    const { etag } = await readAgent(gateway, agentId);
    const gone = await gateway.admin('DELETE', `/admin/agents/${agentId}`, undefined, { 'if-match': etag });
    expect(gone.status).toBe(204);
  }

  it('another secret means another token, from the next call on', async () => {
    await register(gateway, { agentId: 'renewed', authConfig: credentials() });
    await calling('renewed');
    const change = { authConfig: credentials({ clientSecret: 'the next one' }) };
    expect((await changeAgent(gateway, 'renewed', change)).status).toBe(200);
    await calling('renewed');
    expect(callsOf(gateway.agent)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('an agent registered anew under the id of another never gets what was the other’s', async () => {
    await register(gateway, { agentId: 'reborn', authConfig: credentials() });
    await calling('reborn');
    await unregister('reborn');
    evil.card(cardAt(evil.url));
    await register(gateway, { agentId: 'reborn', agentCardUrl: evil.cardUrl });
    await calling('reborn');
    expect(callsOf(evil)).toEqual([undefined]);
    await unregister('reborn');
    await register(gateway, { agentId: 'reborn', authConfig: credentials() });
    await calling('reborn');
    expect(callsOf(gateway.agent)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('a token the backend refuses is replaced once, and no more', async () => {
    await register(gateway, { agentId: 'refusing', authConfig: credentials() });
    gateway.agent.script((request, response, incoming) => {
      const token = { access_token: `token-${++issued}`, token_type: 'Bearer', expires_in: 3_600 };
      if (request.target === '/token') answerJson(token)(request, response, incoming);
      else answerJson({}, 401)(request, response, incoming);
    });
    const { status, reason } = await refusalOf(calling('refusing'));
    expect([status, reason]).toEqual([502, 'UPSTREAM_UNAUTHORIZED']);
    expect(callsOf(gateway.agent)).toEqual(['Bearer token-1', 'Bearer token-3']);
  });
});
