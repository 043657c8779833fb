import { AgentCard as SdkCard } from '@a2a-js/sdk';
import { LegacyRestTransport, parseLegacyAgentCard } from '@a2a-js/sdk/compat/v0_3/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryCard, cardFixture, tellingParts } from '../../../test/fixtures/cards/cards.ts';
import { cites } from '../../../test/support/cites.ts';
import type { AgentCard, AgentInterface, SecurityScheme } from '../card.ts';
import { cardJson } from '../card-json.ts';
import { parseAgentCard } from '../card-parse.ts';
import { type Publication, publishedCard } from '../card-publish.ts';
import { toHybridCard, toHybridProtoCard } from './card-publish.ts';

const gatewayUrl = 'https://gw.example.net/agents/the-agent';
const legacy: AgentInterface = { url: gatewayUrl, protocolBinding: 'JSONRPC', protocolVersion: '0.3' };
const current: AgentInterface = { ...legacy, protocolVersion: '1.0' };
const how: Publication = {
  gatewayUrl,
  interfaces: [current, legacy],
  securitySchemes: { gateway: { httpAuthSecurityScheme: { scheme: 'Bearer' } } },
  securityRequirements: [{ schemes: { gateway: { list: ['call'] } } }, { schemes: { gateway: {} } }],
  carried: { streaming: true, pushNotifications: true, extendedAgentCard: true },
};

function published(change: Partial<Publication> = {}): AgentCard {
  const parsed = parseAgentCard(cardFixture('v0_3'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.failure));
  return publishedCard(parsed.value.card, { ...how, ...change });
}

describe('toHybridCard', () => {
  it('says in the words of 0.3 what the published card says of 0.3', () => {
    const { supportedInterfaces, securityRequirements, ...both } = toHybridCard(published());
    expect({ supportedInterfaces, securityRequirements }).toEqual({
      supportedInterfaces: [current, legacy],
      securityRequirements: how.securityRequirements,
    });
    expect(both).toEqual({
      protocolVersion: '0.3.0',
      name: 'Trip Planner',
      description: 'Plans train journeys with changes and seats.',
      url: gatewayUrl,
      preferredTransport: 'JSONRPC',
      version: '0.9.0',
      provider: { organization: 'Example Rail', url: 'https://rail.example.org' },
      capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true },
      supportsAuthenticatedExtendedCard: true,
      securitySchemes: {
        gateway: { type: 'http', scheme: 'Bearer', httpAuthSecurityScheme: { scheme: 'Bearer' } },
      },
      security: [{ gateway: ['call'] }, { gateway: [] }],
      defaultInputModes: ['text/plain'],
      defaultOutputModes: ['text/plain', 'application/json'],
      skills: [
        {
          id: 'plan',
          name: 'Plan a journey',
          description: 'Finds connections between two stations.',
          tags: ['train', 'travel'],
          examples: ['From Bern to Oslo tomorrow morning'],
        },
      ],
    });
  });

  it('lists all endpoints of 0.3 where there are more than one', () => {
    const other = { ...legacy, protocolBinding: 'HTTP+JSON' };
    expect(toHybridCard(published({ interfaces: [other, current, legacy] }))).toMatchObject({
      preferredTransport: 'HTTP+JSON',
      additionalInterfaces: [
        { url: gatewayUrl, transport: 'HTTP+JSON' },
        { url: gatewayUrl, transport: 'JSONRPC' },
      ],
    });
  });

  it('is not made of a card without 0.3', () => {
    expect(() => toHybridCard(published({ interfaces: [current] }))).toThrow(TypeError);
  });

  it.each<[SecurityScheme, unknown]>([
    [
      { apiKeySecurityScheme: { location: 'header', name: 'x-key' } },
      { type: 'apiKey', in: 'header', name: 'x-key' },
    ],
    [
      { openIdConnectSecurityScheme: { openIdConnectUrl: 'https://id.example/' } },
      { type: 'openIdConnect', openIdConnectUrl: 'https://id.example/' },
    ],
    [
      {
        oauth2SecurityScheme: {
          flows: { clientCredentials: { tokenUrl: 'https://id.example/t', scopes: {} } },
        },
      },
      { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://id.example/t', scopes: {} } } },
    ],
    [{ mtlsSecurityScheme: { description: 'x' } }, { type: 'mutualTLS', description: 'x' }],
  ])('spells the scheme %j as OpenAPI does', (scheme, expected) => {
    const card = toHybridCard(published({ securitySchemes: { gateway: scheme } }));
    expect(card.securitySchemes).toEqual({ gateway: { ...scheme, ...(expected as object) } });
  });

  it('is not made with a scheme 0.3 cannot name', () => {
    const securitySchemes = { gateway: { futureSecurityScheme: {} } };
    expect(() => toHybridCard(published({ securitySchemes }))).toThrow(TypeError);
  });
});

describe('every published card for readers of 0.3', () => {
  const accepted = arbitraryCard
    .map((input) => parseAgentCard(input))
    .filter((result) => result.ok)
    .map((result) => result.value.card);

  it('contains none of the backend URLs, nor its private names and addresses', () => {
    cites('A2A-4.4.1-no-backend');
    fc.assert(
      fc.property(accepted, (card) => {
        const text = cardJson(toHybridCard(publishedCard(card, how))).toLowerCase();
        const parts = tellingParts(card.supportedInterfaces.map(({ url }) => url));
        for (const part of parts) expect(text).not.toContain(part);
      }),
      { numRuns: 500 },
    );
  });

  it('reads again, without a warning, as the published card', () => {
    fc.assert(
      fc.property(accepted, (card) => {
        const sent = publishedCard(card, how);
        const { securitySchemes: _, securityRequirements: __, ...rest } = sent;
        expect(parseAgentCard(JSON.parse(cardJson(toHybridCard(sent))))).toEqual({
          ok: true,
          value: { card: rest, generation: '1.0', security: expect.any(Object), warnings: [] },
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is read by the official SDK as a card of either version', () => {
    cites('A2A-0.3-5.5-card', 'A2A-4.4.1-valid');
    fc.assert(
      fc.property(accepted, (card) => {
        const sent = publishedCard(card, how);
        const read = parseLegacyAgentCard(toHybridCard(sent));
        expect(read).toMatchObject({ name: sent.name, description: sent.description, version: sent.version });
        expect(read.supportedInterfaces).toMatchObject([{ url: gatewayUrl, protocolBinding: 'JSONRPC' }]);
        expect(read.skills.map(({ id }) => id)).toEqual(sent.skills.map(({ id }) => id));
        expect(Object.keys(read.securitySchemes)).toEqual(['gateway']);
        const current = SdkCard.fromJSON(JSON.parse(cardJson(toHybridCard(sent))));
        expect(SdkCard.toJSON(current)).toEqual(SdkCard.toJSON(SdkCard.fromJSON(sent)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('toHybridProtoCard', () => {
  const oauth2: SecurityScheme = {
    oauth2SecurityScheme: {
      flows: { clientCredentials: { tokenUrl: 'https://issuer.example/token', scopes: { call: 'Calls' } } },
      oauth2MetadataUrl: 'https://issuer.example/.well-known/openid-configuration',
    },
  };
  const openId: SecurityScheme = {
    openIdConnectSecurityScheme: {
      openIdConnectUrl: 'https://issuer.example/.well-known/openid-configuration',
    },
  };

  function readBySdk(card: unknown): Promise<SdkCard> {
    const fetchImpl = async () => Response.json(card);
    const client = new LegacyRestTransport({ endpoint: 'https://gw.example.net', fetchImpl });
    return client.getExtendedAgentCard({ tenant: '' });
  }

  it('says over HTTP what the hybrid card says elsewhere, to the SDK’s client of 0.3', async () => {
    const card = published({ securitySchemes: { gateway: oauth2, other: openId } });
    const read = await readBySdk(JSON.parse(cardJson(toHybridProtoCard(card))));
    const { supportedInterfaces: _, ...of03 } = toHybridCard(card);
    const elsewhere = parseLegacyAgentCard(of03);
    expect(read).toMatchObject({
      name: elsewhere.name,
      skills: [{ id: 'plan' }],
      securitySchemes: elsewhere.securitySchemes,
      securityRequirements: elsewhere.securityRequirements,
    });
    expect(Object.keys(elsewhere.securitySchemes)).toEqual(['gateway', 'other']);
    expect(read.securityRequirements.map(({ schemes }) => Object.keys(schemes))).toEqual([
      ['gateway'],
      ['gateway'],
    ]);
  });

  it('is read without a warning', () => {
    const parsed = parseAgentCard(JSON.parse(cardJson(toHybridProtoCard(published()))));
    expect(parsed).toMatchObject({ ok: true, value: { warnings: [] } });
  });
});
