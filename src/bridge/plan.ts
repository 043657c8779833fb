import type { AgentCard, AgentInterface } from '../protocol/card.ts';
import { offers } from '../protocol/card-publish.ts';
import { type Protocol, spokenProtocols } from '../protocol/protocols.ts';

/** How a call goes to its agent: untouched, where the agent speaks as the caller does, or bridged. */
export interface Plan extends Protocol {
  to: AgentInterface;
  isTransparent: boolean;
}

/**
 * Chooses which of an agent's interfaces a caller's call goes to: the caller's own protocol, then its version over
 * JSON-RPC, then the soundest the agent has. Undefined for an agent that speaks nothing the gateway does.
 */
export function planFor(caller: Protocol, card: AgentCard): Plan | undefined {
  const { protocolBinding, protocolVersion } = caller;
  const own = offers(card, caller);
  // The usual case without a list.
  if (own !== undefined) return { protocolBinding, protocolVersion, to: own, isTransparent: true };
  const overJsonRpc: Protocol = { protocolBinding: 'JSONRPC', protocolVersion };
  for (const choice of [overJsonRpc, ...spokenProtocols]) {
    const to = offers(card, choice);
    if (to !== undefined) return { ...choice, to, isTransparent: false };
  }
  return undefined;
}
