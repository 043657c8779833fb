import { describe, expect, it } from 'vitest';
import type { Upstream } from '../ports.ts';
import type { AgentCard, AgentInterface } from '../protocol/card.ts';
import { checkInterfaces, isNothingServed, isServable, nothingServedReason } from './card-check.ts';

const origin = 'https://agent.example';

/** Judges texts as the real one does, as far as these tests go; it is asked to send nothing. */
const upstream: Upstream = {
  send: () => Promise.reject(new TypeError('nothing is sent')),
  refusal: (url) => (url.protocol === 'https:' ? undefined : 'scheme'),
  check: () => Promise.reject(new TypeError('no name is asked for')),
};

function cardWith(
  ...interfaces: [url: string, protocolBinding: string, protocolVersion: string][]
): AgentCard {
  const supportedInterfaces: AgentInterface[] = interfaces.map(([url, protocolBinding, protocolVersion]) => {
    return { url, protocolBinding, protocolVersion };
  });
  return {
    ...{ name: 'A', description: 'A', version: '1', capabilities: {}, skills: [] },
    ...{ defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'] },
    supportedInterfaces,
  };
}

function check(card: AgentCard, generation: '1.0' | '0.3' = '1.0', at = [origin]) {
  return checkInterfaces({ card, generation }, at, upstream);
}

describe('the interfaces of a card', () => {
  it('pass on the origin of the backend, and for gRPC on its host', () => {
    const card = cardWith(
      [`${origin}/rpc`, 'JSONRPC', '1.0'],
      ['agent.example:50051', 'GRPC', '1.0'],
      [`${origin}/old`, 'JSONRPC', '0.3'],
    );
    expect(check(card)).toEqual({ ok: true, value: { card, warnings: [] } });
  });

  it.each([
    ['https://other.example/rpc', 'JSONRPC'],
    ['https://agent.example:8443/rpc', 'JSONRPC'],
    ['http://agent.example/rpc', 'HTTP+JSON'],
    ['other.example:50051', 'GRPC'],
    ['https://other.example:50051', 'GRPC'],
    ['http://agent.example:50051', 'GRPC'],
    ['https://agent.example.evil.example/rpc', 'JSONRPC'],
  ])('refuse the card where one leaves it: %s', (url, binding) => {
    const refused = check(cardWith([`${origin}/rpc`, 'JSONRPC', '1.0'], [url, binding, '1.0']));
    expect(refused).toMatchObject({ failure: { code: 'card_invalid', path: '/supportedInterfaces/1/url' } });
  });

  it('are refused on the origin too where the gateway may not call it', () => {
    const refused = check(cardWith(['http://agent.example/rpc', 'JSONRPC', '1.0']), '1.0', [
      'http://agent.example',
    ]);
    expect(refused).toMatchObject({ failure: { code: 'card_invalid', problem: 'refused: scheme' } });
  });

  it('have gRPC on the host of any origin, at a port the gateway may call at all of them', () => {
    const card = cardWith(['https://b.example:50051', 'GRPC', '1.0'], ['a.example:443', 'GRPC', '0.3']);
    const origins = ['https://a.example', 'https://b.example:8443'];
    const asked: string[] = [];
    const watching: Upstream = {
      ...upstream,
      refusal(url) {
        asked.push(url.origin);
        return undefined;
      },
    };
    expect(checkInterfaces({ card, generation: '1.0' }, origins, watching).ok).toBe(true);
    expect(asked).toEqual([
      'https://a.example:50051',
      'https://b.example:50051',
      'https://a.example',
      'https://b.example',
    ]);
    const refusing = { ...upstream, refusal: () => 'port' };
    expect(checkInterfaces({ card, generation: '1.0' }, origins, refusing)).toMatchObject({
      failure: { code: 'card_invalid', problem: 'refused: port' },
    });
  });

  it('lose an older endpoint elsewhere, with a warning', () => {
    const kept = cardWith([`${origin}/rpc`, 'JSONRPC', '1.0']);
    const card = cardWith([`${origin}/rpc`, 'JSONRPC', '1.0'], ['https://old.example/', 'JSONRPC', '0.3']);
    const checked = check(card);
    expect(checked).toMatchObject({ ok: true, value: { card: kept } });
    expect(checked.ok && checked.value.warnings).toHaveLength(1);
  });

  it('are named as the 0.3 layout names them', () => {
    const elsewhere = ['https://other.example/', 'JSONRPC', '0.3'] as const;
    const first = check(cardWith([...elsewhere]), '0.3');
    expect(first).toMatchObject({ failure: { code: 'card_invalid', path: '/url' } });
    const second = check(cardWith([`${origin}/`, 'JSONRPC', '0.3'], [...elsewhere]), '0.3');
    expect(second).toMatchObject({ failure: { code: 'card_invalid', path: '/additionalInterfaces' } });
  });
});

it('a card is servable by one interface of a served binding and version', () => {
  expect(isServable(cardWith([`${origin}/`, 'HTTP+JSON', '1.0']))).toBe(true);
  expect(isServable(cardWith([`${origin}/`, 'JSONRPC', '0.3']))).toBe(true);
  expect(isServable(cardWith(['agent.example:50051', 'GRPC', '1.0']))).toBe(true);
  expect(isServable(cardWith([`${origin}/`, 'JSONRPC', '2.0'], [`${origin}/`, 'urn:x', '1.0']))).toBe(false);
});

it('an agent of which nothing is served is known by its reason, however much was served when it was given', () => {
  const earlier = 'the card offers no interface the gateway serves: JSONRPC 1.0 or HTTP+JSON 1.0';
  expect([nothingServedReason, earlier].map(isNothingServed)).toEqual([true, true]);
  expect([undefined, '', 'under repair'].map(isNothingServed)).toEqual([false, false, false]);
});
