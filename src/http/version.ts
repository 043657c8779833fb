import { unwrap } from '../failure.ts';
import { negotiateVersion, type ServedVersion } from '../protocol/version.ts';
import type { Call } from './route.ts';

/** The protocol version of an A2A request. @throws GatewayError `version_unsupported`, `parameter_invalid` */
export function versionOf({ request, query }: Call): ServedVersion {
  const inQuery = query === '' ? null : new URLSearchParams(query).get('A2A-Version');
  return unwrap(negotiateVersion(request.headers.get('a2a-version'), inQuery));
}
