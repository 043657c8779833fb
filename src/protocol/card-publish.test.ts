import { AgentCard as SdkCard } from '@a2a-js/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryCard, backendHosts, cardFixture, tellingParts } from '../../test/fixtures/cards/cards.ts';
import { cites } from '../../test/support/cites.ts';
import type { AgentCard } from './card.ts';
import { parseAgentCard } from './card-parse.ts';
import { byPreference, offers, type Publication, publishedCard } from './card-publish.ts';
import type { Binding } from './protocols.ts';
import type { ServedVersion } from './version.ts';

const gatewayUrl = 'https://gw.example.net/agents/the-agent';
const how: Publication = {
  gatewayUrl,
  interfaces: [{ url: gatewayUrl, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
  securitySchemes: { gateway: { httpAuthSecurityScheme: { scheme: 'Bearer' } } },
  securityRequirements: [{ schemes: { gateway: { list: ['call'] } } }],
  carried: { streaming: true, pushNotifications: true, extendedAgentCard: true },
};

function parsed(input: unknown): AgentCard {
  const result = parseAgentCard(input);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value.card;
}

function published(members: Partial<AgentCard> = {}, change: Partial<Publication> = {}): AgentCard {
  return publishedCard({ ...parsed(cardFixture('v1')), ...members }, { ...how, ...change });
}

function backendAt(...urls: string[]): AgentCard['supportedInterfaces'] {
  return urls.map((url) => ({ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }));
}

describe('publishedCard', () => {
  it('serves the gateway interfaces and security in place of the agent own', () => {
    cites('A2A-4.4.5-security', 'A2A-4.4.6-interfaces');
    const card = published();
    expect(card.supportedInterfaces).toEqual(how.interfaces);
    expect(card.securitySchemes).toEqual(how.securitySchemes);
    expect(card.securityRequirements).toEqual(how.securityRequirements);
  });

  it('keeps the agent words, tags, extensions and public links', () => {
    const card = published();
    expect(card).toMatchObject({
      name: 'Invoice Desk',
      version: '2.4.1',
      provider: { organization: 'Northwind Office', url: 'https://www.northwind.example' },
      documentationUrl: 'https://docs.northwind.example/invoice-desk',
    });
    expect(card.capabilities.extensions?.[0]).toMatchObject({ required: true, params: { decimals: 2 } });
    expect(card.skills.map(({ id }) => id)).toEqual(['find-invoice', 'draft-reminder']);
  });

  it('never shows the tenant', () => {
    cites('A2A-8.3.2-hidden-tenant');
    expect(JSON.stringify(published())).not.toContain('eu-central');
  });

  it('declares only what the gateway carries', () => {
    cites('A2A-4.4.3-capabilities');
    const capabilities = { streaming: true, pushNotifications: true, extendedAgentCard: true };
    const carried = { streaming: true, pushNotifications: false, extendedAgentCard: false };
    expect(published({ capabilities }, { carried }).capabilities).toEqual({
      streaming: true,
      pushNotifications: false,
      extendedAgentCard: false,
    });
    expect(published({ capabilities: {} }).capabilities).toEqual({
      streaming: false,
      pushNotifications: false,
    });
  });

  it.each([
    ['on the backend', 'https://invoices.northwind.internal:8443/icon.png'],
    ['on another port of the backend', 'https://invoices.northwind.internal/'],
    ['naming the backend in its query', 'https://img.example/?of=https://invoices.northwind.internal:8443/'],
    ['on a private address', 'http://192.168.1.4/icon.png'],
    ['on a loopback address', 'http://[::1]/icon.png'],
    ['on an IPv4 address in hexadecimal', 'http://0x0a000001/icon.png'],
    ['on a single label', 'http://wiki/icon.png'],
    ['on .svc.cluster.local', 'http://wiki.docs.svc.cluster.local/'],
    ['on .internal with a root dot', 'http://metadata.google.internal./'],
    ['on .lan', 'http://printer.LAN/'],
    ['of another scheme', 'ftp://files.example.com/icon.png'],
  ])('drops links %s, and the provider with its link', (_, link) => {
    const card = published({
      iconUrl: link,
      documentationUrl: link,
      provider: { organization: 'Northwind', url: link },
    });
    expect(card).not.toHaveProperty('iconUrl');
    expect(card).not.toHaveProperty('documentationUrl');
    expect(card).not.toHaveProperty('provider');
  });

  it('hides other addresses of the backend too', () => {
    const otherUrls = ['https://cards.northwind.internal/invoices.json'];
    const card = published({ description: 'Card at cards.northwind.internal/invoices.json' }, { otherUrls });
    expect(card.description).toBe(`Card at ${gatewayUrl}`);
  });

  it('drops a provider without a URL, which the specification requires', () => {
    expect(published({ provider: { organization: 'Northwind' } })).not.toHaveProperty('provider');
  });

  it('replaces the backend in every text, parameter names included', () => {
    const url = 'https://invoices.northwind.internal:8443/a2a/v1';
    const card = published({
      description: `Calls ${url}.`,
      capabilities: {
        extensions: [
          {
            uri: 'urn:example:x',
            params: { [url]: [`at ${url}`], 'host:port': 'invoices.northwind.internal:9443' },
          },
        ],
      },
      skills: [{ id: url, name: url, description: url, tags: [url], examples: [`curl -X POST ${url}`] }],
    });
    expect(card.description).toBe(`Calls ${gatewayUrl}.`);
    expect(card.capabilities.extensions?.[0]?.params).toEqual({
      [gatewayUrl]: [`at ${gatewayUrl}`],
      'host:port': gatewayUrl,
    });
    expect(card.skills[0]).toEqual({
      id: gatewayUrl,
      name: gatewayUrl,
      description: gatewayUrl,
      tags: [gatewayUrl],
      examples: [`curl -X POST ${gatewayUrl}`],
    });
  });

  it('drops an extension whose URI is on the backend and modes that name it', () => {
    const card = published({
      capabilities: { extensions: [{ uri: 'https://invoices.northwind.internal/ext/v1', required: true }] },
      defaultInputModes: ['application/vnd.invoices.northwind.internal+json'],
    });
    expect(card.capabilities).not.toHaveProperty('extensions');
    expect(card.defaultInputModes).toEqual(['text/plain']);
  });

  it('publishes nothing empty: a skill without tags gets its id, empty parameters go', () => {
    const card = published({
      capabilities: {
        extensions: [{ uri: 'urn:example:x', params: { a: [], b: { c: '' }, d: [null, false, 0] } }],
      },
      skills: [{ id: 'x', name: 'X', description: 'X.', tags: [] }],
    });
    expect(card.skills[0]?.tags).toEqual(['x']);
    expect(card.capabilities.extensions?.[0]?.params).toEqual({ d: [false, 0] });
  });

  it('stays within the limits of length when the gateway URL is longer than what it replaces', () => {
    const card = published({
      supportedInterfaces: backendAt('http://a.lan/'),
      name: 'a.lan '.repeat(42).trim(),
    });
    expect(card.name.length).toBeLessThanOrEqual(256);
    expect(card.name).not.toContain('a.lan');
  });

  it('keeps skill ids unique when redaction makes them equal', () => {
    const skills = ['/a', '/b'].map((path) => ({
      id: `http://invoices.northwind.internal${path}`,
      name: 'X',
      description: 'X.',
      tags: ['x'],
    }));
    expect(published({ skills }).skills.map(({ id }) => id)).toEqual([gatewayUrl, `${gatewayUrl}-2`]);
  });

  it('is not made for an agent that cannot be served', () => {
    expect(() => published({}, { interfaces: [] })).toThrow(TypeError);
  });
});

describe('byPreference', () => {
  const at = (protocolBinding: Binding, protocolVersion: ServedVersion) => {
    return { url: gatewayUrl, protocolBinding, protocolVersion };
  };
  const all = [
    at('HTTP+JSON', '0.3'),
    at('GRPC', '1.0'),
    at('HTTP+JSON', '1.0'),
    at('JSONRPC', '0.3'),
    at('JSONRPC', '1.0'),
  ];

  it('has the latest version first, and in a version what the agent speaks, in its order', () => {
    cites('A2A-4.4.6-interfaces');
    expect(byPreference(parsed(cardFixture('v1')), all)).toEqual([
      at('JSONRPC', '1.0'),
      at('HTTP+JSON', '1.0'),
      at('GRPC', '1.0'),
      at('HTTP+JSON', '0.3'),
      at('JSONRPC', '0.3'),
    ]);
  });

  it('finds the interface to call, tenant included', () => {
    const card = parsed(cardFixture('v1'));
    expect(offers(card, { protocolBinding: 'JSONRPC', protocolVersion: '1.0' })).toEqual(
      card.supportedInterfaces[0],
    );
    expect(offers(card, { protocolBinding: 'JSONRPC', protocolVersion: '0.3' })).toBeUndefined();
  });
});

describe('every published card', () => {
  const accepted = arbitraryCard
    .map((input) => parseAgentCard(input))
    .filter((result) => result.ok)
    .map((result) => result.value.card);

  it('contains none of the backend URLs, nor its private names and addresses', () => {
    cites('A2A-4.4.1-no-backend');
    fc.assert(
      fc.property(accepted, (card) => {
        const text = JSON.stringify(publishedCard(card, how)).toLowerCase();
        const parts = tellingParts(card.supportedInterfaces.map(({ url }) => url));
        for (const part of parts) expect(text).not.toContain(part);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads again as itself without a warning', () => {
    fc.assert(
      fc.property(accepted, (card) => {
        const { securitySchemes, securityRequirements, ...rest } = publishedCard(card, how);
        expect(parseAgentCard({ ...rest, securitySchemes, securityRequirements })).toEqual({
          ok: true,
          value: {
            ...{ card: rest, generation: '1.0', warnings: [] },
            security: expect.objectContaining({ securitySchemes }),
          },
        });
      }),
      { numRuns: 500 },
    );
  });

  it('passes through the official SDK unchanged', () => {
    cites('A2A-4.4.1-valid');
    fc.assert(
      fc.property(accepted, (card) => {
        const sent = publishedCard(card, how);
        expect(SdkCard.toJSON(SdkCard.fromJSON(sent))).toEqual(sent);
      }),
      { numRuns: 500 },
    );
  });

  it('is drawn from agents at every kind of host', () => {
    const cards = fc.sample(accepted, 300);
    for (const host of backendHosts) {
      expect(cards.some((card) => card.supportedInterfaces.some(({ url }) => url.startsWith(host)))).toBe(
        true,
      );
    }
  });
});
