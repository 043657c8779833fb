import type { AgentInterface } from '../protocol/card.ts';
import type { RestRoute } from '../protocol/operations.ts';
import { restPath } from '../protocol/rest.ts';

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
