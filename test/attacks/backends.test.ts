import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cites } from '../support/cites.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson, cardAt, type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';
import { serving } from '../support/upstream-servers.ts';

let gateway: TestGateway;
/** Another origin, which an attacker holds. */
let evil: ScriptedAgent;

const clientSecret = 'correct-horse-battery-staple-1';
const newSecret = 'correct-horse-battery-staple-2';

function credentials(secret = clientSecret): Record<string, unknown> {
  const tokenUrl = `${gateway.agent.url}/token`;
  return {
    type: 'oauth2_client_credentials',
    tokenUrl,
    clientId: 'gateway',
    clientSecret: secret,
    scopes: ['invoke'],
  };
}

beforeAll(async () => {
  evil = await startScriptedAgent();
  gateway = await startGateway();
  gateway.agent.script((request, response, incoming) => {
    const token = { access_token: 'backend-token', token_type: 'Bearer', expires_in: 3600 };
    answerJson(request.target === '/token' ? token : {})(request, response, incoming);
  });
  await register(gateway, { agentId: 'guarded', authConfig: credentials() });
  await permit(gateway, 'demo', { allowedAgents: ['*'] });
});
afterAll(() => Promise.all([gateway.close(), evil.close()]));
afterEach(() => {
  gateway.agent.card(cardAt(gateway.agent.url));
  gateway.agent.seen.length = 0;
  expect(evil.seen).toEqual([]);
});

async function refusalOf(answer: Response): Promise<unknown> {
  return { status: answer.status, ...errorInfo(await answer.text()) };
}

function patch(agentId: string, change: unknown): Promise<Response> {
  return gateway.admin('PATCH', `/admin/agents/${agentId}`, change, { 'if-match': '*' });
}

/** Ways in which a card names an address that is not the backend's. */
const lies: readonly (readonly [string, (own: string, other: string) => Record<string, unknown>])[] = [
  ['as its only interface', (_, other) => cardAt(other)],
  [
    'as its second interface',
    (own, other) => {
      const { supportedInterfaces: own1 } = cardAt(own) as { supportedInterfaces: unknown[] };
      const { supportedInterfaces: other1 } = cardAt(other) as { supportedInterfaces: unknown[] };
      return cardAt(own, { supportedInterfaces: [own1[0], other1[1]] });
    },
  ],
  [
    'behind userinfo',
    (own, other) => cardAt(own.replace('http://', 'http://x@').replace(/127.*$/, new URL(other).host)),
  ],
  ['under another name of the host', (own) => cardAt(own.replace('127.0.0.1', 'localhost'))],
  ['under another port', (own) => cardAt(own.replace(/:\d+$/, ':9'))],
  ['under another scheme', (own) => cardAt(own.replace('http:', 'https:'))],
  ['at a metadata address', () => cardAt('http://169.254.169.254')],
  [
    'for gRPC',
    (own, other) =>
      cardAt(own, {
        supportedInterfaces: [
          ...(cardAt(own).supportedInterfaces as unknown[]),
          {
            url: new URL(other).host.replace('127.0.0.1', 'evil.test'),
            protocolBinding: 'GRPC',
            protocolVersion: '1.0',
          },
        ],
      }),
  ],
];

describe("a card that names another's address", () => {
  it.each(lies)('is refused at registration, at sync and at a change: %s', async (_, card) => {
    gateway.agent.card(card(gateway.agent.url, evil.url));
    const before = await (await gateway.admin('GET', '/admin/agents/guarded')).text();
    const body = { agentId: 'liar', agentCardUrl: gateway.agent.cardUrl, authConfig: credentials() };
    for (const answer of [
      await gateway.admin('POST', '/admin/agents', body),
      await gateway.admin('POST', '/admin/agents?validateOnly=true', body),
      await gateway.admin('POST', '/admin/agents/guarded/sync'),
      await patch('guarded', { backendUrl: gateway.agent.url }),
    ]) {
      expect(await refusalOf(answer)).toMatchObject({ status: 422, reason: 'CARD_INVALID' });
    }
    expect((await gateway.admin('GET', '/admin/agents/liar')).status).toBe(404);
    expect(await (await gateway.admin('GET', '/admin/agents/guarded')).text()).toBe(before);
  });

  it('is refused where a pin says the origin', async () => {
    const body = { agentId: 'liar', agentCardUrl: gateway.agent.cardUrl, backendUrl: evil.url };
    expect(await refusalOf(await gateway.admin('POST', '/admin/agents', body))).toMatchObject({
      reason: 'CARD_INVALID',
    });
  });

  it('is refused where a redirect led to it', async () => {
    const redirecting = await serving((_, response) => {
      response.writeHead(302, { location: evil.cardUrl }).end();
    });
    const body = { agentId: 'liar', agentCardUrl: `${redirecting}card.json`, authConfig: credentials() };
    expect(await refusalOf(await gateway.admin('POST', '/admin/agents', body))).toMatchObject({
      reason: 'CARD_INVALID',
    });
  });

  it.each([
    ['to itself', (own: URL) => own.href, 'redirects'],
    ['to a metadata address', () => 'http://169.254.169.254/latest/meta-data', 'address:metadata'],
    ['to a file', () => 'file:///etc/passwd', 'scheme'],
    ['to data', () => 'data:application/json,{}', 'scheme'],
    ['to no URL', () => 'http://[', 'redirect'],
  ])('is not fetched by a redirect %s', async (_, to, problem) => {
    const redirecting: URL = await serving((__, response) => {
      response.writeHead(302, { location: to(redirecting) }).end();
    });
    const body = { agentId: 'liar', agentCardUrl: `${redirecting}card.json` };
    expect(await refusalOf(await gateway.admin('POST', '/admin/agents', body))).toEqual({
      ...{ status: 502, reason: 'CARD_UNAVAILABLE' },
      metadata: { problem },
    });
  });
});

describe('a credential', () => {
  it('does not follow an agent that moves, unless it is given again', async () => {
    evil.card(cardAt(evil.url));
    for (const change of [
      { agentCardUrl: evil.cardUrl },
      { backendUrl: evil.url },
      { agentCardUrl: evil.cardUrl, backendUrl: evil.url },
      { agentCardUrl: evil.cardUrl, backendUrl: null },
      { agentCardUrl: evil.cardUrl, tags: ['x'], publicCard: true },
    ]) {
      expect(await refusalOf(await patch('guarded', change))).toEqual({
        ...{ status: 400, reason: 'PARAMETER_INVALID' },
        metadata: { parameter: 'authConfig', problem: 'required: the backend moves' },
      });
    }
  });

  it('is given whole: nothing of the old one is kept beside a new address', async () => {
    const { clientSecret: _, ...withoutSecret } = credentials();
    for (const authConfig of [
      withoutSecret,
      { ...withoutSecret, tokenUrl: `${evil.url}/token` },
      { ...credentials(''), tokenUrl: `${evil.url}/token` },
      { tokenUrl: `${evil.url}/token` },
      { ...credentials(), secretName: 'agents/guarded/x' },
    ]) {
      const answer = await patch('guarded', { authConfig });
      expect(await refusalOf(answer)).toMatchObject({ status: 400, reason: 'PARAMETER_INVALID' });
    }
  });

  it('reaches the backend alone, in place of whatever the caller sent', async () => {
    expect((await gateway.fetch('/agents/guarded/tasks')).status).toBe(200);
    const calls = gateway.agent.seen.filter(({ target }) => target !== '/token');
    expect(calls.map(({ headers }) => headers.authorization)).toEqual(['Bearer backend-token']);
    gateway.agent.seen.length = 0;
    await gateway.fetch('/agents/agent/tasks');
    expect(gateway.agent.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
}

describe('a client secret', () => {
  it('is in no answer, no log line and no file, from registration to deletion', async () => {
    cites('A2A-13.4-secrets');
    const said: string[] = [];
    const note = async (answer: Response) =>
      void said.push(JSON.stringify([...answer.headers]) + (await answer.text()));
    const spellings = [clientSecret, newSecret].flatMap((secret) => [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(`gateway:${secret}`).toString('base64'),
    ]);
    function expectSecrecy(): void {
      const all = [...said, JSON.stringify(gateway.logged), ...filesOf(gateway.dataDir)];
      expect(all.length).toBeGreaterThan(3);
      for (const text of all) for (const secret of spellings) expect(text.includes(secret)).toBe(false);
    }

    const body = { agentId: 'secretive', agentCardUrl: gateway.agent.cardUrl, authConfig: credentials() };
    const path = '/admin/agents/secretive';
    await note(await gateway.admin('POST', '/admin/agents?validateOnly=true', body));
    await note(await gateway.admin('POST', '/admin/agents', body));
    await note(await gateway.admin('POST', '/admin/agents', body)); // Taken by now.
    await note(await gateway.admin('POST', '/admin/agents', { ...body, agentId: 'Not an id' }));
    await note(await gateway.admin('POST', '/admin/agents', `${JSON.stringify(body)}}`));
    await note(await gateway.fetch('/agents/secretive/tasks'));
    expectSecrecy();

    await note(await patch('secretive', { authConfig: credentials(newSecret) }));
    await note(await patch('secretive', { authConfig: { ...credentials(newSecret), tokenUrl: 'ftp://x' } }));
    await note(await gateway.admin('GET', path));
    await note(await gateway.admin('GET', '/admin/agents'));
    await note(await gateway.admin('POST', `${path}/sync`));
    await note(await gateway.fetch('/agents/secretive/.well-known/agent-card.json'));
    gateway.agent.script(answerJson(`{"error":"${clientSecret} is wrong, so is ${newSecret}"`, 500));
    await note(await gateway.fetch('/agents/secretive/tasks')); // The token endpoint's words stay inside too.
    expectSecrecy();

    await gateway.restart();
    await note(await gateway.admin('DELETE', path, undefined, { 'if-match': '*' }));
    await note(await gateway.admin('GET', path));
    expectSecrecy();
    expect(said.map((text) => text.includes('"clientSecret":'))).not.toContain(true);
  });
});
