import { describe, expect, it } from 'vitest';
import { cardFixture } from '../../../test/fixtures/cards/cards.ts';
import { type ParsedCard, parseAgentCard } from '../card-parse.ts';

function legacy(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    protocolVersion: '0.3.0',
    name: 'Echo',
    description: 'Says it again.',
    url: 'https://echo.example.com/a2a',
    preferredTransport: 'JSONRPC',
    version: '1.0.0',
    capabilities: {},
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [{ id: 'echo', name: 'Echo', description: 'Says it again.', tags: ['echo'] }],
    ...members,
  };
}

function accepted(input: unknown): ParsedCard {
  const result = parseAgentCard(input);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

function endpoints(input: unknown): string[] {
  return accepted(input).card.supportedInterfaces.map(
    (at) => `${at.protocolBinding} ${at.protocolVersion} ${at.url}`,
  );
}

function warnings(input: unknown): string[] {
  return accepted(input).warnings.map(({ path, code }) => `${path} ${code}`);
}

function refusal(input: unknown): unknown {
  const result = parseAgentCard(input);
  return result.ok ? undefined : result.failure;
}

describe('a card in the 0.3 layout', () => {
  it('becomes a 1.0 card without a warning', () => {
    const { card, generation, warnings } = accepted(cardFixture('v0_3'));
    expect({ generation, warnings }).toEqual({ generation: '0.3', warnings: [] });
    expect(card.capabilities).toEqual({ streaming: true, pushNotifications: true, extendedAgentCard: true });
    expect(card.supportedInterfaces).toEqual([
      { url: 'https://trips.example.com/a2a', protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
      { url: 'https://trips.example.com/rest', protocolBinding: 'HTTP+JSON', protocolVersion: '0.3' },
      { url: 'trips.example.com:50051', protocolBinding: 'GRPC', protocolVersion: '0.3' },
    ]);
    expect(card).not.toHaveProperty('url');
  });

  it('speaks JSON-RPC when it names no transport', () => {
    expect(endpoints(legacy({ preferredTransport: undefined }))).toEqual([
      'JSONRPC 0.3 https://echo.example.com/a2a',
    ]);
    expect(warnings(legacy({ preferredTransport: undefined }))).toEqual([]);
  });

  const versions: [string, unknown, string, string[]][] = [
    ['no version', undefined, '0.3', ['/protocolVersion version_missing']],
    ['0.2.5', '0.2.5', '0.3', ['/protocolVersion version_old']],
    ['0.3', '0.3', '0.3', []],
    ['a number', 0.3, '0.3', ['/protocolVersion version_respelled']],
    ['1.0', '1.0', '1.0', ['/protocolVersion version_layout']],
    ['1.0.0', '1.0.0', '1.0', ['/protocolVersion version_layout', '/protocolVersion version_respelled']],
  ];
  it.each(versions)(
    'with %s is read as the version it can speak',
    (_, protocolVersion, version, expected) => {
      const input = legacy({ protocolVersion });
      expect(endpoints(input)).toEqual([`JSONRPC ${version} https://echo.example.com/a2a`]);
      expect(warnings(input)).toEqual(expected);
    },
  );

  it('loses additional interfaces of foreign transports', () => {
    const socket = { url: 'wss://echo.example.com/ws', transport: 'WEBSOCKET' };
    expect(warnings(legacy({ additionalInterfaces: [socket] }))).toEqual([
      '/additionalInterfaces/0 interface_dropped',
    ]);
  });

  it.each([
    ['a url that is relative', { url: '/a2a' }, '/url'],
    ['a url with credentials', { url: 'https://a:b@echo.example.com' }, '/url'],
    ['a foreign transport alone', { preferredTransport: 'stdio' }, '/preferredTransport'],
    ['a version that is none', { protocolVersion: 'latest' }, '/protocolVersion'],
    [
      'a bad additional url',
      { additionalInterfaces: [{ url: 'x', transport: 'JSONRPC' }] },
      '/additionalInterfaces/0/url',
    ],
    [
      'more interfaces than allowed, the main one included',
      {
        additionalInterfaces: Array.from({ length: 64 }, (_, index) => ({
          url: `https://echo.example.com/${index}`,
          transport: 'JSONRPC',
        })),
      },
      '/preferredTransport',
    ],
  ])('is refused for %s', (_, members, path) => {
    expect(refusal(legacy(members))).toMatchObject({ code: 'card_invalid', path });
  });

  it('is recognised by its skills when it names neither version nor transport', () => {
    const bare = legacy({ protocolVersion: undefined, preferredTransport: undefined });
    expect(accepted(bare).generation).toBe('0.3');
    expect(refusal({ ...bare, skills: undefined })).toMatchObject({ path: '/supportedInterfaces' });
  });
});

describe('a card in both layouts', () => {
  it('is a 1.0 card with the 0.3 endpoints it does not name appended', () => {
    const { generation, warnings } = accepted(cardFixture('hybrid'));
    expect({ generation, warnings }).toEqual({ generation: '1.0', warnings: [] });
    expect(endpoints(cardFixture('hybrid'))).toEqual([
      'JSONRPC 1.0 https://glossary.example.com/rpc',
      'JSONRPC 0.3 https://glossary.example.com/legacy',
      'HTTP+JSON 0.3 https://glossary.example.com/legacy/rest',
    ]);
  });

  const supportedInterfaces = [
    { url: 'https://echo.example.com/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
    { url: 'https://echo.example.com/a2a', protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
  ];

  it('names no endpoint twice', () => {
    expect(endpoints(legacy({ supportedInterfaces }))).toHaveLength(2);
  });

  it.each([
    ['it declares no 0.x version', { protocolVersion: undefined, url: 'https://www.example.com/' }],
    ['its url cannot be used', { url: 'BASE_URL/a2a' }],
    ['its url has credentials', { url: 'https://a:b@echo.example.com' }],
  ])('loses its 0.3 endpoint, not the card, when %s', (_, members) => {
    const input = legacy({ supportedInterfaces, ...members });
    expect(endpoints(input)).toHaveLength(2);
    expect(warnings(input)).toEqual(['/url endpoint_dropped']);
  });
});
