import { ok, type Result } from '../failure.ts';
import { offers } from '../protocol/card-publish.ts';
import { negotiateVersion, type ServedVersion, servedVersions } from '../protocol/version.ts';
import type { Binding } from '../proxy/headers.ts';
import type { Agent } from '../registry/agent.ts';
import { servedProtocols } from '../registry/card-check.ts';
import type { Call } from './route.ts';

/** Of what a runtime translates another binding into. */
const translatedVersion: ServedVersion = '1.0';

/**
 * The protocol version of a request to an agent, one that is served of it in this binding. Where nothing is, one served
 * of it at all: that the binding is not offered is then for the target to say.
 * A translated request is of 1.0, if the version its caller speaks is served.
 * Failures: `version_unsupported`, `parameter_invalid`.
 */
export function versionOf(
  { request, query, spoken }: Call,
  { card }: Agent,
  binding: Binding,
): Result<ServedVersion> {
  const inQuery = query === '' ? null : new URLSearchParams(query).get('A2A-Version');
  const served = servedProtocols.filter((protocol) => offers(card, protocol) !== undefined);
  const here = served.filter(
    ({ protocolBinding }) => protocolBinding === (spoken?.protocolBinding ?? binding),
  );
  const offered = here.length === 0 ? served : here;
  const versions = servedVersions.filter((version) =>
    offered.some(({ protocolVersion }) => protocolVersion === version),
  );
  const inHeader = request.headers.get('a2a-version');
  if (spoken === undefined) return negotiateVersion(inHeader, inQuery, versions);
  const { protocolVersion } = spoken;
  const isOffered = versions.filter((version) => version === protocolVersion);
  const agreed = negotiateVersion(
    inHeader === null || inHeader === '' ? protocolVersion : inHeader,
    null,
    isOffered,
  );
  return agreed.ok ? ok(translatedVersion) : agreed;
}
