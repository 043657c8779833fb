import { describe, expect, it } from 'vitest';
import { cites } from '../../test/support/cites.ts';
import type { AgentCard } from '../protocol/card.ts';
import { type Protocol, spokenProtocols } from '../protocol/protocols.ts';
import { planFor } from './plan.ts';

function cardOf(...protocols: string[]): AgentCard {
  const supportedInterfaces = protocols.map((name) => {
    const [protocolBinding = '', protocolVersion = ''] = name.split(' ');
    return { url: `https://agent.example/${protocolBinding}`, protocolBinding, protocolVersion };
  });
  return { supportedInterfaces } as AgentCard;
}

function planned(caller: string, ...protocols: string[]): string | undefined {
  const [protocolBinding, protocolVersion] = caller.split(' ');
  const plan = planFor({ protocolBinding, protocolVersion } as Protocol, cardOf(...protocols));
  if (plan === undefined) return undefined;
  return `${plan.protocolBinding} ${plan.protocolVersion}${plan.isTransparent ? ', untouched' : ''}`;
}

const all = spokenProtocols.map(
  ({ protocolBinding, protocolVersion }) => `${protocolBinding} ${protocolVersion}`,
);

describe('a call', () => {
  it.each(all)('of %s goes untouched to an agent that speaks it', (name) => {
    cites('A2A-5.1-transparent-first');
    expect(planned(name, ...all)).toBe(`${name}, untouched`);
  });

  it.each(all.flatMap((caller) => all.filter((agent) => agent !== caller).map((agent) => [caller, agent])))(
    'of %s is bridged to an agent of %s',
    (caller = '', agent = '') => expect(planned(caller, agent)).toBe(agent),
  );

  it('stays in its version over JSON-RPC before it changes it', () => {
    expect(planned('HTTP+JSON 0.3', 'JSONRPC 1.0', 'JSONRPC 0.3')).toBe('JSONRPC 0.3');
    expect(planned('HTTP+JSON 1.0', 'GRPC 1.0', 'JSONRPC 1.0', 'JSONRPC 0.3')).toBe('JSONRPC 1.0');
  });

  it('of 0.3 goes to 1.0 rather than to 0.3 over another binding than its own', () => {
    expect(planned('JSONRPC 0.3', 'HTTP+JSON 0.3', 'GRPC 1.0')).toBe('GRPC 1.0');
  });

  it('goes nowhere where the agent speaks nothing the gateway does', () => {
    expect(planned('JSONRPC 1.0', 'JSONRPC 2.0', 'https://example.com/own 1.0')).toBeUndefined();
  });
});
