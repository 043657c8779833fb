import { type AgentCard, canonicalizeAgentCard } from '@a2a-js/sdk';
import { describe, expect, it } from 'vitest';
import { cites } from '../../../test/support/cites.ts';
import { parseAgentCard } from '../card-parse.ts';
import { signedContents } from './signed-content.ts';

/** A card with every member the specification has, and much that says nothing. */
const full = {
  name: 'Signed',
  description: '',
  version: '1',
  supportedInterfaces: [
    { url: 'https://a.example/', protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: '', x: 1 },
  ],
  provider: { organization: 'Example', url: '' },
  documentationUrl: '',
  capabilities: {
    streaming: false,
    extensions: [{ uri: 'urn:x', description: '', required: false, params: { a: '', b: [{}], c: 1.5 } }],
  },
  securitySchemes: {
    key: { apiKeySecurityScheme: { location: 'header', name: 'k', description: '' } },
    http: { httpAuthSecurityScheme: { scheme: 'bearer', bearerFormat: '' } },
    oauth: {
      oauth2SecurityScheme: {
        flows: {
          authorizationCode: {
            ...{ authorizationUrl: 'https://i.example/a', tokenUrl: 'https://i.example/t', refreshUrl: '' },
            ...{ scopes: {}, pkceRequired: false },
          },
        },
      },
    },
    oidc: { openIdConnectSecurityScheme: { openIdConnectUrl: 'https://i.example/' } },
    mtls: { mtlsSecurityScheme: { description: '' } },
  },
  securityRequirements: [{ schemes: { key: { list: [] }, oauth: { list: ['call'] } } }],
  defaultInputModes: [],
  defaultOutputModes: ['text/plain'],
  skills: [{ id: 's', name: 'S', description: 'Says.', tags: [], examples: [], inputModes: ['text/plain'] }],
  signatures: [{ protected: 'x', signature: 'y' }],
  iconUrl: null,
  unknown: true,
};

describe('what is signed of a card', () => {
  const payloads = signedContents(full).map(({ payload }) => payload);

  it('is by A2A §8.4.1 all that the specification names, but for defaults that say nothing', () => {
    cites('A2A-8.4.1-canonical');
    const example = {
      name: 'Example Agent',
      description: '',
      capabilities: { streaming: false, pushNotifications: false, extensions: [] },
      skills: [],
    };
    expect(signedContents(example)[0]?.payload).toBe(
      '{"capabilities":{"pushNotifications":false,"streaming":false},"description":"","name":"Example Agent","skills":[]}',
    );
    expect(JSON.parse(payloads[0] ?? '')).toEqual({
      ...{ name: 'Signed', description: '', version: '1', documentationUrl: '' },
      supportedInterfaces: [
        { url: 'https://a.example/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      ],
      provider: { organization: 'Example', url: '' },
      capabilities: {
        streaming: false,
        extensions: [{ uri: 'urn:x', params: { a: '', b: [{}], c: 1.5 } }],
      },
      securitySchemes: {
        key: { apiKeySecurityScheme: { location: 'header', name: 'k' } },
        http: { httpAuthSecurityScheme: { scheme: 'bearer' } },
        oauth: {
          oauth2SecurityScheme: {
            flows: {
              authorizationCode: {
                ...{ authorizationUrl: 'https://i.example/a', tokenUrl: 'https://i.example/t', scopes: {} },
              },
            },
          },
        },
        oidc: { openIdConnectSecurityScheme: { openIdConnectUrl: 'https://i.example/' } },
        mtls: { mtlsSecurityScheme: {} },
      },
      securityRequirements: [{ schemes: { key: {}, oauth: { list: ['call'] } } }],
      ...{ defaultInputModes: [], defaultOutputModes: ['text/plain'] },
      skills: [{ id: 's', name: 'S', description: 'Says.', tags: [], inputModes: ['text/plain'] }],
    });
  });

  it('is by the official SDK what the SDK itself makes of the card', () => {
    expect(payloads[1]).toBe(canonicalizeAgentCard(full as unknown as AgentCard));
    expect(payloads[1]).not.toBe(payloads[0]);
  });

  it('is everything but the signatures where a card is signed as it is sent', () => {
    const { signatures: _, ...rest } = full;
    expect(JSON.parse(payloads[2] ?? '')).toEqual(rest);
  });

  it('is one thing where the readings agree', () => {
    expect(signedContents({ name: 'A', capabilities: { streaming: true } })).toHaveLength(1);
    expect(signedContents({ name: 'A', skills: [] })).toHaveLength(2);
  });

  it('holds no endpoint of 0.3 where a signature does not cover it', () => {
    const card = {
      ...full,
      url: 'https://a.example/old',
      preferredTransport: 'JSONRPC',
      protocolVersion: '0.3.0',
    };
    const endpoints = signedContents(card).map(({ content }) => {
      const parsed = parseAgentCard(content);
      return parsed.ok && parsed.value.card.supportedInterfaces.map(({ url }) => url);
    });
    expect(endpoints).toEqual([
      ['https://a.example/'],
      ['https://a.example/'],
      ['https://a.example/', 'https://a.example/old'],
    ]);
  });

  it('takes a value of another type as it is', () => {
    const odd = {
      name: 1,
      skills: 'none',
      securitySchemes: [''],
      capabilities: [''],
      supportedInterfaces: [null, 2],
    };
    expect(signedContents(odd)[0]?.content).toEqual(odd);
  });
});
