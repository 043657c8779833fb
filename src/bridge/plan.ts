import type { AgentCard, AgentInterface } from '../protocol/card.ts';
import { offers } from '../protocol/card-publish.ts';
import type { Binding, Protocol } from '../protocol/protocols.ts';
import type { ServedVersion } from '../protocol/version.ts';

/** How a call goes to its agent: untouched, where the agent speaks as the caller does, or bridged. */
export interface Plan extends Protocol {
  to: AgentInterface;
  isTransparent: boolean;
}

/** What the gateway can speak with an agent, the soundest first: 0.3 over JSON-RPC alone maps to 1.0 without a seam. */
export const spokenProtocols: readonly Protocol[] = [
  protocol('JSONRPC', '1.0'),
  protocol('HTTP+JSON', '1.0'),
  protocol('GRPC', '1.0'),
  protocol('JSONRPC', '0.3'),
  protocol('HTTP+JSON', '0.3'),
  protocol('GRPC', '0.3'),
];

function protocol(protocolBinding: Binding, protocolVersion: ServedVersion): Protocol {
  return { protocolBinding, protocolVersion };
}

/**
 * Chooses which of an agent's interfaces a caller's call goes to: the caller's own protocol, then its version over
 * JSON-RPC, then the soundest the agent has. Undefined for an agent that speaks nothing the gateway does.
 */
export function planFor(caller: Protocol, card: AgentCard): Plan | undefined {
  for (const choice of [caller, protocol('JSONRPC', caller.protocolVersion), ...spokenProtocols]) {
    const to = offers(card, choice);
    if (to !== undefined) return { ...choice, to, isTransparent: choice === caller };
  }
  return undefined;
}
