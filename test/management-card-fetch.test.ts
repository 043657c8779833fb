import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cardFixture } from './fixtures/cards/cards.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { legacyCardAt } from './support/legacy.ts';
import { refusalOf } from './support/management.ts';
import { answerJson, cardAt } from './support/scripted-agent.ts';

const maxCardBytes = 4_096;

let gateway: TestGateway;
let count = 0;

beforeAll(async () => {
  gateway = await startGateway({
    registration: null,
    settings: { limits: { maxCardBytes }, deadlines: { cardTimeoutMs: 300 } },
  });
});

afterAll(() => gateway.close());

/** Registers an agent whose card is at this path of the scripted agent, or at this URL. */
function registerFrom(place: string, members: Record<string, unknown> = {}): Promise<Response> {
  count += 1;
  const agentCardUrl = new URL(place, gateway.agent.url).href;
  return gateway.admin('POST', '/admin/agents', { agentId: `agent-${count}`, agentCardUrl, ...members });
}

/** Registers an agent with this card. */
function registerCard(card: unknown): Promise<Response> {
  gateway.agent.script(answerJson(card));
  return registerFrom('/card');
}

function goodCard(members: Record<string, unknown> = {}): Record<string, unknown> {
  return cardAt(gateway.agent.url, members);
}

/** A card fixture as the scripted agent would publish it: its own host in place of the fixture's. */
function fixtureHere(name: string): unknown {
  const text = JSON.stringify(cardFixture(name));
  return JSON.parse(text.replaceAll(/https?:\/\/[a-z.]+(?::\d+)?(?=\/)/g, gateway.agent.url));
}

describe('a card that cannot be fetched', () => {
  const unavailable = (problem: string) => ({
    status: 502,
    reason: 'CARD_UNAVAILABLE',
    metadata: { problem },
  });

  it('has nobody listening', async () => {
    expect(await refusalOf(registerFrom(await freeOrigin()))).toEqual(unavailable('unreachable'));
  });

  it.each([404, 401, 500, 204, 304])('is answered with status %i', async (status) => {
    gateway.agent.script((_, response) => response.writeHead(status).end());
    expect(await refusalOf(registerFrom('/card'))).toEqual(unavailable(`status_${status}`));
  });

  it('breaks off', async () => {
    gateway.agent.script((_, response) => response.destroy());
    expect(await refusalOf(registerFrom('/card'))).toEqual(unavailable('reset'));
  });

  it('is larger than the limit, announced or not', async () => {
    const body = JSON.stringify(goodCard({ description: 'x'.repeat(maxCardBytes) }));
    gateway.agent.script((_, response) => response.end(body));
    expect(await refusalOf(registerFrom('/card'))).toEqual(unavailable('too_large'));
    gateway.agent.script((_, response) => {
      response.write(body.slice(0, 10));
      response.end(body.slice(10));
    });
    expect(await refusalOf(registerFrom('/card'))).toEqual(unavailable('too_large'));
  });

  it('does not come in time, whether it is silent or drips', async () => {
    gateway.agent.script(() => {});
    expect(await refusalOf(registerFrom('/card'))).toEqual(unavailable('timeout'));
    gateway.agent.script((_, response) => drip(response));
    expect(await refusalOf(registerFrom('/card'))).toEqual(unavailable('timeout'));
  });
});

describe('a redirected card', () => {
  /** `/hops/n` leads by n redirects to the card. */
  function scriptHops(): void {
    gateway.agent.script(({ target }, response) => {
      const left = Number(target.slice('/hops/'.length));
      if (left === 0) return response.end(JSON.stringify(goodCard()));
      return response.writeHead(302, { location: `/hops/${left - 1}` }).end();
    });
  }

  it.each([301, 302, 303, 307, 308])('is followed on the same host after a %i', async (status) => {
    gateway.agent.script((_, response) =>
      response.writeHead(status, { location: gateway.agent.cardUrl }).end(),
    );
    expect((await registerFrom('/moved')).status).toBe(201);
  });

  it('is followed three times and no more', async () => {
    scriptHops();
    expect((await registerFrom('/hops/3')).status).toBe(201);
    expect(await refusalOf(registerFrom('/hops/4'))).toMatchObject({ metadata: { problem: 'redirects' } });
  });

  it('that leads in a circle is given up', async () => {
    gateway.agent.seen.length = 0;
    gateway.agent.script((_, response) => response.writeHead(302, { location: '/circle' }).end());
    expect(await refusalOf(registerFrom('/circle'))).toMatchObject({ metadata: { problem: 'redirects' } });
    expect(gateway.agent.seen).toHaveLength(4);
  });

  it.each([
    ['nowhere', undefined, 'status_302'],
    ['to what is no URL', 'http://[', 'redirect'],
    ['to another scheme', 'file:///etc/passwd', 'scheme'],
  ])('that leads %s is refused', async (_, location, problem) => {
    gateway.agent.script((_request, response) =>
      response.writeHead(302, location === undefined ? {} : { location }).end(),
    );
    expect(await refusalOf(registerFrom('/moved'))).toMatchObject({
      reason: 'CARD_UNAVAILABLE',
      metadata: { problem },
    });
  });
});

describe('a card that is none', () => {
  it.each<[what: string, path: string, card: unknown]>([
    ['HTML', '', '<!doctype html><title>Sign in</title>'],
    ['empty', '', ''],
    ['a list', '', []],
    ['of something else', '/supportedInterfaces', cardFixture('bad-manifest')],
    ['of no interface', '/supportedInterfaces', { name: 'A', supportedInterfaces: [] }],
    ['without a name', '/name', cardAt('https://agent.example', { name: '' })],
  ])('is refused with the JSON path: %s', async (_, path, card) => {
    expect(await refusalOf(registerCard(card))).toMatchObject({
      status: 422,
      reason: 'CARD_INVALID',
      metadata: { path, problem: expect.any(String) },
    });
  });

  it('is refused where an interface leaves the origin of the card, told which', async () => {
    const [here, elsewhere] = [gateway.agent.url, 'https://elsewhere.example/rpc'];
    const card = goodCard({
      supportedInterfaces: [
        { url: `${here}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
        { url: elsewhere, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
      ],
    });
    expect(await refusalOf(registerCard(card))).toMatchObject({
      reason: 'CARD_INVALID',
      metadata: { path: '/supportedInterfaces/1/url' },
    });
  });

  it('is refused where an interface leaves the pinned origin, and taken where all are on it', async () => {
    gateway.agent.script(answerJson(goodCard()));
    const elsewhere = registerFrom('/card', { backendUrl: 'https://elsewhere.example' });
    expect(await refusalOf(elsewhere)).toMatchObject({ metadata: { path: '/supportedInterfaces/0/url' } });
    const card = goodCard({
      supportedInterfaces: [
        { url: 'https://elsewhere.example/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      ],
    });
    gateway.agent.script(answerJson(card));
    const pinned = await registerFrom('/card', { backendUrl: 'https://elsewhere.example' });
    expect(await pinned.json()).toMatchObject({ status: 'active', backendUrl: 'https://elsewhere.example' });
  });

  it('is refused where an interface is at an address the gateway may not call', async () => {
    const card = goodCard({
      supportedInterfaces: [
        { url: 'http://10.0.0.1/rpc', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      ],
    });
    gateway.agent.script(answerJson(card));
    const pinned = registerFrom('/card', { backendUrl: 'http://10.0.0.1' });
    expect(await refusalOf(pinned)).toMatchObject({ metadata: { parameter: 'backendUrl' } });
  });
});

describe('a card of an older generation', () => {
  const url = 'http://127.0.0.1:1/agents/hybrid';
  const served = [
    { protocolBinding: 'JSONRPC', protocolVersion: '1.0', url },
    { protocolBinding: 'HTTP+JSON', protocolVersion: '1.0', url },
    { protocolBinding: 'JSONRPC', protocolVersion: '0.3', url },
    { protocolBinding: 'HTTP+JSON', protocolVersion: '0.3', url },
  ];

  it('that deviates harmlessly is taken, and its deviations are told', async () => {
    const card = goodCard({ homepage: 'x', skills: [{ name: 'Say' }] });
    const registered = await (await registerCard(card)).json();
    expect(registered).toMatchObject({ status: 'active' });
    expect(registered.cardWarnings).toEqual(
      expect.arrayContaining([expect.stringContaining('/homepage'), expect.stringContaining('/skills/0/id')]),
    );
  });

  it.each(['JSONRPC', 'HTTP+JSON', 'GRPC'])('that is 0.3 over %s is active', async (preferredTransport) => {
    const response = await registerCard(legacyCardAt(gateway.agent.url, { preferredTransport }));
    expect(await response.json()).toMatchObject({ status: 'active', cardWarnings: [] });
  });

  it.each([
    ['a binding of its own', { protocolBinding: 'https://example.com/own', protocolVersion: '1.0' }],
    ['a version to come', { protocolBinding: 'JSONRPC', protocolVersion: '2.0' }],
  ])(
    'that is of %s only is registered, inactive with a reason, and cannot be activated',
    async (_, protocol) => {
      const { url } = gateway.agent;
      const response = await registerCard(cardAt(url, { supportedInterfaces: [{ url, ...protocol }] }));
      expect(response.status).toBe(201);
      const { agentId, status, statusReason } = await response.json();
      expect({ status, statusReason }).toEqual({ status: 'inactive', statusReason: expect.any(String) });
      const activated = gateway.admin('PATCH', `/admin/agents/${agentId}/status`, { status: 'active' });
      expect(await refusalOf(activated)).toMatchObject({ status: 409, reason: 'AGENT_NOT_SERVABLE' });
    },
  );

  it('that is both is active, and published with what the gateway serves of it', async () => {
    gateway.agent.script(answerJson(fixtureHere('hybrid')));
    const response = await registerFrom('/card', { agentId: 'hybrid', publicCard: true });
    expect(await response.json()).toMatchObject({ status: 'active' });
    const published = await gateway.fetch('/agents/hybrid/.well-known/agent-card.json');
    expect(await published.json()).toMatchObject({ name: 'Glossary', supportedInterfaces: served });
  });
});

/** An origin at which nobody listens. */
async function freeOrigin(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server that listens has one.
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** Never silent for long, never done. */
function drip(response: ServerResponse): void {
  response.write('{"name":"');
  const timer = setInterval(() => response.write('x'), 20);
  response.on('close', () => clearInterval(timer));
}
