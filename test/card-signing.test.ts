import { type AgentCard, verifyAgentCardSignature } from '@a2a-js/sdk';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cellCaller } from './support/cell-caller.ts';
import { cites } from './support/cites.ts';
import { register, startGateway, type TestGateway } from './support/gateway.ts';
import { grpcSettings } from './support/grpc.ts';
import { secretNames } from './support/management.ts';
import { answerJson, cardAt, type Script } from './support/scripted-agent.ts';
import { asReceived, bySpecification, type Reading, verifyStrictly } from './support/strict-card-verifier.ts';

/** Published cards are the gateway's, and signed as such. */

let gateway: TestGateway;

beforeAll(async () => {
  // The SDK tells the console of every signature that is not the one it looks for.
  vi.spyOn(console, 'debug').mockImplementation(() => {});
  gateway = await startGateway({ settings: { grpc: grpcSettings } });
  gateway.agent.card(cardWithEverything());
  await register(gateway, { agentId: 'public', publicCard: true });
  await gateway.admin('POST', '/admin/agents/agent/sync');
});
afterAll(async () => {
  vi.restoreAllMocks();
  await gateway.close();
});

type Card = Record<string, unknown>;

function cardWithEverything(): Card {
  const card = cardAt(gateway.agent.url, {
    provider: { organization: 'Exämple 😀', url: 'https://example.com/' },
    documentationUrl: 'https://example.com/docs',
  });
  const extensions = [
    { uri: 'urn:x', params: { big: 1e21, small: 0.1, none: null, empty: '', list: [{}, { '€': -0 }] } },
    { uri: 'urn:y', required: true, description: 'Y' },
  ];
  return { ...card, capabilities: { extendedAgentCard: true, extensions } };
}

/** As an agent of either binding answers. */
const answerExtended: Script = (request, response, incoming) => {
  const card = { ...cardWithEverything(), name: 'Extended' };
  const { id } = request.body === '' ? {} : (JSON.parse(request.body) as { id?: unknown });
  answerJson(id === undefined ? card : { jsonrpc: '2.0', id, result: card })(request, response, incoming);
};

/** Out of an answer of JSON-RPC, of HTTP+JSON, or of the messages of gRPC. */
function cardIn(answer: Card | Card[]): Card {
  const [body = {}] = Array.isArray(answer) ? answer : [answer];
  return (body.result as Card | undefined) ?? body;
}

function pathOf(agentId: string): string {
  return `/agents/${agentId}/.well-known/agent-card.json`;
}

async function cardOf(agentId: string, version = '1.0', init: RequestInit = {}): Promise<Card> {
  const headers = { 'a2a-version': version, ...init.headers };
  return (await gateway.fetch(pathOf(agentId), { ...init, headers })).json();
}

async function keySet(): Promise<JSONWebKeySet> {
  return (await fetch(`${gateway.url}/.well-known/jwks.json`)).json();
}

/** The official SDK's verifier, given the key set the gateway publishes. */
async function verifyBySdk(card: Card): Promise<void> {
  const keys = await keySet();
  const verify = verifyAgentCardSignature(async (kid, jku) => {
    expect(jku).toBe('http://127.0.0.1:1/.well-known/jwks.json');
    return createLocalJWKSet(keys)({ kid, alg: 'ES256' });
  });
  await verify(card as unknown as AgentCard);
}

/** Fails unless the card verifies in every way, and when anything of it is changed in none. */
async function expectVerifiable(card: Card, readings: readonly Reading[]): Promise<void> {
  const keys = await keySet();
  await verifyBySdk(card);
  for (const reading of readings) await verifyStrictly(card, keys, reading);
  const altered = { ...card, description: `${card.description}!` };
  await expect(verifyBySdk(altered)).rejects.toThrow();
  for (const reading of readings) await expect(verifyStrictly(altered, keys, reading)).rejects.toThrow();
}

const everyReading = [bySpecification, asReceived];

describe('a published card', () => {
  it.each(['1.0', '0.3', ''])(
    'in the layout of "%s" verifies by the SDK and by the letter',
    async (version) => {
      cites('A2A-8.4.3-verifiable', 'A2A-8.4.1-canonical');
      await expectVerifiable(await cardOf('agent', version), everyReading);
    },
  );

  it.each(['1.0', '0.3'])('that anybody may read, in %s, does so too', async (version) => {
    cites('A2A-8.4.3-verifiable');
    const response = await fetch(gateway.url + pathOf('public'), { headers: { 'a2a-version': version } });
    await expectVerifiable(await response.json(), everyReading);
  });

  it.each(['JSON-RPC 1.0', 'HTTP+JSON 1.0', 'gRPC 1.0', 'JSON-RPC 0.3', 'HTTP+JSON 0.3'] as const)(
    'does so as an extended card over %s',
    async (cell) => {
      cites('A2A-8.4.3-verifiable');
      gateway.agent.script(answerExtended);
      const caller = cellCaller(gateway, cell, await gateway.issuer.token());
      const { text } = await caller.call('GetExtendedAgentCard');
      caller.close();
      const card = cardIn(JSON.parse(text));
      expect(card.name).toBe('Extended');
      await expectVerifiable(card, everyReading);
    },
  );

  it('has no signature over gRPC in 0.3, in whose layout nobody could verify one', async () => {
    gateway.agent.script(answerExtended);
    const caller = cellCaller(gateway, 'gRPC 0.3', await gateway.issuer.token());
    const { text } = await caller.call('GetExtendedAgentCard');
    caller.close();
    expect(cardIn(JSON.parse(text))).toMatchObject({ name: 'Extended' });
    expect(text).not.toContain('"protected"');
  });

  it('says by what it is signed and where the key is, once for each reading that differs', async () => {
    cites('A2A-8.4.2-header');
    const { keys } = await keySet();
    const [current, hybrid] = [await cardOf('agent'), await cardOf('agent', '0.3')];
    const headers = [current, hybrid].flatMap(({ signatures }) =>
      (signatures as { protected: string }[]).map(({ protected: header }) =>
        JSON.parse(Buffer.from(header, 'base64url').toString()),
      ),
    );
    expect(headers).toEqual(
      Array.from({ length: 3 }, () => ({
        alg: 'ES256',
        kid: keys[0]?.kid,
        typ: 'JOSE',
        jku: 'http://127.0.0.1:1/.well-known/jwks.json',
      })),
    );
  });

  it('carries no signature of the agent’s author, and none of those in lists are signed', async () => {
    cites('A2A-8.4-no-stale-signature');
    const listed = await (await gateway.fetch('/agents')).text();
    expect(listed).not.toContain('signature');
  });
});

describe('the entity tag of a signed card', () => {
  const ask = (headers: Record<string, string> = {}) => gateway.fetch(pathOf('agent'), { headers });

  it('is the same in another process, where the signature is another', async () => {
    cites('A2A-8.6-etag');
    const before = await ask();
    const tag = before.headers.get('etag') ?? '';
    await gateway.restart();
    const after = await ask();
    expect(tag).toMatch(/^W\/"[0-9a-f]{32}"$/);
    expect(after.headers.get('etag')).toBe(tag);
    expect(await after.text()).not.toBe(await before.text());
    for (const condition of [tag, tag.slice(2), `"x", ${tag}`, '*'])
      expect((await ask({ 'if-none-match': condition })).status).toBe(304);
  });

  it('is no reason to sign again: who reads it twice gets the same bytes', async () => {
    expect(await (await ask()).text()).toBe(await (await ask()).text());
  });
});

describe('the key that signs cards', () => {
  it('is published before the first card is signed, beside no private half', async () => {
    cites('RFC-7517-5-public-members', 'A2A-8.4.3-rotation');
    const fresh = await startGateway();
    const read = async () => (await fetch(`${fresh.url}/.well-known/jwks.json`)).json();
    const before = (await read()) as JSONWebKeySet;
    const card = await (await fresh.fetch(pathOf('agent'))).json();
    await verifyStrictly(card, before);
    expect(await read()).toEqual(before);
    expect(Object.keys(before.keys[0] ?? {}).toSorted()).toEqual([
      'alg',
      'crv',
      'kid',
      'kty',
      'use',
      'x',
      'y',
    ]);
    expect((await secretNames(fresh)).filter((name) => name.startsWith('card-signing/'))).toHaveLength(1);
    await fresh.close();
  });
});
