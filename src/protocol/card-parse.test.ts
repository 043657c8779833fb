import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryCard,
  cardFixture,
  cardWithExtension,
  cardWithInterface,
  minimalCard,
} from '../../test/fixtures/cards/cards.ts';
import { cites } from '../../test/support/cites.ts';
import { type ParsedCard, parseAgentCard } from './card-parse.ts';

function accepted(input: unknown): ParsedCard {
  const result = parseAgentCard(input);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

function refusal(input: unknown): string {
  const result = parseAgentCard(input);
  if (result.ok || result.failure.code !== 'card_invalid') throw new Error('not refused');
  return `${result.failure.path} ${result.failure.problem}`;
}

describe('parseAgentCard on well-formed cards', () => {
  it('reads a 1.0 card without a warning and keeps what the gateway needs', () => {
    const { card, generation, warnings } = accepted(cardFixture('v1'));
    expect({ generation, warnings }).toEqual({ generation: '1.0', warnings: [] });
    expect(card.supportedInterfaces.map(({ tenant }) => tenant)).toEqual([
      'eu-central',
      'eu-central',
      undefined,
    ]);
    expect(card.capabilities.extensions?.[0]?.params).toEqual({ currencies: ['EUR', 'CHF'], decimals: 2 });
  });

  it('drops security and signatures without a warning', () => {
    cites('A2A-8.4-no-stale-signature');
    const { card } = accepted(cardFixture('v1'));
    expect(Object.keys(card)).not.toEqual(expect.arrayContaining(['securitySchemes']));
    expect(card).not.toHaveProperty('signatures');
    expect(card.skills[1]).not.toHaveProperty('securityRequirements');
  });

  it('treats null and empty optional values as absent', () => {
    const { card, warnings } = accepted(
      minimalCard({ iconUrl: null, documentationUrl: '', provider: null, signature: null }),
    );
    expect({ card, warnings }).toEqual({ card: minimalCard(), warnings: [] });
  });

  it('keeps a GRPC target and a custom binding as they are', () => {
    const supportedInterfaces = [
      { url: 'grpc.example.com:443', protocolBinding: 'GRPC', protocolVersion: '1.0' },
      {
        url: 'https://echo.example.com/x',
        protocolBinding: 'https://bindings.example.org/x',
        protocolVersion: '1.0',
      },
    ];
    expect(accepted(minimalCard({ supportedInterfaces })).card.supportedInterfaces).toEqual(
      supportedInterfaces,
    );
  });
});

describe('parseAgentCard on hostile cards', () => {
  it('removes what would deceive a person or drive a terminal from names and texts', () => {
    const input = minimalCard({
      name: 'Bank\u202E\u200B of Y',
      description: 'Red \u001B[31m\u{E0041}text\r\nmore',
    });
    const { card, warnings } = accepted(input);
    expect([card.name, card.description]).toEqual(['Bank of Y', 'Red [31mtext\nmore']);
    expect(warnings).toEqual([
      { path: '/name', code: 'text_cleaned' },
      { path: '/description', code: 'text_cleaned' },
    ]);
  });

  it('keeps joiners that scripts need and makes lone surrogates encodable', () => {
    const { card } = accepted(minimalCard({ name: 'می\u200Cخواهم 👩\u200D🔧', description: 'half \uD83D' }));
    expect([card.name, card.description]).toEqual(['می\u200Cخواهم 👩\u200D🔧', 'half \uFFFD']);
  });

  it('never sets a prototype', () => {
    const params = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    const { card } = accepted(cardWithExtension({ params }));
    const copy = card.capabilities.extensions?.[0]?.params ?? {};
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(Object.keys(copy)).toEqual(['constructor']);
    expect({}).not.toHaveProperty('polluted');
  });

  it('never calls a method of the card', () => {
    const hostile = { toString: 1, valueOf: 1, toJSON: 1, length: 1 };
    for (const name of Object.keys(
      minimalCard({ protocolVersion: '1.0', url: '', iconUrl: '', provider: '' }),
    )) {
      expect(() => parseAgentCard(minimalCard({ [name]: hostile }))).not.toThrow();
      expect(() => parseAgentCard(minimalCard({ [name]: [hostile] }))).not.toThrow();
    }
    expect(refusal(cardWithInterface({ protocolVersion: hostile }))).toBe(
      '/supportedInterfaces/0/protocolVersion must be Major.Minor',
    );
  });

  it('reads own members only', () => {
    expect(refusal(Object.create(minimalCard()))).toBe('/supportedInterfaces required');
  });

  it('refuses nesting without end', () => {
    const params: Record<string, unknown> = {};
    params.inner = params;
    expect(refusal(cardWithExtension({ params }))).toContain('must not nest deeper than 16');
  });

  it('reads a card at every limit at once', () => {
    const skill = {
      id: 'x',
      name: 'x',
      description: 'x',
      tags: Array(200).fill('x'),
      examples: Array(100).fill('x'),
    };
    expect(accepted(minimalCard({ skills: Array(1000).fill(skill) })).card.skills).toHaveLength(1000);
  });
});

describe('parseAgentCard as a law', () => {
  it('never throws, and refuses with a JSON Pointer or gives what reads again as itself', () => {
    fc.assert(
      fc.property(fc.oneof(arbitraryCard, fc.jsonValue()), (input) => {
        const result = parseAgentCard(input);
        if (!result.ok) {
          expect(result.failure).toMatchObject({
            code: 'card_invalid',
            path: expect.stringMatching(/^(?:\/|$)/),
          });
          return;
        }
        expect(parseAgentCard(result.value.card)).toMatchObject({ ok: true, value: { warnings: [] } });
        expect(accepted(result.value.card).card).toEqual(result.value.card);
        expect(JSON.parse(JSON.stringify(result.value.card))).toEqual(result.value.card);
      }),
      { numRuns: 1000 },
    );
  });
});
