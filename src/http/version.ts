import type { Result } from '../failure.ts';
import { offers } from '../protocol/card-publish.ts';
import { negotiateVersion, type ServedVersion, servedVersions } from '../protocol/version.ts';
import type { Binding } from '../proxy/headers.ts';
import type { Agent } from '../registry/agent.ts';
import { servedProtocols } from '../registry/card-check.ts';
import type { Call } from './route.ts';

/**
 * The protocol version of a request to an agent, one that is served of it in this binding. Where nothing is, one served
 * of it at all: that the binding is not offered is then for the target to say.
 * Failures: `version_unsupported`, `parameter_invalid`.
 */
export function versionOf(
  { request, query }: Call,
  { card }: Agent,
  binding: Binding,
): Result<ServedVersion> {
  const inQuery = query === '' ? null : new URLSearchParams(query).get('A2A-Version');
  const served = servedProtocols.filter((protocol) => offers(card, protocol) !== undefined);
  const here = served.filter(({ protocolBinding }) => protocolBinding === binding);
  const offered = here.length === 0 ? served : here;
  return negotiateVersion(
    request.headers.get('a2a-version'),
    inQuery,
    servedVersions.filter((version) => offered.some(({ protocolVersion }) => protocolVersion === version)),
  );
}
