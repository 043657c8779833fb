import { AgentCard } from '@a2a-js/sdk';
import { ClientFactory } from '@a2a-js/sdk/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cites } from './support/cites.ts';
import { register, startGateway, type TestGateway } from './support/gateway.ts';
import { legacyCardAt } from './support/legacy.ts';
import { callerWith, syncCard } from './support/management.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

let gateway: TestGateway;

const cardPath = '/agents/agent/.well-known/agent-card.json';

beforeAll(async () => {
  gateway = await startGateway();
});

afterAll(() => gateway.close());

/** The card's path with another agent's id. */
function pathOf(agentId: string): string {
  return cardPath.replace('/agent/', `/${agentId}/`);
}

async function sync(card: Record<string, unknown>): Promise<void> {
  gateway.agent.card(card);
  await syncCard(gateway);
}

/** A card that gives its backend away wherever a card can. */
function tellingCard(): Record<string, unknown> {
  const { url } = gateway.agent;
  const { host } = new URL(url);
  const card = cardAt(url, {
    description: `Runs at ${url}/docs and at ${host}.`,
    provider: { organization: 'Example', url: `${url}/about` },
    documentationUrl: `${url}/docs`,
    iconUrl: `${url}/icon.png`,
    skills: [
      {
        id: 'say',
        name: 'Say',
        description: `Try ${url.toUpperCase()}/rpc`,
        tags: ['test'],
        examples: [`curl ${encodeURIComponent(`${url}/rpc`)}`],
      },
    ],
    securitySchemes: { backendKey: { apiKeySecurityScheme: { location: 'header', name: 'x-backend-key' } } },
    securityRequirements: [{ schemes: { backendKey: { list: [] } } }],
    signatures: [{ protected: 'c2VjcmV0LWhlYWRlcg', signature: 'c2VjcmV0LXNpZ25hdHVyZQ' }],
    secretMember: 'x',
  });
  card.capabilities = {
    streaming: true,
    extensions: [{ uri: 'urn:example:x', params: { endpoint: `${url}/x` } }, { uri: `${url}/extension` }],
  };
  card.supportedInterfaces = [
    { url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: 'tenant-blue' },
    { url: `${host.replace(/:.*/, '')}:50051`, protocolBinding: 'GRPC', protocolVersion: '1.0' },
    { url: `${url}/old`, protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
  ];
  return card;
}

/** The card's status, entity tag and text for readers of these versions. */
async function cardsBy(path: string, versions: readonly string[]): Promise<string[]> {
  return Promise.all(
    versions.map(async (version) => {
      const answer = await gateway.fetch(path, { headers: { 'a2a-version': version } });
      return [answer.status, answer.headers.get('etag'), await answer.text()].join(' ');
    }),
  );
}

describe('a published card', () => {
  it('has the gateway where the backend was, and nothing of the backend in any byte', async () => {
    cites('A2A-4.4.1-no-backend', 'A2A-8.4-no-stale-signature');
    await sync(tellingCard());
    const text = await (await gateway.fetch(cardPath)).text();
    const { port } = new URL(gateway.agent.url);
    for (const secret of [port, '50051', 'tenant', 'backendKey', 'x-backend-key', 'c2VjcmV0', 'secret'])
      expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
    expect(JSON.parse(text)).toMatchObject({
      name: 'Scripted',
      // The latest version first; in it what the agent speaks itself before what is bridged.
      supportedInterfaces: ['1.0', '0.3'].flatMap((protocolVersion) => [
        { url: 'http://127.0.0.1:1/agents/agent', protocolBinding: 'JSONRPC', protocolVersion },
        { url: 'http://127.0.0.1:1/agents/agent', protocolBinding: 'HTTP+JSON', protocolVersion },
      ]),
      securitySchemes: {
        gateway: {
          oauth2SecurityScheme: {
            flows: {
              clientCredentials: {
                tokenUrl: `${gateway.issuer.issuer}/token`,
                scopes: { demo: expect.any(String) },
              },
            },
          },
        },
      },
      securityRequirements: [{ schemes: { gateway: { list: ['demo'] } } }],
    });
  });

  it('has nothing of the backend for readers of 0.3 either', async () => {
    await sync(tellingCard());
    const text = await (await gateway.fetch(cardPath, { headers: { 'a2a-version': '0.3' } })).text();
    const { port } = new URL(gateway.agent.url);
    for (const secret of [port, '50051', 'tenant', 'backendKey', 'x-backend-key', 'c2VjcmV0', 'secret'])
      expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
    const { issuer } = gateway.issuer;
    expect(JSON.parse(text)).toMatchObject({
      name: 'Scripted',
      protocolVersion: '0.3.0',
      url: 'http://127.0.0.1:1/agents/agent',
      preferredTransport: 'JSONRPC',
      securitySchemes: {
        gateway: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: `${issuer}/token` } } },
      },
      security: [{ gateway: ['demo'] }],
    });
  });

  it('is that of 1.0 alone for readers of 1.0, of both for all who name no version or 0.3', async () => {
    cites('A2A-0.3-5.5-pure', 'A2A-0.3-5.5-hybrid');
    await sync(cardAt(gateway.agent.url));
    const [none, older, current, unknown] = await cardsBy(cardPath, ['', '0.3', '1.0', '9.9']);
    expect(none).toBe(older);
    expect(none).toContain('"preferredTransport"');
    expect(none).toContain('"supportedInterfaces"');
    expect(unknown).toBe(current);
    expect(current).not.toContain('"preferredTransport"');
    expect(current).not.toBe(none);
  });

  it('of an agent that may not be called in 0.3 is the same whatever version is asked for', async () => {
    cites('A2A-0.3-5.5-pure');
    await register(gateway, { agentId: 'modern', publicCard: true, protocolVersions: ['1.0'] });
    const cards = await cardsBy(pathOf('modern'), ['', '0.3', '1.0', '9.9']);
    expect(new Set(cards).size).toBe(1);
    expect(cards[0]).not.toContain('0.3');
  });

  it('of an agent that may be called in 0.3 alone lists no interface of 1.0', async () => {
    await register(gateway, { agentId: 'ancient', publicCard: true, protocolVersions: ['0.3'] });
    const [card] = await cardsBy(pathOf('ancient'), ['']);
    expect(card).not.toContain('"protocolVersion":"1.0"');
  });

  it('is JSON, for its caller alone, and for each version its own', async () => {
    cites('A2A-8.6-cache-control', 'A2A-8.6-variants');
    const { headers } = await gateway.fetch(cardPath);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('cache-control')).toMatch(/^private\b/);
    const varies = headers.get('vary')?.split(/, */) ?? [];
    expect(varies).toEqual(expect.arrayContaining(['Authorization', 'A2A-Version']));
  });

  it('is the same with a trailing slash', async () => {
    cites('A2A-8.2-address');
    const [one, other] = await Promise.all([gateway.fetch(cardPath), gateway.fetch(`${cardPath}/`)]);
    expect(other.status).toBe(200);
    expect(await other.text()).toBe(await one.text());
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    const [head, get] = await Promise.all([
      gateway.fetch(cardPath, { method: 'HEAD' }),
      gateway.fetch(cardPath),
    ]);
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['etag', 'content-type', 'cache-control', 'vary'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
  });

  it('is taken by the official SDK as it comes', async () => {
    cites('A2A-4.4.1-valid');
    gateway.agent.card(cardAt(gateway.agent.url));
    await register(gateway, { agentId: 'public', publicCard: true });
    const client = await new ClientFactory().createFromUrl(gateway.url + pathOf('public'), '');
    expect(client.protocolVersion).toBe('1.0');
    const published = AgentCard.fromJSON(await (await gateway.fetch(pathOf('public'))).json());
    const protocols = published.supportedInterfaces.map(
      (at) => `${at.protocolBinding} ${at.protocolVersion}`,
    );
    expect(protocols).toEqual(['JSONRPC 1.0', 'HTTP+JSON 1.0', 'JSONRPC 0.3', 'HTTP+JSON 0.3']);
  });
});

describe('the entity tag of a card', () => {
  beforeEach(() => cites('A2A-8.6-etag'));

  const tagNow = async () => (await gateway.fetch(cardPath)).headers.get('etag') ?? '';

  it('stays while the card does, whatever order its members come in', async () => {
    const card = cardAt(gateway.agent.url);
    await sync(card);
    const before = await tagNow();
    await sync(Object.fromEntries(Object.entries(card).reverse()));
    expect(await tagNow()).toBe(before);
    expect(before).toMatch(/^W\/"[0-9a-f]+"$/);
  });

  it('is of one layout: a reader of 1.0 who has it is sent that of 0.3, and the other way round', async () => {
    cites('A2A-8.6-variants');
    await sync(legacyCardAt(gateway.agent.url));
    const ask = (version: string, tag = '"none"') =>
      gateway.fetch(cardPath, { headers: { 'a2a-version': version, 'if-none-match': tag } });
    const tagOf = async (version: string) => (await ask(version)).headers.get('etag') ?? '';
    const [current, legacy] = [await tagOf('1.0'), await tagOf('')];
    expect(await tagOf('0.3')).toBe(legacy);
    expect((await ask('1.0', current)).status).toBe(304);
    expect((await ask('', legacy)).status).toBe(304);
    expect((await ask('', current)).status).toBe(200);
    expect((await ask('1.0', legacy)).status).toBe(200);
    await sync(cardAt(gateway.agent.url));
  });

  it('changes with the card', async () => {
    const before = await tagNow();
    await sync(cardAt(gateway.agent.url, { version: '2.0.0' }));
    expect(await tagNow()).not.toBe(before);
  });

  it('differs for callers whose scopes differ', async () => {
    await gateway.admin('PUT', '/admin/permissions/other', { allowedAgents: ['agent'] });
    const other = await callerWith(gateway, { scope: 'other' });
    expect((await other('GET', cardPath)).headers.get('etag')).not.toBe(await tagNow());
  });

  it.each([
    ['alone', (tag: string) => tag],
    ['in a list', (tag: string) => `"other", ${tag}`],
    ['strongly', (tag: string) => tag.replace('W/', '')],
    ['as any', () => '*'],
  ])('named %s by If-None-Match saves the body', async (_, condition) => {
    const tag = await tagNow();
    const response = await gateway.fetch(cardPath, { headers: { 'if-none-match': condition(tag) } });
    expect([response.status, await response.text()]).toEqual([304, '']);
    expect(response.headers.get('etag')).toBe(tag);
    expect(response.headers.get('vary')).toContain('Authorization');
  });

  it('of another card does not', async () => {
    const response = await gateway.fetch(cardPath, { headers: { 'if-none-match': '"other"' } });
    expect(response.status).toBe(200);
  });
});

describe('the reader of a card', () => {
  const anonymous = (path: string) => fetch(gateway.url + path);

  it('needs a token, or permission, unless the card is public', async () => {
    await register(gateway, { agentId: 'open', publicCard: true });
    const stranger = await callerWith(gateway, { scope: '' });
    expect((await anonymous(cardPath)).status).toBe(401);
    expect((await stranger('GET', cardPath)).status).toBe(403);
    const open = await anonymous(pathOf('open'));
    expect(open.status).toBe(200);
    expect((await stranger('GET', pathOf('open'))).status).toBe(200);
    expect(await open.json()).toMatchObject({
      securityRequirements: [{ schemes: { gateway: {} } }],
    });
  });

  it('finds a public card gone with the agent or its being active', async () => {
    await register(gateway, { agentId: 'closing', publicCard: true });
    await gateway.admin('PATCH', '/admin/agents/closing/status', { status: 'quarantined' });
    expect((await anonymous(pathOf('closing'))).status).toBe(401);
    await gateway.admin('DELETE', '/admin/agents/closing', undefined, { 'if-match': '*' });
    const [gone, unknown] = await Promise.all([
      gateway.fetch(pathOf('closing')),
      gateway.fetch(pathOf('never-was')),
    ]);
    expect([gone.status, await gone.text()]).toEqual([403, await unknown.text()]);
  });

  it('of an extended card sees it rewritten too', async () => {
    cites('A2A-13.3-rewritten', 'HTTP+JSON 1.0');
    await sync(cardAt(gateway.agent.url));
    gateway.agent.script(answerJson({ ...tellingCard(), name: 'Extended' }));
    const response = await gateway.fetch('/agents/agent/extendedAgentCard');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ name: 'Extended' });
    for (const secret of [new URL(gateway.agent.url).port, 'tenant', 'backendKey', 'c2VjcmV0'])
      expect(text).not.toContain(secret);
  });
});
