import { describe, expect, it } from 'vitest';
import type { AgentInterface } from '../protocol/card.ts';
import { cardRisks } from './card-risk.ts';
import type { FetchedCard } from './fetched-card.ts';

function at(url: string, members: Partial<AgentInterface> = {}): AgentInterface {
  return { url, protocolBinding: 'JSONRPC', protocolVersion: '1.0', ...members };
}

function fetched(supportedInterfaces: AgentInterface[], members: Partial<FetchedCard> = {}): FetchedCard {
  return {
    card: {
      ...{ name: 'Agent', description: '', version: '1', supportedInterfaces, capabilities: {} },
      ...{ defaultInputModes: [], defaultOutputModes: [], skills: [] },
    },
    ...{ cardWarnings: [], cardFetchedAtMs: 0 },
    ...members,
  };
}

const served = [at('https://a.example/rpc'), at('a.example:50051', { protocolBinding: 'GRPC' })];

describe('an interface', () => {
  it.each<[what: string, entry: AgentInterface, kinds: string[]]>([
    ['at another path', at('https://a.example/v2?x=1'), []],
    ['of another binding', at('https://a.example/rpc', { protocolBinding: 'HTTP+JSON' }), []],
    ['whose host is spelled otherwise', at('https://A.example:443/rpc'), []],
    ['of gRPC at the same port', at('A.EXAMPLE:50051', { protocolBinding: 'GRPC' }), []],
    ['at another host', at('https://b.example/rpc'), ['interface_host']],
    ['at a host below', at('https://x.a.example/rpc'), ['interface_host']],
    ['of gRPC at another host', at('b.example:50051', { protocolBinding: 'GRPC' }), ['interface_host']],
    ['at another port', at('https://a.example:8443/rpc'), ['origin']],
    ['of gRPC at another port', at('a.example:50052', { protocolBinding: 'GRPC' }), ['origin']],
    ['without TLS', at('http://a.example/rpc'), ['origin']],
    ['of another tenant', at('https://a.example/rpc', { tenant: 'blue' }), ['tenant']],
    [
      'of another tenant at another host',
      at('https://b.example/', { tenant: 'b' }),
      ['interface_host', 'tenant'],
    ],
  ])('%s', (_, entry, kinds) => {
    const risks = cardRisks(fetched(served), fetched([...served, entry]));
    expect(risks.map(({ kind }) => kind)).toEqual(kinds);
    for (const { path } of risks) expect(path).toMatch(/^\/supportedInterfaces\/2\//);
  });

  it('that is gone is no risk', () => {
    expect(cardRisks(fetched(served), fetched(served.slice(1)))).toEqual([]);
  });
});

describe('declared security', () => {
  const scheme = { key: { apiKeySecurityScheme: { location: 'header', name: 'x' } } };
  const risksOf = (before: FetchedCard['declaredSecurity'], after: FetchedCard['declaredSecurity']) => {
    const [one, other] = [before, after].map((declared) =>
      fetched(served, declared === undefined ? {} : { declaredSecurity: declared }),
    );
    return cardRisks(one ?? fetched([]), other ?? fetched([])).map(({ kind, path }) => `${kind} ${path}`);
  };

  it('that comes, goes or changes is a risk', () => {
    expect(risksOf({}, { securitySchemes: scheme })).toEqual(['security /securitySchemes']);
    expect(risksOf({ securitySchemes: scheme }, {})).toEqual(['security /securitySchemes']);
    expect(risksOf({ security: [{ key: [] }] }, { security: [{ key: ['x'] }] })).toEqual([
      'security /security',
    ]);
  });

  it('is the same in any order of its members', () => {
    const name = { apiKeySecurityScheme: { name: 'x', location: 'header' } };
    expect(risksOf({ securitySchemes: scheme }, { securitySchemes: { key: name } })).toEqual([]);
  });

  it('that nobody noted of the card before is none', () => {
    expect(risksOf(undefined, { securitySchemes: scheme })).toEqual([]);
  });
});

describe('a signature', () => {
  const lost = (before: FetchedCard, after: FetchedCard) => cardRisks(before, after).map(({ kind }) => kind);
  const verified = fetched(served, { cardTrust: { verdict: 'verified', kid: 'k' } });

  it('that somebody trusted made is lost with the card that has none', () => {
    for (const verdict of ['unsigned', 'untrusted', 'unchecked'] as const)
      expect(lost(verified, fetched(served, { cardTrust: { verdict } }))).toEqual(['signature_lost']);
    expect(lost(verified, fetched(served))).toEqual(['signature_lost']);
  });

  it('by another trusted key is none lost, nor is one that was none', () => {
    expect(lost(verified, fetched(served, { cardTrust: { verdict: 'verified', kid: 'other' } }))).toEqual([]);
    expect(lost(fetched(served), fetched(served, { cardTrust: { verdict: 'unsigned' } }))).toEqual([]);
  });
});

it('the place where the card comes from is compared where it was noted', () => {
  const from = (cardOrigin: string) => fetched(served, { cardOrigin });
  expect(cardRisks(from('https://a.example'), from('https://b.example'))).toMatchObject([
    { kind: 'origin', path: '' },
  ]);
  expect(cardRisks(from('https://a.example'), from('https://a.example'))).toEqual([]);
  expect(cardRisks(fetched(served), from('https://b.example'))).toEqual([]);
});
