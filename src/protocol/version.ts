import { fail, ok, type Result } from '../failure.ts';

/** Protocol versions served on the A2A routes, the latest first. */
export const servedVersions = ['1.0', '0.3'] as const;
export type ServedVersion = (typeof servedVersions)[number];

/** What a request without a version means (A2A §3.6.2). */
const versionWhenMissing = '0.3';

/**
 * The version a request asks for, by header or by query parameter `A2A-Version` (§3.6.1). Patch digits are not
 * considered (§3.6). Both given and in conflict is refused: which one counts is undefined.
 *
 * @param offered what may be asked for, here and of this agent
 * Failures: `parameter_invalid`, `version_unsupported`.
 */
export function negotiateVersion(
  header: string | null,
  query: string | null,
  offered: readonly ServedVersion[],
): Result<ServedVersion> {
  const asked = [header, query].filter((value) => value !== null && value.trim() !== '').map(majorMinor);
  const [requested = versionWhenMissing] = asked;
  if (asked.some((version) => version !== requested))
    return fail({ code: 'parameter_invalid', parameter: 'A2A-Version', problem: 'conflict' });
  const served = offered.find((version) => version === requested);
  if (served !== undefined) return ok(served);
  return fail({
    code: 'version_unsupported',
    requested: requested.slice(0, 32),
    supported: offered.join(', '),
  });
}

function majorMinor(value: string | null): string {
  const text = (value ?? '').trim();
  const match = /^(\d{1,4})\.(\d{1,4})(?:\.\d{1,6})?$/.exec(text);
  return match === null ? text : `${match[1]}.${match[2]}`;
}
