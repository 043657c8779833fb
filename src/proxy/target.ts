import { GatewayError } from '../failure.ts';
import type { AgentInterface } from '../protocol/card.ts';
import { offers } from '../protocol/card-publish.ts';
import type { RestRoute } from '../protocol/operations.ts';
import { restPath } from '../protocol/rest.ts';
import type { Agent } from '../registry/agent.ts';
import type { Binding } from './headers.ts';

/**
 * The agent's own interface for a binding and version: the transparent plane needs the same on both sides.
 * @throws GatewayError `operation_unsupported` where the agent has none
 */
export function interfaceOf(agent: Agent, binding: Binding, version: string): AgentInterface {
  const found = offers(agent.card, { protocolBinding: binding, protocolVersion: version });
  if (found === undefined) {
    throw new GatewayError({ code: 'operation_unsupported', capability: `${binding} ${version}` });
  }
  return found;
}

/** Where an HTTP+JSON operation goes: the interface, its tenant as first segment (A2A §11.3), the path made anew. */
export function restUrl(
  to: AgentInterface,
  route: RestRoute,
  bindings: Readonly<Record<string, string>>,
  query: string,
): URL {
  const base = to.url.replace(/\/+$/, '');
  const tenant = to.tenant === undefined ? '' : `/${encodeURIComponent(to.tenant)}`;
  return new URL(`${base}${tenant}${restPath(route, bindings)}${query}`);
}
