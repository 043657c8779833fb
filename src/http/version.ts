import { ok, type Result } from '../failure.ts';
import { negotiateVersion, type ServedVersion, servedVersions } from '../protocol/version.ts';
import { type Agent, exposedVersions } from '../registry/agent.ts';
import type { Call } from './route.ts';

const versionHeader = 'A2A-Version';

/**
 * The protocol version of a request to an agent, one in which the agent may be called.
 *
 * @param here those the endpoint has, where it has not all
 * Failures: `version_unsupported`, `parameter_invalid`.
 */
export function versionOf(
  call: Call,
  agent: Agent,
  here: readonly ServedVersion[] = servedVersions,
): Result<ServedVersion> {
  const offered = exposedVersions(agent).filter((version) => here.includes(version));
  if (call.spoken !== undefined) return translatedVersion(call, call.spoken.protocolVersion, offered);
  const [only] = offered;
  // A lenient agent takes what names no version by what it says: of one version only, by the endpoint.
  if (agent.lenientVersions === true && only !== undefined && offered.length === 1 && !namesVersion(call))
    return ok(only);
  return negotiateVersion(call.request.headers.get(versionHeader), inQuery(call), offered);
}

/**
 * What a runtime translates is of 1.0 on its way, if the version its caller speaks may be called. Saying no version is
 * saying that one, because the service that was called has it in its name.
 */
function translatedVersion(
  { request }: Call,
  spoken: ServedVersion,
  offered: readonly ServedVersion[],
): Result<ServedVersion> {
  const served = negotiateVersion(spoken, null, offered);
  if (!served.ok) return served;
  const named = request.headers.get(versionHeader)?.trim();
  const agreed = negotiateVersion(named === undefined || named === '' ? spoken : named, null, [spoken]);
  return agreed.ok ? ok('1.0') : agreed;
}

/** Whether a request may be of more than one version: it names none, and the agent is lenient. */
export function isAmbiguous(call: Call, agent: Agent): boolean {
  return agent.lenientVersions === true && exposedVersions(agent).length > 1 && !namesVersion(call);
}

function namesVersion(call: Call): boolean {
  return [call.request.headers.get(versionHeader), inQuery(call)].some((value) => value?.trim());
}

function inQuery({ query }: Call): string | null {
  return query === '' ? null : new URLSearchParams(query).get(versionHeader);
}
